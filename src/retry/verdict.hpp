#pragma once

#include <upsun/error.hpp>

namespace upsun::retry {

/// What is known about a failed attempt.
struct attempt_outcome {
  error_code code{};
  int status = 0;                                ///< 0 when no response came.
  upsun::phase failed_in = upsun::phase::write;  ///< Before `phase::write` nothing of the request
                                                 ///< can have reached the server.
  bool idempotent = true;                        ///< RFC 9110 section 9.2.2
  bool retry_after = false;                      ///< The response said when to come back.
};

enum class verdict {
  final_answer,     ///< Trying again would change nothing, or could do something twice.
  retry,            ///< A transient failure.
  retry_throttled,  ///< The same, and the server asks for less: 429, or 503 with `Retry-After`.
};

/// Whether a failed attempt may be followed by another, were there time and budget:
/// - connection failures and timeouts of an attempt, and the statuses 408, 429, 500, 502, 503 and
/// 504, when the request is idempotent;
/// - HTTP/2's ENHANCE_YOUR_CALM likewise, as throttling;
/// - any of the connection failures when the request provably was not sent, and 429, whatever the
/// request. The pool's own back-pressure, cancellation, the call's deadline, broken or oversized
/// responses and refused certificates are final.
[[nodiscard]] verdict judge(const attempt_outcome& outcome) noexcept;

}  // namespace upsun::retry
