#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <upsun/error.hpp>

namespace upsun::operations {

/// How fast a walk goes: by its window, and slower where the API limits the rate. What was refused
/// by that limit is asked for again after a pause, with half as many under way; each success allows
/// one more. No clock.
class walk_pace {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// \param window at least 1
  explicit walk_pace(std::size_t window) noexcept : window_(window), limit_(window) {}

  /// How many fetches may be under way now.
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  /// Whether nothing may be begun now.
  [[nodiscard]] bool pauses(time_point now) noexcept {
    if (now >= paused_until_) paused_until_ = time_point::max();
    return paused_until_ != time_point::max();
  }
  /// When the pause ends; `time_point::max()` without one.
  [[nodiscard]] time_point wake() const noexcept { return paused_until_; }

  void succeeded() noexcept { limit_ = std::min(window_, limit_ + 1); }
  /// A fetch has failed. \param tries of the same before; counted here \return whether it is to be
  /// made again
  [[nodiscard]] bool throttles(const error& why, unsigned& tries, time_point now) {
    using namespace std::chrono_literals;
    if (why != errc::rate_limited || ++tries > most_tries) return false;
    std::chrono::milliseconds pause = 1s * (1U << std::min(tries - 1, 5U));
    if (const auto asked = why.details().retry_after)
      pause = std::max(pause, std::min<std::chrono::milliseconds>(*asked, 1h));
    const time_point until = now + pause;
    paused_until_ = pauses(now) ? std::max(paused_until_, until) : until;
    limit_ = std::max<std::size_t>(1, limit_ / 2);
    return true;
  }

  static constexpr unsigned most_tries = 8;

 private:
  const std::size_t window_;
  std::size_t limit_;
  time_point paused_until_ = time_point::max();
};

}  // namespace upsun::operations
