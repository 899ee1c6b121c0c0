#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "retry/retry_core.hpp"

namespace upsun::calls {

/// What the result of an attempt means for its call.
enum class attempt_verdict {
  final,         ///< It is the call's outcome, good or bad.
  unauthorized,  ///< 401 to a token that can be renewed.
  transient,     ///< A failure that may pass.
};

/// What the driver of a call has to do after an event.
struct call_action {
  enum class kind {
    nothing,
    get_token,  ///< Ask for a token.
    send,       ///< Send `attempt`.
    wait,       ///< Set the timer to `delay`.
    finish,     ///< Complete the call with what the event brought, and cancel all else.
    cancelled,  ///< Complete the call as cancelled while it waited, and cancel all else.
    outlasted,  ///< Complete the call: the host asked for a pause that ends after its deadline.
  };
  kind what = kind::nothing;
  unsigned attempt = 0;  ///< 0, or 1 for the hedge.
  std::chrono::nanoseconds
      delay{};         ///< Of `wait`; of `send`: until the timer asks about a hedge, when `timed`.
  bool timed = false;  ///< Set the timer beside sending.
  bool renew_token = false;  ///< First report the token as refused.
  std::optional<retry::decision> retried =
      std::nullopt;  ///< What was decided about a retry, when that was the question.

  /// Whether the call is to be completed now.
  [[nodiscard]] bool ends() const noexcept {
    return what == kind::finish || what == kind::cancelled || what == kind::outlasted;
  }
};

/// What a call that is about to send has to respect.
struct host_pause {
  std::chrono::nanoseconds
      asked{};  ///< For how long the host asked not to be called. Zero: not at all.
  std::chrono::nanoseconds left = std::chrono::nanoseconds::max();  ///< Until the call's deadline.
};

/// The way of one call: token, attempt, verdict, wait, attempt ... as a state machine without
/// clock, lock or I/O. See doc/retries.md.
///
/// At most two attempts are under way: the first and its hedge. A failure that could be tried again
/// waits for the other attempt, if there is one.
class call_core {
 public:
  /// \param renewable whether a token has to be asked for, and can be renewed.
  /// \param hedge_after when to send a second request beside the first attempt; none: never.
  call_core(bool renewable, std::optional<std::chrono::nanoseconds> hedge_after) noexcept
      : renewable_(renewable), hedge_after_(hedge_after) {}

  /// The call was admitted.
  [[nodiscard]] call_action start(const host_pause& pause) noexcept;
  /// A token is at hand; or there is none, and why is the call's outcome unless it may be tried
  /// again.
  [[nodiscard]] call_action token_ready() noexcept;
  template <class Decide>
  [[nodiscard]] call_action token_failed(attempt_verdict verdict, Decide&& decide);
  /// An attempt has its result. `decide()` returns the `retry::decision` on another one, and is
  /// called at most once.
  template <class Decide>
  [[nodiscard]] call_action attempt_ended(unsigned attempt, attempt_verdict verdict,
                                          Decide&& decide);
  /// The timer fired. `pause`: as the host, meanwhile, asked for it. `may_hedge()` takes from the
  /// hedging budget, and is called at most once. \param hedge_early by how long the timer is too
  /// early for a hedge, since the first attempt got its connection late, or waits for it
  template <class MayHedge>
  [[nodiscard]] call_action timer_fired(const host_pause& pause, MayHedge&& may_hedge,
                                        std::chrono::nanoseconds hedge_early = {});
  /// The caller cancelled, or the client ended: what is under way is to be cancelled, and completes
  /// the call; or the wait ends at once.
  [[nodiscard]] call_action stop() noexcept;
  /// The call cannot go on: it is done, and what is under way is to be cancelled.
  void give_up() noexcept { state_ = state_kind::done; }

