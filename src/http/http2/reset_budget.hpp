#pragma once

#include <algorithm>
#include <chrono>

#include "http/net/clock.hpp"

namespace upsun::http {

/// How many streams of a connection may be reset: so many at once, and so many a second in the long
/// run. Servers take more for an attack (CVE-2023-44487) and close the connection: nghttp2 allows
/// 1,000 and 33 a second, ASP.NET Core 200 in five seconds.
class reset_budget {
 public:
  static constexpr double burst = 100;
  static constexpr double per_second = 20;

  /// Whether one more may be sent now; then it counts.
  [[nodiscard]] bool take(time_point now) noexcept {
    const std::chrono::duration<double> since = now - last_;
    last_ = now;
    left_ = std::min(left_ + std::max(since.count(), 0.0) * per_second, burst);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  double left_ = burst;
  time_point last_{};
};

}  // namespace upsun::http
