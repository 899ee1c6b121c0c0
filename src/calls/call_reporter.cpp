#include "calls/call_reporter.hpp"

#include <utility>

namespace upsun::calls {
namespace {

/// As the server gave it: 304 when it confirmed a cached response.
int status_of(const http_response& response) noexcept {
  return response.revalidated ? 304 : response.status;
}

/// The attempts up to this response, whose own is none when it came from the cache alone.
unsigned up_to(const http_response& response, unsigned attempts) noexcept {
  return attempts - (response.cached && !response.revalidated ? 1 : 0);
}

}  // namespace

attempt_event call_reporter::event_of(attempt_event::kind what,
                                      const numbered_attempt& which) const {
  return {.what = what,
          .at = clock::now(),
          .call = number_,
          .attempt = which.number,
          .method = operation_->method,
          .path_template = operation_->path_template,
          .server_address = client_.server_address,
          .server_port = client_.server_port,
          .traceparent = traceparent_,
          .span_id = which.span_id};
}

void call_reporter::hedged(const numbered_attempt& first) const {
  attempt_event event = event_of(attempt_event::kind::hedged, first);
  event.delay = event.at - first.begun;
  client_.config.observer->on_attempt(event);
}

void call_reporter::completed(const numbered_attempt& which, const http_response* response,
                              const error* failure, bool of_call) {
  attempt_event event = event_of(attempt_event::kind::completed, which);
  event.failure = failure;
  if (response != nullptr) {
    event.status = status_of(*response);
    event.reused = response->reused_connection;
    event.protocol_version = response->protocol_version;
    event.timings = response->timings;
  } else if (failure != nullptr) {
    event.timings = failure->details().timings;
  }
  event.timings.total = event.at - which.begun;
  if (of_call) completed_ = event.at;
  client_.config.observer->on_attempt(event);
}

void call_reporter::retried(const numbered_attempt& which, const error& failure,
                            const call_action& action) const {
  attempt_event event = event_of(attempt_event::kind::retried, which);
  event.failure = &failure;
  event.status = failure.status();
  event.delay = action.delay;
  event.reason = action.renew_token              ? retry_reason::token
                 : failure.status() != 0         ? retry_reason::status
                 : failure == condition::timeout ? retry_reason::timeout
                                                 : retry_reason::connection;
  client_.config.observer->on_attempt(event);
}

void call_reporter::ended(const error* failure, const http_response* response,
                          unsigned attempts) const {
  call_report report;
  report.call = number_;
  report.failure = failure;
  report.attempts = attempts;
  if (response != nullptr) {
    report.status = status_of(*response);
    report.attempts = up_to(*response, attempts);
    report.reused_connection = response->reused_connection;
    report.shared = response->shared;
    report.cached = response->cached;
    report.timings = response->timings;
  }
  if (failure != nullptr) {
    const error_details& details = failure->details();
    report.method = details.method;
    report.path_template = details.path_template;
    report.timings = details.timings;
    if (response == nullptr) report.shared = details.shared;
  } else {
    report.method = operation_->method;
    report.path_template = operation_->path_template;
    report.timings.total =
        (completed_ != clock::time_point{} ? completed_ : clock::now()) - started_;
  }
  client_.config.observer->on_call(report);
}

error call_reporter::describe(const error& failure, const http_response* response,
                              unsigned attempts) const {
  error_details details = failure.details();
  if (details.method.empty()) {
    details.method = operation_->method;
    details.path_template = operation_->path_template;
  }
  details.attempts = attempts;
  if (response != nullptr) {
    details.status = response->status;
    details.request_id = response->request_id;
    details.timings = response->timings;
  }
  details.timings.total = clock::now() - started_;
  details.safe_to_retry = failure != errc::invalid_argument &&
                          (!operation_ || operation_->idempotent || details.phase < phase::write);
  return {failure.code(), std::move(details)};
}

void call_reporter::inform(response_info& into, const http_response& response,
                           unsigned attempts) const {
  into = {.status = status_of(response),
          .request_id = response.request_id,
          .attempts = up_to(response, attempts),
          .reused_connection = response.reused_connection,
          .shared = response.shared,
          .cached = response.cached,
          .timings = response.timings};
  into.timings.total = clock::now() - started_;
}

}  // namespace upsun::calls