  [[nodiscard]] bool done() const noexcept { return state_ == state_kind::done; }
  [[nodiscard]] bool waits_for_token() const noexcept { return state_ == state_kind::token; }
  [[nodiscard]] bool under_way(unsigned attempt) const noexcept { return under_way_[attempt]; }
  /// How many attempts were begun.
  [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

 private:
  enum class state_kind { waiting, token, attempting, done };

  [[nodiscard]] call_action go_on() noexcept;
  [[nodiscard]] call_action send(unsigned attempt) noexcept;
  [[nodiscard]] call_action finish() noexcept;
  [[nodiscard]] call_action follow(const retry::decision& decided) noexcept;

  const bool renewable_;
  std::optional<std::chrono::nanoseconds> hedge_after_;
  state_kind state_ = state_kind::waiting;
  std::array<bool, 2> under_way_{};
  bool stopping_ = false;
  bool renewed_ = false;
  unsigned attempts_ = 0;
};

inline call_action call_core::start(const host_pause& pause) noexcept {
  if (pause.asked.count() <= 0) return go_on();
  if (pause.asked < pause.left) return {.what = call_action::kind::wait, .delay = pause.asked};
  state_ = state_kind::done;
  return {.what = call_action::kind::outlasted};
}

inline call_action call_core::go_on() noexcept {
  if (!renewable_) return send(0);
  state_ = state_kind::token;
  return {.what = call_action::kind::get_token};
}

inline call_action call_core::token_ready() noexcept {
  if (state_ != state_kind::token) return {};
  if (stopping_) {
    state_ = state_kind::done;
    return {.what = call_action::kind::cancelled};
  }
  return send(0);
}

inline call_action call_core::send(unsigned attempt) noexcept {
  state_ = state_kind::attempting;
  under_way_[attempt] = true;
  ++attempts_;
  call_action action{.what = call_action::kind::send, .attempt = attempt};
  if (attempt == 0 && hedge_after_) {
    action.timed = true;
    action.delay = *hedge_after_;
  }
  return action;
}

inline call_action call_core::finish() noexcept {
  state_ = state_kind::done;
  return {.what = call_action::kind::finish};
}

inline call_action call_core::follow(const retry::decision& decided) noexcept {
  if (!decided.again) {
    call_action action = finish();
    action.retried = decided;
    return action;
  }
  state_ = state_kind::waiting;
  return {.what = call_action::kind::wait, .delay = decided.delay, .retried = decided};
}

template <class Decide>
call_action call_core::token_failed(attempt_verdict verdict, Decide&& decide) {
  if (state_ != state_kind::token) return {};
  if (stopping_ || verdict != attempt_verdict::transient) return finish();
  return follow(decide());
}

template <class Decide>
call_action call_core::attempt_ended(unsigned attempt, attempt_verdict verdict, Decide&& decide) {
  under_way_[attempt] = false;
  if (state_ != state_kind::attempting) return {};
  if (stopping_ || verdict == attempt_verdict::final) return finish();
  if (under_way_[1 - attempt]) return {};
  if (verdict == attempt_verdict::unauthorized) {
    if (renewed_) return finish();
    renewed_ = true;
    call_action action = go_on();
    action.renew_token = true;
    return action;
  }
  return follow(decide());
}

template <class MayHedge>
call_action call_core::timer_fired(const host_pause& pause, MayHedge&& may_hedge,
                                   std::chrono::nanoseconds hedge_early) {
  if (stopping_) return {};
  if (state_ == state_kind::waiting) return start(pause);
  if (state_ != state_kind::attempting || !under_way_[0] || under_way_[1]) return {};
  if (hedge_early.count() > 0) return {.what = call_action::kind::wait, .delay = hedge_early};
  return may_hedge() ? send(1) : call_action{};
}

inline call_action call_core::stop() noexcept {
  if (state_ == state_kind::done || stopping_) return {};
  stopping_ = true;
  if (state_ != state_kind::waiting) return {};
  state_ = state_kind::done;
  return {.what = call_action::kind::cancelled};
}

}  // namespace upsun::calls
