#include "retry/retry_core.hpp"

#include <algorithm>
#include <utility>

#include "retry/backoff.hpp"

namespace upsun::retry {

decision retry_core::decide(const attempt_outcome& outcome,
                            std::optional<std::chrono::seconds> retry_after, call_state& call,
                            const retry_options& options, time_point now, time_point deadline,
                            double dice) noexcept {
  const verdict why = judge(outcome);
  if (why == verdict::final_answer) return {};
  decision decided{.throttled = why == verdict::retry_throttled};
  if (!decided.throttled) retry_after.reset();
  decided.delay = backoff(options, why, call.retries, dice, retry_after);
  if (retry_after) pause_host(now, std::min(bounded(*retry_after), decided.delay));
  decided.delay = std::max(decided.delay, pause(now, dice));
  if (call.retries + 1 >= options.max_attempts) return decided;
  if (decided.delay >= deadline - now) {
    decided.refusal = "another attempt would not fit the deadline";
    decided.out_of_time = true;
    return decided;
  }
  const unsigned cost = decided.throttled ? client_.throttled_cost : client_.cost;
  if (!budget_.take(cost)) {
    decided.refusal = "the client's retry budget is used up";
    decided.out_of_budget = true;
    return decided;
  }
  call.spent += cost;
  ++call.retries;
  decided.again = true;
  return decided;
}

void retry_core::succeeded(call_state& call) noexcept {
  budget_.give(call.retries == 0 ? 1 : std::exchange(call.spent, 0));
}

void retry_core::pause_host(time_point now, duration asked) noexcept {
  paused_until_ = std::max(
      paused_until_, now + std::min<duration>(asked, client_.max_delay + longest_retry_after));
}

duration retry_core::pause(time_point now, double dice, duration left) const noexcept {
  if (now >= paused_until_) return {};
  const duration rest = paused_until_ - now;
  const duration widest =
      std::clamp(left - rest, duration::zero(), duration(client_.throttled_base));
  return rest + duration(static_cast<duration::rep>(dice * static_cast<double>(widest.count())));
}

}  // namespace upsun::retry
