#pragma once

#include <upsun/retry_options.hpp>

#include <chrono>
#include <optional>
#include <string_view>

#include "retry/budget.hpp"
#include "retry/verdict.hpp"

namespace upsun::retry {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::nanoseconds;

/// What one call has used so far.
struct call_state {
  unsigned retries = 0;
  unsigned spent = 0;  ///< Of the budget; given back by success.
};

/// Whether a failed attempt is followed by another one.
struct decision {
  bool again = false;
  duration delay{};            ///< Until the next attempt.
  bool throttled = false;      ///< The server asked for less.
  bool out_of_budget = false;  ///< It would have been retried, but for the client's budget.
  bool out_of_time = false;    ///< It would have been retried, but for the call's deadline.
  std::string_view refusal{};  ///< Why not again although the failure is transient, as the rest of
                               ///< a sentence; static storage.
};

/// The retries of all calls of one client: its budget, and the pause its host asked for. Without
/// clock, dice and lock.
class retry_core {
 public:
  explicit retry_core(const retry_options& client) noexcept
      : client_(client), budget_(client.budget) {}

  /// In this order: is the failure transient, are attempts left, what is the delay, does it fit the
  /// deadline, is there budget. A `Retry-After` also pauses the host for the calls that come: for
  /// as long as it says, but no longer than it puts off this call, nor than the client's own
  /// `max_delay` and `longest_retry_after`, so that neither a hostile server nor one call's
  /// patience can park the others. `options`: the call's. `dice` is from [0, 1).
  [[nodiscard]] decision decide(const attempt_outcome& outcome,
                                std::optional<std::chrono::seconds> retry_after, call_state& call,
                                const retry_options& options, time_point now, time_point deadline,
                                double dice) noexcept;
  void succeeded(call_state& call) noexcept;
  /// Whether a success changes nothing; to be asked without a lock.
  [[nodiscard]] bool has_full_budget() const noexcept { return budget_.is_full(); }

  [[nodiscard]] bool paused(time_point now) const noexcept { return now < paused_until_; }
  /// How long a new attempt has to wait because the host asked for a pause; after it, calls are
  /// spread over `throttled_base`, or over what is then left to the call. Zero: not at all. `left`
  /// or more only when the pause itself takes that long.
  [[nodiscard]] duration pause(time_point now, double dice,
                               duration left = duration::max()) const noexcept;

  [[nodiscard]] unsigned budget_left() const noexcept { return budget_.left(); }

 private:
  void pause_host(time_point now, duration asked) noexcept;

  retry_options client_;
  budget budget_;
  time_point paused_until_ = time_point::min();
};

}  // namespace upsun::retry
