#include "calls/call.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>
#include <utility>

#include "api/trace_context.hpp"
#include "config/header_field.hpp"
#include "config/settings.hpp"
#include "model/make_error.hpp"
#include "retry/verdict.hpp"
#include "transports/caching_transport.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::calls {
namespace {

error outlasted_by_pause() {
  return model::make_error(errc::rate_limited, phase::admission,
                           "the server asked for a pause that ends after the call's deadline");
}

/// Adds to a transient failure why it was not tried again.
error explain(const error& failure, const call_action& action) {
  if (!action.retried || action.retried->refusal.empty()) return failure;
  error_details details = failure.details();
  details.cause.append(details.cause.empty() ? "" : "; ")
      .append("not tried again: ")
      .append(action.retried->refusal);
  return {failure.code(), std::move(details)};
}

/// Whether the call is to be completed now.
bool ends_call(const call_action& action) noexcept {
  return action.what == call_action::kind::finish || action.what == call_action::kind::cancelled ||
         action.what == call_action::kind::outlasted;
}

/// As the server gave it: 304 when it confirmed a cached response.
int status_of(const http_response& response) noexcept {
  return response.revalidated ? 304 : response.status;
}

/// Whether the attempt was a request of its own: it neither joined another's nor was served from
/// the cache alone.
bool sent_request(const http_response* response, const error* failure) {
  if (response == nullptr) return !failure->details().shared;
  return !response->shared && (!response->cached || response->revalidated);
}

std::uint64_t random_id() {
  thread_local std::mt19937_64 dice = [] {
    std::random_device device;
    std::array<unsigned, 8> seeds{};
    for (unsigned& seed : seeds) seed = device();
    std::seed_seq sequence(seeds.begin(), seeds.end());
    return std::mt19937_64(sequence);
  }();
  return dice();
}

}  // namespace

struct call_base::response_handler {
  std::shared_ptr<call_base> self;
  unsigned which;

  using allocator_type = util::recycler<void>;
  [[nodiscard]] allocator_type get_allocator() const noexcept { return {}; }
  using cancellation_slot_type = asio::cancellation_slot;
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return self->attempts_[which].cancel.slot();
  }
  void operator()(result<http_response>&& got) { self->on_response(which, std::move(got)); }
};

struct call_base::token_handler {
  std::shared_ptr<call_base> self;

  using cancellation_slot_type = asio::cancellation_slot;
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return self->cancel_token_.slot();
  }
  void operator()(result<auth::token>&& token) { self->on_token(std::move(token)); }
};

call_base::call_base(std::shared_ptr<client_impl> client, result<api::operation>&& operation,
                     call_options&& options, clock::time_point latest)
    : operation_under_way(std::move(client)),
      options_(std::move(options)),
      latest_(latest),
      operation_(std::move(operation)) {}

void call_base::begin(asio::cancellation_slot slot) {
  started_ = clock::now();
  number_ = client_->counters.begin();
  try {
    admit_and_perform(slot);
  } catch (...) {
    {
      const std::scoped_lock lock(mutex_);
      if (!claim_end()) return;  // cancelled meanwhile, which completes it
      if (core_) cancel_all();
      if (core_) core_->give_up();
    }
    client_->counters.withdraw();
    leave();
    throw;
  }
}

void call_base::admit_and_perform(asio::cancellation_slot slot) {
  if (!operation_) return complete_later(operation_.error());
  if (auto problem = check(options_))
    return complete_later(model::refused_argument(std::move(*problem)));
  const auto timeout =
      options_.timeout().count() != 0 ? options_.timeout() : client_->config.timeouts.total;
  deadline_ = std::min<clock::time_point>(latest_, started_ + timeout);
  const hedge_options& hedge = options_.hedge() ? *options_.hedge() : client_->config.hedge;
  const std::scoped_lock lock(mutex_);  // from admission on the call may be cancelled
  const bool may_be_hedged = operation_->method == "GET";
  hedged_ = may_be_hedged && hedge.enabled;
  const auto admitted = admit(slot, started_, may_be_hedged ? &hedge : nullptr);
  if (!admitted) return complete_later(errc::client_closed);
  core_.emplace(client_->tokens != nullptr, admitted->hedge_after);
  const call_action first = core_->start(admitted->paused_for.count() > 0 ? pause() : host_pause());
  if (first.what == call_action::kind::outlasted) return complete_later(outlasted_by_pause());
  perform(first, started_);
}

void call_base::complete_later(error why) {
  asio::post(client_->executor,
             [self = self(), why = std::move(why)] { self->finish(why, nullptr); });
  ending_ = true;
}

