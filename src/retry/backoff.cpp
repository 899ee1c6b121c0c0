#include "retry/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace upsun::retry {

std::chrono::nanoseconds backoff(const retry_options& options, verdict why, unsigned retry,
                                 double dice,
                                 std::optional<std::chrono::seconds> retry_after) noexcept {
  using std::chrono::nanoseconds;
  const nanoseconds base = why == verdict::retry_throttled ? options.throttled_base : options.base;
  const double grown =
      std::ldexp(static_cast<double>(base.count()),
                 static_cast<int>(std::min(retry, 64U)));  // in floating point it cannot overflow
  const double longest =
      std::min(grown, static_cast<double>(nanoseconds(options.max_delay).count()));
  const nanoseconds delay(static_cast<nanoseconds::rep>(dice * longest));
  if (!retry_after) return delay;
  return std::clamp(bounded(*retry_after), delay, delay + longest_retry_after);
}

}  // namespace upsun::retry
