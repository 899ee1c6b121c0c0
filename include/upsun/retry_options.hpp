#pragma once

#include <chrono>

namespace upsun {

/// How transient failures are tried again. See doc/retries.md. All are checked at construction of
/// the client, and of a call for its own.
///
/// Tried again are connection failures, attempt timeouts, and the statuses 408, 429, 500, 502, 503
/// and 504: for idempotent requests always, for others only when nothing can have reached the
/// server, or on 429. The delay before the i-th retry is `random(0,1) * min(base * 2^i, max_delay)`
/// ("full jitter"), raised to the response's `Retry-After`; a retry that would not fit the call's
/// deadline is not made.
struct retry_options {
  /// The most attempts of one call, the first included. 1 to 100; 1: no retries.
  unsigned max_attempts = 3;
  /// The delay doubles from here. 0 to 20 s.
  std::chrono::milliseconds base{50};
  /// The same after a 429, or a 503 with `Retry-After`. 0 to 20 s.
  std::chrono::milliseconds throttled_base{1'000};
  /// The longest delay. 0 to 24 h.
  std::chrono::milliseconds max_delay{20'000};
  /// The client's retry budget, a token bucket shared by all its calls: so many tokens when full.
  /// 0: no limit. In an outage it is used up, and retries end. A success after retries gives back
  /// what they cost; a success at first try adds one.
  unsigned budget = 500;
  /// What one retry takes.
  unsigned cost = 14;
  /// What one takes after being throttled.
  unsigned throttled_cost = 5;

  friend bool operator==(const retry_options&, const retry_options&) = default;
};

/// A second request for a slow GET ("hedging", Dean and Barroso, The Tail at Scale): the first
/// answer counts, the other request is cancelled. See doc/retries.md.
struct hedge_options {
  bool enabled = false;
  /// How long the first request may take before the second is sent. Zero: the 95th percentile of
  /// the client's recent latencies. At most 24 h.
  std::chrono::milliseconds delay{0};
  /// How many more requests hedging may cause, in percent of all calls. 1 to 100.
  unsigned max_extra_percent = 5;

  friend bool operator==(const hedge_options&, const hedge_options&) = default;
};

}  // namespace upsun