std::optional<std::string> call_base::check(const call_options& options) {
  constexpr auto longest = std::chrono::hours(24);
  for (const auto t : {options.timeout(), options.attempt_timeout()}) {
    if (t.count() < 0 || t > longest)
      return "a timeout of the call's options is not from 0 to 24 h";
  }
  try {
    if (const auto& retry = options.retry()) config::check_retry(*retry);
    if (const auto& hedge = options.hedge()) config::check_hedge(*hedge);
  } catch (const config_error& refused) {
    return std::string(refused.what()) + ", in the call's options";
  }
  for (const auto& [name, value] : options.headers()) {
    if (auto problem = config::refuse_header(name, value))
      return "header of the call's options: " + *problem;
  }
  if (auto problem = api::refuse_trace(options.traceparent(), options.tracestate()))
    return "trace of the call's options: " + *problem;
  return std::nullopt;
}

void call_base::cancel() {
  const std::scoped_lock lock(mutex_);
  if (!core_ || core_->done()) return;
  if (core_->stop().what == call_action::kind::cancelled) return end_wait();
  cancel_all();
}

/// Attempts and waits for a token end with the floors below.
void call_base::cancel_by_client() {
  const std::scoped_lock lock(mutex_);
  if (!core_ || core_->done()) return;
  count_as_cancelled();
  if (core_->stop().what == call_action::kind::cancelled) end_wait();
}

/// The timer's handler completes the call.
void call_base::end_wait() {
  wait_cancelled_ = true;
  timer_->cancel();
}

// ---- what the core asks for, under the lock

/// What the host asked for; nothing to whoever turned retries off.
host_pause call_base::pause() const {
  if (retry_settings().max_attempts <= 1) return {};
  const clock::time_point now = clock::now();
  const clock::duration left = deadline_ - now;
  return {.asked = client_->pause(now, left), .left = left};
}

void call_base::perform(const call_action& action, clock::time_point at) {
  if (action.renew_token) client_->tokens->invalidate(token_.generation);
  switch (action.what) {
    case call_action::kind::get_token: return get_token(at);
    case call_action::kind::send: return send(action, at);
    case call_action::kind::wait: return set_timer(action.delay);
    case call_action::kind::finish: return cancel_all();
    case call_action::kind::nothing:
    case call_action::kind::cancelled:
    case call_action::kind::outlasted: return;
  }
}

void call_base::get_token(clock::time_point at) {
  if (auto ready = client_->tokens->try_get()) {
    token_ = std::move(*ready);
    return perform(core_->token_ready(), at);
  }
  client_->tokens->async_get(deadline_, token_handler{self()});
}

void call_base::send(const call_action& action, clock::time_point at) {
  attempt& one = attempts_[action.attempt];
  one.begun = at != clock::time_point{} ? at : clock::now();
  one.number = core_->attempts();
  observe::call_counters::count(client_->counters.attempts);
  if (action.timed) set_timer(action.delay);
  client_->network->async_send(make_request(one), response_handler{self(), action.attempt});
}

http_request call_base::make_request(attempt& one) const {
  http_request request;
  request.method = operation_->method;
  request.path_template = operation_->path_template;
  request.call = number_;
  request.attempt = one.number;
  request.target = api::target_of(
      *operation_, client_->prefix,
      client_->request_room + (token_.authorization ? token_.authorization->size() : 0));
  request.headers = options_.headers();
  if (!options_.traceparent().empty())
    api::append_trace(request, options_.traceparent(), options_.tracestate(), random_id());
  request.body = operation_->body;
  if (!request.body.empty()) request.content_type = "application/json";
  request.authorization = token_.authorization;
  request.idempotent = operation_->idempotent;
  request.shareable =
      operation_->shareable && options_.attempt_timeout().count() == 0 && !options_.retry();
  request.hedge = &one == &attempts_[1];
  request.deadline = deadline_;
  request.attempt_timeout = options_.attempt_timeout().count() != 0
                                ? options_.attempt_timeout()
                                : client_->config.timeouts.attempt;
  return request;
}

void call_base::set_timer(clock::duration delay) {
  if (!timer_) timer_ = std::make_unique<asio::steady_timer>(client_->executor);
  timer_->expires_after(delay);
  timer_->async_wait([self = self(), generation = ++timer_generation_](const error_code&) {
    self->on_timer(generation);
  });
}

void call_base::stop_timer() {
  ++timer_generation_;
  if (timer_) timer_->cancel();
}

void call_base::cancel_all() {
  stop_timer();
  if (core_->waits_for_token()) cancel_token_.emit(asio::cancellation_type::total);
  for (unsigned which = 0; which < attempts_.size(); ++which) {
    if (core_->under_way(which)) attempts_[which].cancel.emit(asio::cancellation_type::total);
  }
}

