#include "calls/call.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/option_checks.hpp"
#include "api/trace_context.hpp"
#include "model/make_error.hpp"
#include "retry/verdict.hpp"
#include "transports/caching_transport.hpp"
#include "util/random.hpp"
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

/// Whether the attempt was a request of its own: it neither joined another's nor was served from
/// the cache alone.
bool sent_request(const http_response* response, const error* failure) {
  if (response == nullptr) return !failure->details().shared;
  return !response->shared && (!response->cached || response->revalidated);
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
      operation_(std::move(operation)),
      reporter_(*client_, operation_) {}

void call_base::begin(asio::cancellation_slot slot) {
  reporter_.begin(client_->counters.begin(), options_.traceparent());
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
  if (auto problem = api::check(options_)) return complete_later(std::move(*problem));
  const clock::time_point now = reporter_.started();
  const auto timeout =
      options_.timeout().count() != 0 ? options_.timeout() : client_->config.timeouts.total;
  deadline_ = std::min<clock::time_point>(latest_, now + timeout);
  const hedge_options& hedge = options_.hedge() ? *options_.hedge() : client_->config.hedge;
  const std::scoped_lock lock(mutex_);  // from admission on the call may be cancelled
  const bool may_be_hedged = operation_->method == "GET";
  hedged_ = may_be_hedged && hedge.enabled;
  const auto admitted = admit(slot, now, may_be_hedged ? &hedge : nullptr);
  if (!admitted) return complete_later(errc::client_closed);
  core_.emplace(client_->tokens != nullptr, admitted->hedge_after);
  const call_action first = core_->start(admitted->paused_for.count() > 0 ? pause() : host_pause());
  if (first.what == call_action::kind::outlasted) return complete_later(outlasted_by_pause());
  perform(first, now);
}

void call_base::complete_later(error why) {
  asio::post(client_->executor,
             [self = self(), why = std::move(why)] { self->finish(why, nullptr); });
  ending_ = true;
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
  if (action.timed) {
    hedge_after_ = action.delay;
    progress_ = std::make_shared<request_progress>();
    set_timer(action.delay);
  }
  client_->network->async_send(make_request(one), response_handler{self(), action.attempt});
}

http_request call_base::make_request(attempt& one) const {
  http_request request;
  request.method = operation_->method;
  request.path_template = operation_->path_template;
  request.call = reporter_.number();
  request.attempt = one.number;
  request.target = api::target_of(
      *operation_, client_->prefix,
      client_->request_room + (token_.authorization ? token_.authorization->size() : 0));
  request.headers = options_.headers();
  if (!options_.traceparent().empty()) {
    one.span_id = std::max<std::uint64_t>(util::random_bits(), 1);
    api::append_trace(request, options_.traceparent(), options_.tracestate(), one.span_id);
  }
  request.body = operation_->body;
  if (!request.body.empty()) request.content_type = "application/json";
  request.authorization = token_.authorization;
  request.idempotent = operation_->idempotent;
  request.shareable =
      operation_->shareable && options_.attempt_timeout().count() == 0 && !options_.retry();
  const response_compression compressed = client_->config.network.http.compression;
  request.compressible =
      compressed == response_compression::always ||
      (compressed == response_compression::lists && api::may_be_large(*operation_));
  request.hedge = &one == &attempts_[1];
  if (request.hedge) {
    const request_progress* const first = progress_of_first();
    if (first != nullptr) request.avoided_connection = first->connection;
  } else {
    request.progress = progress_;
  }
  request.deadline = deadline_;
  request.attempt_timeout = options_.attempt_timeout().count() != 0
                                ? options_.attempt_timeout()
                                : client_->config.timeouts.attempt;
  return request;
}

/// That of the first attempt, or of the request whose response it shares. Null: nobody says.
const request_progress* call_base::progress_of_first() const {
  const request_progress* const own = progress_.get();
  return own != nullptr && own->shared ? own->shared.get() : own;
}

/// Since when the first attempt has had a connection; nothing while it waits for one.
std::optional<call_base::clock::time_point> call_base::leased() const {
  const request_progress* const of = progress_of_first();
  const clock::time_point since = of != nullptr ? of->leased.load() : clock::time_point::min();
  if (since == clock::time_point::max()) return std::nullopt;
  return std::max(since, attempts_[0].begun);
}

/// A hedge is due `hedge_after_` after the lease: while its first attempt waits for a connection,
/// it would only wait behind it. Then it is looked at again after as long as it has waited, so that
/// calls which wait for long cost little.
call_base::clock::duration call_base::hedge_early() const {
  const clock::time_point now = clock::now();
  if (const auto since = leased()) return *since + hedge_after_ - now;
  return std::max<clock::duration>(hedge_after_, now - attempts_[0].begun);
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

/// A second request can only help: that our own pool refuses one of two does not end the other.
attempt_verdict call_base::judge(unsigned which, const error& failure) const {
  const bool refused_by_pool = failure == errc::queue_full || failure == errc::acquire_timeout;
  return refused_by_pool && core_->under_way(1 - which) ? attempt_verdict::transient
                                                        : judge(failure);
}

attempt_verdict call_base::judge(const error& failure) const {
  if (client_->tokens && failure == errc::unauthorized) return attempt_verdict::unauthorized;
  return retry::judge(outcome_of(failure)) == retry::verdict::final_answer
             ? attempt_verdict::final
             : attempt_verdict::transient;
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
    ends = action.ends() && claim_end();
  }
  if (!ends) return;
  if (action.what == call_action::kind::cancelled)
    return finish(model::make_error(errc::cancelled, phase::token, {}), nullptr);
  finish(explain(token.error(), action), nullptr);
}

void call_base::on_response(unsigned which, result<http_response>&& got) {
  const http_response* response = got ? &*got : nullptr;
  result<void> checked;
  call_action action;
  bool ends = false;
  {
    const std::scoped_lock lock(mutex_);
    checked = got ? api::check_response(*got, *operation_, client_->authorization(token_))
                  : result<void>(got.error());
    action = checked ? on_success(which, *response) : on_failure(which, checked.error(), response);
    perform(action);
    ends = action.ends() && claim_end();
  }
  if (!ends) return;
  if (!checked && action.retried) return finish(explain(checked.error(), action), response);
  finish(checked, response);
}

call_action call_base::on_success(unsigned which, const http_response& response) {
  const call_action action =
      core_->attempt_ended(which, attempt_verdict::final, [] { return retry::decision{}; });
  const bool own = sent_request(&response, nullptr);
  if (action.what == call_action::kind::finish) {
    // Of a hedged call what counts is how long its first request took, or was given, without the
    // wait for a connection: else the percentile would sink by hedging.
    if (own || retries_.retries > 0) {
      client_->attempt_succeeded(
          retries_, hedged_ && own
                        ? std::optional(clock::now() - leased().value_or(attempts_[0].begun))
                        : std::nullopt);
    }
    if (which == 1) observe::call_counters::count(client_->counters.hedges_won);
  }
  if (own && reporter_.is_observed())
    reporter_.completed(attempts_[which], &response, nullptr, !ending_);
  return action;
}

call_action call_base::on_failure(unsigned which, const error& failure,
                                  const http_response* response) {
  const bool retried_by_another = was_retried_by_another(which, failure, response);
  const call_action action =
      retried_by_another
          ? core_->attempt_ended(which, attempt_verdict::transient,
                                 [] { return retry::decision{}; })
          : core_->attempt_ended(which, judge(which, failure), [&] { return decide(failure); });
  if (reporter_.is_observed()) {
    if (sent_request(response, &failure))
      reporter_.completed(attempts_[which], response, &failure, !ending_);
    const bool again = action.what == call_action::kind::wait || action.renew_token;
    if (again) reporter_.retried(attempts_[which], failure, action);
  }
  return action;
}

/// Whether the failure is that of a fetch which another call shared and has given up.
bool call_base::was_retried_by_another(unsigned which, const error& failure,
                                       const http_response* response) const {
  const bool shared = response != nullptr ? response->shared : failure.details().shared;
  return shared && which == 0 && client_->caching &&
         !client_->caching->decides_on_retry(reporter_.number());
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
      action = core_->timer_fired(
          pause(), [&] { return client_->may_hedge(); }, hedge_early());
      out_of_time_ = action.what == call_action::kind::outlasted;
    }
    if (action.attempt == 1) {
      observe::call_counters::count(client_->counters.hedges);
      if (reporter_.is_observed()) reporter_.hedged(attempts_[0]);
    }
    perform(action);
    ends = action.ends() && claim_end();
  }
  if (!ends) return;
  const bool cancelled = action.what == call_action::kind::cancelled;
  finish(cancelled ? model::make_error(errc::cancelled, phase::backoff, {}) : outlasted_by_pause(),
         nullptr);
}

// ---- the end

void call_base::finish(const result<void>& checked, const http_response* response) {
  if (client_->caching) {
    const bool for_all = !checked && !out_of_time_ && checked.error() != errc::cancelled &&
                         checked.error() != errc::deadline_exceeded;
    client_->caching->call_ended(reporter_.number(), for_all);
  }
  complete(checked, response);
  leave();
}

void call_base::succeed(const http_response& response) const {
  if (response_info* info = options_.info()) reporter_.inform(*info, response, attempts_made());
  client_->counters.end(nullptr);
  if (reporter_.is_observed()) reporter_.ended(nullptr, &response, attempts_made());
}

error call_base::fail(const error& why, const http_response* response) const {
  error failure = reporter_.describe(why, response, attempts_made());
  if (response != nullptr && response->status / 100 == 2 && client_->caching &&
      operation_->method == "GET") {
    // What could not be read is not for those who ask from now on.
    client_->caching->forget(api::target_of(*operation_, client_->prefix));
  }
  client_->counters.end(&failure);
  if (reporter_.is_observed()) reporter_.ended(&failure, response, attempts_made());
  return failure;
}

}  // namespace upsun::calls
