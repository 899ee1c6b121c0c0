#pragma once

#include <chrono>
#include <ctime>

namespace upsun::util {

/// The clock for ages: of what others may have forgotten, or ended, meanwhile. Like `steady_clock`,
/// but it does not stand still while the system is suspended, where there is such a clock.
struct age_clock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<age_clock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() noexcept {
#if defined(CLOCK_BOOTTIME)
    std::timespec read{};
    if (::clock_gettime(CLOCK_BOOTTIME, &read) == 0)
      return time_point(std::chrono::seconds(read.tv_sec) + std::chrono::nanoseconds(read.tv_nsec));
#endif
    return time_point(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace upsun::util
