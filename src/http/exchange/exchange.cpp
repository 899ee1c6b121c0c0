#include "http/exchange/exchange.hpp"

#include <utility>

namespace upsun::http {

error failure_of(const exchange& e, errc code, std::string cause, phase failed_in) {
  error_details details;
  details.phase = failed_in;
  details.cause = std::move(cause);
  const time_point now = std::chrono::steady_clock::now();
  if (e.leased == time_point{}) {
    details.timings.queue = now - e.admitted;
  } else {
    details.timings.queue = e.leased - e.admitted;
    const bool any_byte = e.first_byte != time_point{};
    details.timings.first_byte = (any_byte ? e.first_byte : now) - e.leased;
    if (any_byte) details.timings.transfer = now - e.first_byte;
  }
  return {code, std::move(details)};
}

bool may_replay(const exchange_outcome& outcome) {
  const exchange& e = *outcome.finished;
  if (outcome.misdirected) return !e.replayed;
  if (outcome.unprocessed) return e.refusals < most_refusals;
  return outcome.stale && !e.replayed && (e.written == 0 || e.idempotent);
}

}  // namespace upsun::http
