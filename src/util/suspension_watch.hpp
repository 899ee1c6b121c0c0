#pragma once

#include <chrono>
#include <utility>

#include "util/age_clock.hpp"

namespace upsun::util {

/// Notices that the system was suspended: then `age_clock` has gone on, and `steady_clock` has not.
/// For who counts by the one, as timers do, and judges ages. The clocks are arguments, for tests.
class suspension_watch {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::steady_clock::duration;

  explicit suspension_watch(age_clock::time_point (*age)() noexcept = age_clock::now,
                            time_point (*steady)() noexcept = std::chrono::steady_clock::now)
      : age_(age), steady_(steady), known_(ahead()) {}

  /// For how long, since the last time that this said so; zero for less than a second, which is
  /// said later. \param now has just been read.
  [[nodiscard]] duration since_last_time(time_point now) noexcept {
    if (age_().time_since_epoch() - now.time_since_epoch() < known_ + least) return {};
    // It looks the same when the thread has not run since `now`.
    const duration found = ahead();
    if (found < known_ + least) return {};
    return found - std::exchange(known_, found);
  }

 private:
  static constexpr std::chrono::seconds least{1};

  /// In this order: a thread that does not run in between finds less, never more.
  [[nodiscard]] duration ahead() const noexcept {
    const auto age = age_().time_since_epoch();
    return age - steady_().time_since_epoch();
  }

  age_clock::time_point (*const age_)() noexcept;
  time_point (*const steady_)() noexcept;
  duration known_;
};

}  // namespace upsun::util
