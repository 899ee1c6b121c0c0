#include "observe/call_counters.hpp"

namespace upsun::observe {

void call_counters::end(const error* failure) noexcept {
  std::size_t index = 0;
  if (failure != nullptr) {
    const error_condition first = failure->code().default_error_condition();
    if (first.category() == condition_category()) index = static_cast<std::size_t>(first.value());
  }
  // Released, so that whoever sees a call's end has seen its beginning.
  (failure != nullptr ? failed_[index] : succeeded_).fetch_add(1, std::memory_order_release);
}

client_statistics call_counters::snapshot(const pool_statistics& pool) const noexcept {
  client_statistics now{pool};
  now.succeeded = succeeded_.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < failed_.size(); ++i)
    now.failed[i] = failed_[i].load(std::memory_order_acquire);
  now.calls = started_.load(std::memory_order_relaxed) - withdrawn_.load(std::memory_order_relaxed);
  now.in_flight = static_cast<std::size_t>(now.calls - now.succeeded - now.failures());
  now.attempts = attempts.load(std::memory_order_relaxed);
  now.retries = retries.load(std::memory_order_relaxed);
  now.retries_refused = retries_refused.load(std::memory_order_relaxed);
  now.hedges = hedges.load(std::memory_order_relaxed);
  now.hedges_won = hedges_won.load(std::memory_order_relaxed);
  return now;
}

}  // namespace upsun::observe