answer_kind call_base::judge(const error& failure) const {
  if (client_->tokens && failure == errc::unauthorized) return answer_kind::unauthorized;
  switch (retry::judge(outcome_of(failure))) {
    case retry::verdict::final_answer: return answer_kind::final;
    case retry::verdict::retry: return answer_kind::retry;
    case retry::verdict::retry_throttled: break;
  }
  return answer_kind::retry_throttled;
}

retry::attempt_outcome call_base::outcome_of(const error& failure) const {
  return {.code = failure.code(),
          .status = failure.status(),
          .failed_in = failure.phase(),
          .idempotent = operation_->idempotent,
          .retry_after = failure.details().retry_after.has_value()};
}

retry::decision call_base::decide(const error& failure) {
  const auto decided =
      client_->decide(outcome_of(failure), failure, retries_, retry_settings(), deadline_);
  out_of_time_ = decided.out_of_time;
  if (decided.again) observe::call_counters::count(client_->counters.retries);
  if (decided.out_of_budget) observe::call_counters::count(client_->counters.retries_refused);
  return decided;
}

// ---- events

void call_base::on_token(result<auth::token>&& token) {
  call_action action;
  bool ends = false;
  {
    const std::scoped_lock lock(mutex_);
    if (token) {
      token_ = std::move(*token);
      action = core_->token_ready();
    } else {
      const error failure = token.error();
      action = core_->token_failed(judge(failure), [&] { return decide(failure); });
    }
    perform(action);
    ends = ends_call(action) && claim_end();
  }
  if (!ends) return;
  if (action.what == call_action::kind::cancelled)
    return finish(model::make_error(errc::cancelled, phase::token, {}), nullptr);
  finish(explain(token.error(), action), nullptr);
}

void call_base::on_response(unsigned which, result<http_response>&& got) {
  const http_response* response = got ? &*got : nullptr;
  const result<void> checked =
      got ? api::check_answer(*got, *operation_) : result<void>(got.error());
  call_action action;
  bool ends = false;
  {
    const std::scoped_lock lock(mutex_);
    action = checked ? on_success(which, *response) : on_failure(which, checked.error(), response);
    perform(action);
    ends = ends_call(action) && claim_end();
  }
  if (!ends) return;
  if (!checked && action.retried) return finish(explain(checked.error(), action), response);
  finish(checked, response);
}

call_action call_base::on_success(unsigned which, const http_response& response) {
  const call_action action =
      core_->answered(which, answer_kind::final, [] { return retry::decision{}; });
  const bool own = sent_request(&response, nullptr);
  if (action.what == call_action::kind::finish) {
    // Of a hedged call what counts is how long its first request took, or was given: else the
    // percentile would sink by hedging.
    if (own || retries_.retries > 0) {
      client_->answered(retries_, hedged_ && own ? std::optional(clock::now() - attempts_[0].begun)
                                                 : std::nullopt);
    }
    if (which == 1) observe::call_counters::count(client_->counters.hedges_won);
  }
  if (client_->config.observer && own) observe_completed(which, &response, nullptr);
  return action;
}

call_action call_base::on_failure(unsigned which, const error& failure,
                                  const http_response* response) {
  const bool retried_by_another = was_retried_by_another(which, failure, response);
  const call_action action =
      retried_by_another
          ? core_->answered(which, answer_kind::retry, [] { return retry::decision{}; })
          : core_->answered(which, judge(failure), [&] { return decide(failure); });
  if (client_->config.observer) {
    if (sent_request(response, &failure)) observe_completed(which, response, &failure);
    const bool again = action.what == call_action::kind::wait || action.renew_token;
    if (again) observe_retried(which, failure, action);
  }
  return action;
}

/// Whether the failure is that of a fetch which another call shared and has given up.
bool call_base::was_retried_by_another(unsigned which, const error& failure,
                                       const http_response* response) const {
  const bool shared = response != nullptr ? response->shared : failure.details().shared;
  return shared && which == 0 && client_->caching && !client_->caching->decides_on_retry(number_);
}

void call_base::on_timer(std::uint64_t generation) {
  call_action action;
  bool ends = false;
  {
    const std::scoped_lock lock(mutex_);
    if (generation != timer_generation_) return;
    if (wait_cancelled_) {
      action = {.what = call_action::kind::cancelled};
    } else {
      action = core_->timer_fired(pause(), [&] { return client_->may_hedge(); });
      out_of_time_ = action.what == call_action::kind::outlasted;
    }
    if (action.hedge) {
      observe::call_counters::count(client_->counters.hedges);
      if (client_->config.observer) observe_hedged();
    }
    perform(action);
    ends = ends_call(action) && claim_end();
  }
  if (!ends) return;
  const bool cancelled = action.what == call_action::kind::cancelled;
  finish(cancelled ? model::make_error(errc::cancelled, phase::backoff, {}) : outlasted_by_pause(),
         nullptr);
}

