#include "http/pool/attempt_events.hpp"

#include <optional>

#include "model/make_error.hpp"

namespace upsun::http {

void attempt_events::report(attempt_event::kind what, const exchange& e, time_point at,
                            const connection* on) const {
  observer_->on_attempt(
      {.what = what,
       .at = at,
       .call = e.call,
       .attempt = e.attempt,
       .method = e.method,
       .path_template = e.path_template,
       .server_address = target_->origin.host,
       .server_port = target_->origin.port,
       .connection = on != nullptr ? static_cast<std::uint64_t>(on->id()) : 0,
       .reused = on != nullptr && e.reused,
       .protocol_version = on != nullptr ? on->protocol_version() : std::string_view()});
}

void attempt_events::dialled(connection_id id, const dial_outcome& outcome) const {
  if (!observer_) return;
  std::optional<error> failure;
  if (!outcome.socket)
    failure = model::make_error(outcome.failure.code, outcome.failed_in, outcome.failure.cause);
  observer_->on_attempt({.what = attempt_event::kind::dialled,
                         .at = std::chrono::steady_clock::now(),
                         .server_address = target_->origin.host,
                         .server_port = target_->origin.port,
                         .connection = static_cast<std::uint64_t>(id),
                         .failure = failure ? &*failure : nullptr,
                         .resolve = outcome.times.resolve,
                         .connect = outcome.times.connect,
                         .handshake = outcome.times.handshake});
}

}  // namespace upsun::http
