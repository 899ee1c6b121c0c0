#include "retry/verdict.hpp"

namespace upsun::retry {
namespace {

bool is_transient(const error_code& code) noexcept {
  if (code.category() != error_category()) return false;
  switch (static_cast<errc>(code.value())) {
    case errc::attempt_timeout:
    case errc::connect_timeout:
    case errc::resolve_failed:
    case errc::connect_failed:
    case errc::connection_closed:
    case errc::connection_reset:
    case errc::tls_failed: return true;
    default: return false;
  }
}

bool is_transient(int status) noexcept {
  switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504: return true;
    default: return false;
  }
}

}  // namespace

verdict judge(const attempt_outcome& outcome) noexcept {
  if (outcome.status == 0) {
    // Over HTTP/2 a server can ask for less without a response.
    const bool throttled = outcome.code == errc::rate_limited;
    if (!throttled && !is_transient(outcome.code)) return verdict::final_answer;
    const bool unsent = outcome.failed_in < phase::write;
    if (!outcome.idempotent && !unsent) return verdict::final_answer;
    return throttled ? verdict::retry_throttled : verdict::retry;
  }
  // A failure after the response's head, such as an attempt timeout within the body, still carries
  // no status: the answer was not complete.
  if (!is_transient(outcome.status)) return verdict::final_answer;
  if (outcome.status == 429) return verdict::retry_throttled;
  if (!outcome.idempotent) return verdict::final_answer;
  return outcome.status == 503 && outcome.retry_after ? verdict::retry_throttled : verdict::retry;
}

}  // namespace upsun::retry