// ---- events for the observer

attempt_event call_base::event_of(attempt_event::kind what, unsigned which) const {
  return {.what = what,
          .at = clock::now(),
          .call = number_,
          .attempt = attempts_[which].number,
          .method = operation_->method,
          .path_template = operation_->path_template,
          .server_address = client_->server_address,
          .server_port = client_->server_port};
}

void call_base::observe_hedged() const {
  attempt_event event = event_of(attempt_event::kind::hedged, 0);
  event.delay = event.at - attempts_[0].begun;
  client_->config.observer->on_attempt(event);
}

void call_base::observe_completed(unsigned which, const http_response* response,
                                  const error* failure) {
  attempt_event event = event_of(attempt_event::kind::completed, which);
  event.failure = failure;
  if (response != nullptr) {
    event.status = status_of(*response);
    event.reused = response->reused_connection;
    event.timings = response->timings;
  } else if (failure != nullptr) {
    event.timings = failure->details().timings;
  }
  event.timings.total = event.at - attempts_[which].begun;
  completed_ = event.at;
  client_->config.observer->on_attempt(event);
}

void call_base::observe_retried(unsigned which, const error& failure,
                                const call_action& action) const {
  attempt_event event = event_of(attempt_event::kind::retried, which);
  event.failure = &failure;
  event.status = failure.status();
  event.delay = action.delay;
  event.reason = action.renew_token              ? retry_reason::token
                 : failure.status() != 0         ? retry_reason::status
                 : failure == condition::timeout ? retry_reason::timeout
                                                 : retry_reason::connection;
  client_->config.observer->on_attempt(event);
}

// ---- the end

void call_base::finish(const result<void>& checked, const http_response* response) {
  if (client_->caching) {
    const bool for_all = !checked && !out_of_time_ && checked.error() != errc::cancelled &&
                         checked.error() != errc::deadline_exceeded;
    client_->caching->call_ended(number_, for_all);
  }
  complete(checked, response);
  leave();
}

error call_base::complete_error(const error& e, const http_response* response) const {
  error_details details = e.details();
  if (details.method.empty()) {
    details.method = operation_->method;
    details.path_template = operation_->path_template;
  }
  details.attempts = attempts_made();
  if (response != nullptr) {
    details.status = response->status;
    details.request_id = response->request_id;
    details.timings = response->timings;
  }
  details.timings.total = clock::now() - started_;
  details.safe_to_retry = e != errc::invalid_argument &&
                          (!operation_ || operation_->idempotent || details.phase < phase::write);
  return {e.code(), std::move(details)};
}

void call_base::report(const error* failure, const http_response* response) const {
  if (failure != nullptr && response != nullptr && response->status / 100 == 2 &&
      client_->caching && operation_->method == "GET") {
    // What could not be read is not for those who ask from now on.
    client_->caching->forget(api::target_of(*operation_, client_->prefix));
  }
  client_->counters.end(failure);
  if (const auto& observer = client_->config.observer) {
    call_timings timings = response != nullptr ? response->timings : call_timings{};
    timings.total = (completed_ != clock::time_point{} ? completed_ : clock::now()) - started_;
    observer->on_call(
        {.method = failure != nullptr ? failure->details().method : operation_->method,
         .path_template =
             failure != nullptr ? failure->details().path_template : operation_->path_template,
         .status = response != nullptr ? status_of(*response) : 0,
         .failure = failure,
         .attempts = response != nullptr ? attempts_up_to(*response) : attempts_made(),
         .reused_connection = response != nullptr && response->reused_connection,
         .timings = failure != nullptr ? failure->details().timings : timings,
         .shared = response != nullptr ? response->shared
                                       : failure != nullptr && failure->details().shared,
         .cached = response != nullptr && response->cached});
  }
}

void call_base::inform(const http_response& response) const {
  response_info* info = options_.info();
  if (info == nullptr) return;
  *info = {.status = status_of(response),
           .request_id = response.request_id,
           .attempts = attempts_up_to(response),
           .reused_connection = response.reused_connection,
           .shared = response.shared,
           .cached = response.cached,
           .timings = response.timings};
  info->timings.total = clock::now() - started_;
}

}  // namespace upsun::calls
