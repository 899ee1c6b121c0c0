#pragma once

#include <chrono>

namespace upsun {

/// How failed attempts of a call are retried. See doc/retries.md.
///
/// Retried are connection failures, attempt timeouts, and the statuses 408, 429, 500, 502, 503 and
/// 504: always for idempotent requests (RFC 9110 section 9.2.2), for others only on 429 or when
/// nothing of the request can have reached the server.
///
/// The delay before retry i, counted from 0, is `random(0,1) * min(base * 2^i, max_delay)` ("full
/// jitter"). After a 429, or a 503 with `Retry-After`, a server's `Retry-After` raises it, by at
/// most 5 s, and makes the client's other calls wait, too. A retry that would not fit the call's
/// deadline is not made.
///
/// Checked by the constructor of `client`, and for `call_options::retry` when the call starts.
struct retry_options {
  /// The most attempts of one call, the first included.
  ///
  /// Range: 1 to 100. One: no retries, and the call does not wait while the host has asked for a
  /// pause. Default: 3.
  unsigned max_attempts = 3;
  /// The delay that doubles with each retry.
  ///
  /// Range: 0 to 20 s. Zero: retries follow at once. Default: 50 ms.
  std::chrono::milliseconds base{50};
  /// `base` after a 429, or a 503 with `Retry-After`.
  ///
  /// Range: 0 to 20 s. Zero: retries follow after `Retry-After`. Default: 1 s.
  std::chrono::milliseconds throttled_base{1'000};
  /// The longest delay, before `Retry-After` is added.
  ///
  /// Range: 0 to 24 h. Zero: as `base` zero. Default: 20 s.
  std::chrono::milliseconds max_delay{20'000};
  /// The capacity of the client's retry budget, a token bucket that all its calls share. A retry
  /// that finds too few tokens is not made, so that an outage does not multiply the load. A success
  /// after retries gives back what they took, any other success one token.
  ///
  /// Range: any. Zero: no budget, retries are not limited by it. Default: 500.
  unsigned budget = 500;
  /// The tokens that one retry takes.
  ///
  /// Range: any; more than `budget` means no retries. Default: 14, which keeps a total outage below
  /// 1.2 requests a call.
  unsigned cost = 14;
  /// The tokens that one retry takes after a 429, or a 503 with `Retry-After`.
  ///
  /// Range: any. Default: 5.
  unsigned throttled_cost = 5;

  friend bool operator==(const retry_options&, const retry_options&) = default;
};

/// A second request for a slow GET ("hedging", Dean and Barroso, The Tail at Scale). The first good
/// response counts, and the other request is cancelled. See doc/retries.md.
///
/// Checked by the constructor of `client`, and for `call_options::hedge` when the call starts.
struct hedge_options {
  /// Whether slow requests are hedged.
  ///
  /// Default: off, since it adds load.
  bool enabled = false;
  /// How long the first request may take before the second is sent, counted from when it has got a
  /// connection.
  ///
  /// Range: 0 to 24 h. Default: zero, which stands for the 95th percentile of the client's recent
  /// latencies; until there are 100 of them, nothing is hedged.
  std::chrono::milliseconds delay{0};
  /// The most requests that hedging may add, in percent of the client's calls. Unused ones are
  /// saved up, ten at most.
  ///
  /// Range: 1 to 100. Default: 5.
  unsigned max_extra_percent = 5;

  friend bool operator==(const hedge_options&, const hedge_options&) = default;
};

}  // namespace upsun
