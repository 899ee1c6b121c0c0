#include "http/pool/http_transport.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>

#include <new>
#include <numeric>

#include "http/http1/request_head.hpp"
#include "http/net/context_end.hpp"
#include "model/make_error.hpp"
#include "util/random.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

duration span_of(std::chrono::milliseconds option, duration none) {
  return option.count() == 0 ? none : duration(option);
}

/// When an idle connection gives back the buffers it works with: the next lease makes new ones.
constexpr std::chrono::seconds rest_after(1);

/// Far enough away for "never", near enough for sums.
constexpr std::chrono::hours no_limit(24 * 365);

/// Without its cause when memory is short.
error dial_error(const dial_outcome& outcome) noexcept {
  try {
    return model::make_error(outcome.failure.code, outcome.failed_in, outcome.failure.cause);
  } catch (const std::bad_alloc&) {
    return outcome.failure.code;
  }
}

std::shared_ptr<const dial_target> make_target(const config::transport_settings& settings) {
  dial_target target{.where = settings.where,
                     .way = settings.way,
                     .tls = std::nullopt,
                     .timeout = settings.timeouts.connect,
                     .limits = settings.limits};
  if (settings.where.tls) target.tls.emplace(settings.tls, settings.where.host);
  return std::make_shared<const dial_target>(std::move(target));
}

std::size_t evictions_of(const pool_core& pool) {
  const auto evictions = pool.statistics().evictions;
  return std::accumulate(evictions.begin(), evictions.end(), std::size_t{0});
}

pool_limits limits_of(const pool_options& options) {
  return {.max_connections = options.max_connections,
          .max_waiters = options.max_waiters,
          .min_connections = options.min_connections,
          .idle_timeout = options.idle_timeout,
          .max_lifetime = options.max_lifetime,
          .rest_after = rest_after,
          .pipeline_depth = options.pipeline_depth};
}

}  // namespace

http_transport::http_transport(asio::any_io_executor executor,
                               const config::transport_settings& settings, lookup_function lookup)
    : executor_(std::move(executor)),
      target_(make_target(settings)),
      names_(std::make_shared<resolver>(target_->way.host, settings.dns, std::move(lookup))),
      streams_(std::make_shared<open_streams>()),
      watch_(std::make_shared<epoll_set>(executor_)),
      acquire_timeout_(span_of(settings.pool.acquire_timeout, no_limit)),
      attempt_timeout_(settings.timeouts.attempt),
      pipelines_(settings.pool.pipeline_depth > 1),
      limits_(settings.limits),
      validators_(settings.reads_validators),
      constant_head_(prepare_head(settings)),
      observer_(settings.observer),
      pool_(limits_of(settings.pool)),
      timer_(executor_) {}

std::shared_ptr<transport> make_transport(const asio::any_io_executor& executor,
                                          const config::transport_settings& settings,
                                          lookup_function lookup) {
  auto made = std::make_shared<http_transport>(
      executor, settings, lookup ? std::move(lookup) : system_lookup(executor));
  end_with_context(executor, made);
  made->warm_up();
  return made;
}

void http_transport::warm_up() {
  names_->report_to(weak_from_this());
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    pool_.reserve(effects_);
    pool_.warm_up(clock::now(), effects_);
    collect(todo);
  }
  perform(todo);
  announce(todo);
}

void http_transport::async_send(http_request request, send_handler handler) {
  const auto e = std::allocate_shared<exchange>(util::recycler<exchange>());
  e->home = shared_from_this();
  e->idempotent = request.idempotent;
  e->may_share = pipelines_ && request.method == "GET" && request.body.empty();
  e->admitted = request.at != time_point{} ? request.at : clock::now();
  e->deadline = request.deadline;
  e->attempt_timeout =
      request.attempt_timeout.count() != 0 ? duration(request.attempt_timeout) : attempt_timeout_;
  if (observer_) {
    e->observed = true;
    e->call = request.call;
    e->attempt = request.attempt;
    e->method = request.method;
    e->path_template = request.path_template;
    tell(attempt_event::kind::queued, *e, e->admitted, nullptr);
  }
  auto slot = slot_of(request, handler);
  e->bytes = request_text(std::move(request), constant_head_);
  if (slot.is_connected()) {
    slot.assign([self = weak_from_this(),
                 target = std::weak_ptr<exchange>(e)](asio::cancellation_type type) {
      const auto alive = target.lock();
      const auto home = self.lock();
      if (type != asio::cancellation_type::none && alive && home)
        home->abort(alive, errc::cancelled);
    });
  }
  e->handler.swap(handler);  // its move assignment recurses without end in Boost 1.81
  auto refused = acquire(e, e->may_share ? demand::shared : demand::alone, completion::posted);
  if (!refused) return;
  if (*refused == errc::out_of_memory) throw std::bad_alloc();
  asio::post(executor_, [e, why = *std::move(refused)] { std::move(e->handler)(why); });
}

void http_transport::async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                                       open_handler handler) {
  const time_point now = clock::now();
  const time_point attempt_end =
      now +
      (request.attempt_timeout.count() != 0 ? duration(request.attempt_timeout) : attempt_timeout_);
  const body_stream::limit until =
      request.deadline <= attempt_end
          ? body_stream::limit{request.deadline, errc::deadline_exceeded}
          : body_stream::limit{attempt_end, errc::attempt_timeout};
  const connection_id id = streams_->next_id();
  const auto stream =
      std::make_shared<body_stream>(id,
                                    body_stream::settings{.executor = executor_,
                                                          .target = target_,
                                                          .names = names_,
                                                          .limits = limits_,
                                                          .idle_timeout = idle_timeout},
                                    streams_);
  if (!streams_->add(id, stream)) stream->refuse(errc::client_closed);
  stream->open(request_text(std::move(request), constant_head_), until, std::move(handler));
}

std::optional<error> http_transport::acquire(const exchange_ptr& e, demand want, completion how) {
  const bool fresh = e->stage == exchange::stage_kind::fresh;
  work todo;
  std::shared_ptr<connection> leased;
  std::optional<error> refused;
  {
    const std::scoped_lock lock(mutex_);
    const time_point now = fresh ? e->admitted : clock::now();
    if (fresh) {
      e->stage = exchange::stage_kind::moving;
      e->admitted_open = !closing_;
      under_way_.push_back(*e);
    }
    try {
      if (const int reason = e->aborted.load(std::memory_order_acquire); reason != 0) {
        refused = failure_of(*e, static_cast<errc>(reason), {}, phase::queue);
      } else if (closing_ && !e->replayed && !e->moved) {
        refused = failure_of(*e, errc::client_closed, {}, phase::admission);
      } else {
        const time_point first_due =
            std::min(e->deadline, now + std::min(acquire_timeout_, e->attempt_timeout));
        if (first_due < armed_) arm_timer(first_due);
        pool_.reserve(effects_);
        const acquired got = pool_.acquire(now, want, effects_);
        switch (got.what) {
          case acquired::kind::leased:
            leased = connections_.at(got.connection);
            activate(*e, leased, got.reused, got.behind, now);
            break;
          case acquired::kind::queued: enqueue(e, got.waiter, now); break;
          case acquired::kind::queue_full:
            refused = failure_of(*e, errc::queue_full, "pool.max_waiters are waiting already",
                                 phase::queue);
            break;
          case acquired::kind::closed:
            refused = failure_of(*e, errc::client_closed, {}, phase::admission);
            break;
        }
      }
    } catch (const std::bad_alloc&) {
      refused = failure_of(*e, errc::out_of_memory, {}, phase::queue);
    }
    if (refused) leave(*e, todo);
    collect(todo);
  }
  perform(todo);
  announce(todo);
  if (leased) {
    if (observer_) tell(attempt_event::kind::leased, *e, e->leased, leased.get(), e->reused);
    if (auto outcome = leased->begin(e)) settle(*leased, std::move(*outcome), how);
  }
  return refused;
}

/// \throws std::bad_alloc, having changed nothing but that the pool may dial.
void http_transport::enqueue(const exchange_ptr& e, ticket waiter, time_point now) {
  try {
    waiters_.emplace(waiter, e);
  } catch (const std::bad_alloc&) {
    pool_.cancel_waiter(waiter, false, now);
    throw;
  }
  e->stage = exchange::stage_kind::queued;
  e->waiter = waiter;
  e->due_code =
      e->deadline <= now + acquire_timeout_ ? errc::deadline_exceeded : errc::acquire_timeout;
  schedule(*e, std::min(e->deadline, now + acquire_timeout_));
}

void http_transport::on_finished(connection& from, exchange_outcome&& outcome) {
  settle(from, std::move(outcome), completion::inline_call);
}

void http_transport::settle(connection& from, exchange_outcome&& outcome, completion how) {
  const exchange_ptr& e = outcome.finished;
  if (!e) return settle_ghost(from, outcome);
  if (observer_) {
    if (e->sent != time_point{}) tell(attempt_event::kind::sent, *e, e->sent, &from, e->reused);
    if (e->first_byte != time_point{})
      tell(attempt_event::kind::first_byte, *e, e->first_byte, &from, e->reused);
  }
  const bool replay = may_replay(outcome);
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    wheel_.cancel(*e);
    release(from, outcome);
    e->on.reset();
    if (outcome.moved || replay) {
      e->stage = exchange::stage_kind::moving;
      (outcome.moved ? e->moved : e->replayed) = true;
    } else {
      leave(*e, todo);
    }
    collect(todo);
    schedule_pool();
  }
  perform(todo);
  if (outcome.moved || replay) {
    if (observer_) tell(attempt_event::kind::queued, *e, clock::now(), nullptr);
    if (auto refused = acquire(e, outcome.moved ? demand::moved : demand::fresh, how))
      complete(e, *std::move(refused), how, todo);
    return;
  }
  if (outcome.response) return complete(e, std::move(*outcome.response), how, todo);
  complete(e, failure_of(*e, outcome.failure.code, outcome.failure.cause, outcome.failed_in), how,
           todo);
}

void http_transport::settle_ghost(connection& from, const exchange_outcome& outcome) {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    release(from, outcome);
    collect(todo);
    schedule_pool();
  }
  perform(todo);
  announce(todo);
}

void http_transport::release(const connection& from, const exchange_outcome& outcome) {
  const bool ended = outcome.verdict == release_verdict::failed ||
                     outcome.verdict == release_verdict::not_reusable;
  if (ended) connections_.erase(from.id());
  pool_.release(from.id(), outcome.at != time_point{} ? outcome.at : clock::now(), outcome.verdict,
                outcome.keep_alive, effects_);
}

bool http_transport::may_replay(const exchange_outcome& outcome) const {
  const exchange& e = *outcome.finished;
  const bool lost = outcome.failure.code == errc::connection_closed ||
                    outcome.failure.code == errc::connection_reset;
  return !outcome.response && lost && !outcome.aborted && !outcome.any_response_byte &&
         outcome.kept && !e.replayed && (e.written == 0 || e.idempotent);
}

void http_transport::on_idle_death(connection& from) {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    if (!pool_.connection_dead(from.id(), clock::now(), effects_))
      return;  // leased meanwhile: its exchange finds out
    connections_.erase(from.id());
    collect(todo);
    schedule_pool();
  }
  perform(todo);
  announce(todo);
}

void http_transport::on_dialled(connection_id id, dial_outcome outcome) {
  std::shared_ptr<connection> made;
  std::shared_ptr<connection> kept;
  if (outcome.socket) {
    made = make_connection(id, outcome);
    if (!made)
      outcome = {.failure = {errc::out_of_memory, {}},
                 .failed_in = phase::connect,
                 .times = outcome.times};
  }
  if (observer_) tell_dialled(id, outcome);
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    const time_point now = clock::now();
    if (dials_.erase(id) == 0) {  // abandoned meanwhile
      if (made) todo.to_close.push(std::move(made));
    } else if (made && keep(made)) {
      kept = made;
      pool_.dial_succeeded(id, now, util::roll(), effects_);
      retire_if_gone(*made);
    } else {
      if (made) {
        outcome = {.failure = {errc::out_of_memory, {}}, .failed_in = phase::connect};
        todo.to_close.push(std::move(made));
      }
      last_dial_ = dial_failure{std::move(outcome.failure), outcome.failed_in};
      pool_.dial_failed(id, now, effects_);
    }
    collect(todo);
    schedule_pool();
  }
  if (kept) kept->count_as_used();
  perform(todo);
  announce(todo);
}

/// Null when memory, or the system's for watching sockets, ran out.
std::shared_ptr<connection> http_transport::make_connection(connection_id id,
                                                            dial_outcome& from) noexcept {
  try {
    util::unique_fd socket(from.socket->release());  // from here on it is watched otherwise
    auto made =
        std::make_shared<connection>(id, std::move(socket), std::move(*from.stream), from.peer,
                                     limits_, validators_, watch_, weak_from_this());
    made->start();
    return made;
  } catch (const std::exception&) {
    return nullptr;
  }
}

bool http_transport::keep(const std::shared_ptr<connection>& made) noexcept {
  try {
    connections_.emplace(made->id(), made);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void http_transport::on_addresses_gone() {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, one] : connections_) retire_if_gone(*one);
    collect(todo);
    schedule_pool();
  }
  perform(todo);
  announce(todo);
}

void http_transport::retire_if_gone(const connection& one) {
  if (one.peer() && !names_->holds(*one.peer())) pool_.retire(one.id(), clock::now(), effects_);
}

void http_transport::abort(const exchange_ptr& e, errc reason) {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    end(e, reason, todo);
    collect(todo);
  }
  perform(todo);
  announce(todo);
}

void http_transport::end(const exchange_ptr& e, errc reason, work& todo) {
  int none = 0;
  const bool first =
      e->aborted.compare_exchange_strong(none, static_cast<int>(reason), std::memory_order_acq_rel);
  if (e->stage == exchange::stage_kind::active && first) {
    e->abort_on = e->on;
    todo.to_abort.push(e);
  }
  if (e->stage != exchange::stage_kind::queued) return;
  pool_.cancel_waiter(e->waiter, reason == errc::acquire_timeout, clock::now());
  waiters_.erase(e->waiter);
  e->why = queue_failure(*e, reason);
  leave(*e, todo);
  todo.failed.push(e);
}

// Those that wait go first: a connection that comes free, or fails, must not be given to them, nor
// dialled anew.
void http_transport::end_all(errc reason, work& todo) {
  for (const bool waiting : {true, false}) {
    for (auto at = under_way_.begin(); at != under_way_.end();) {
      exchange& e = *at++;  // it may leave
      if ((e.stage == exchange::stage_kind::queued) == waiting)
        end(e.shared_from_this(), reason, todo);
    }
  }
}

void http_transport::complete(const exchange_ptr& e, result<http_response>&& outcome,
                              completion how, work& todo) {
  if (how == completion::inline_call) {
    announce(todo);  // posts, so it still comes after
    return std::move(e->handler)(std::move(outcome));
  }
  e->why = outcome.error();  // only failures come from within what starts things
  complete_later(e);
  announce(todo);
}

void http_transport::complete_later(exchange_ptr e) noexcept {
  try {
    asio::post(executor_, [e] { std::move(e->handler)(e->why); });
  } catch (const std::bad_alloc&) {
    const std::scoped_lock lock(mutex_);
    late_.push(std::move(e));
    ring();
  }
}

void http_transport::deliver_late() {
  for (;;) {
    exchange_ptr e;
    {
      const std::scoped_lock lock(mutex_);
      e = late_.pop();
      if (!late_.empty()) ring();  // should this handler throw
    }
    if (!e) return;
    std::move(e->handler)(e->why);
  }
}

void http_transport::announce(work& todo) noexcept {
  while (const auto one = todo.closed.pop()) {
    try {
      asio::post(executor_, [one, report = todo.report] { std::move(one->handler)(report); });
    } catch (const std::bad_alloc&) {
      std::move(one->handler)(todo.report);
    }
  }
}

/// Lacks its details when memory is short.
error http_transport::failure_of(const exchange& e, errc code, std::string_view cause,
                                 phase where) const noexcept {
  try {
    error_details details;
    details.phase = where;
    details.cause = cause;
    const time_point now = clock::now();
    if (e.leased == time_point{}) {
      details.timings.queue = now - e.admitted;
    } else {
      details.timings.queue = e.leased - e.admitted;
      const bool answered = e.first_byte != time_point{};
      details.timings.first_byte = (answered ? e.first_byte : now) - e.leased;
      if (answered) details.timings.transfer = now - e.first_byte;
    }
    return {code, std::move(details)};
  } catch (const std::bad_alloc&) {
    return code;
  }
}

/// What blocked a wait that was ended: the dial it hung on, or the last one that failed.
error http_transport::queue_failure(const exchange& e, errc reason) const noexcept {
  try {
    const std::string last =
        last_dial_ ? "the last dial failed: " + last_dial_->failure.cause : std::string();
    if (!dials_.empty()) {
      return failure_of(
          e, reason,
          "while dialling " + target_->where.host_header + (last.empty() ? "" : "; ") + last,
          dials_.begin()->second->now_in());
    }
    if (!last.empty()) return failure_of(e, reason, last, phase::queue);
    return failure_of(e, reason, "every connection was in use", phase::queue);
  } catch (const std::bad_alloc&) {
    return reason;
  }
}

void http_transport::activate(exchange& e, std::shared_ptr<connection> on, bool reused, bool behind,
                              time_point now) {
  e.stage = exchange::stage_kind::active;
  e.on = std::move(on);
  e.reused = reused;
  e.behind = behind;
  e.leased = now;
  e.due_code =
      e.deadline <= now + e.attempt_timeout ? errc::deadline_exceeded : errc::attempt_timeout;
  schedule(e, std::min(e.deadline, now + e.attempt_timeout));
}

void http_transport::leave(exchange& e, work& todo) {
  wheel_.cancel(e);
  e.stage = exchange::stage_kind::done;
  e.on.reset();
  under_way_.erase(under_way_.iterator_to(e));
  if (closing_) {
    if (e.admitted_open)
      ++(e.aborted.load(std::memory_order_relaxed) == 0 ? report_.drained : report_.cancelled);
    if (under_way_.empty()) finish_close(todo);
  }
}

void http_transport::collect(work& todo) noexcept {
  for (std::size_t i = 0; i < effects_.size();
       ++i) {  // it may grow: the last call to leave closes the pool
    const pool_effect effect = effects_[i];
    switch (effect.what) {
      case pool_effect::kind::dial:
        if (!begin_dial(effect.connection, todo))
          fail_dial(effect.connection, {{errc::out_of_memory, {}}, phase::resolve});
        break;
      case pool_effect::kind::grant: {
        auto waiter = waiters_.extract(effect.waiter);
        if (!waiter) {  // there was no memory to keep it
          pool_.release(effect.connection, clock::now(), release_verdict::untouched, std::nullopt,
                        effects_);
          break;
        }
        activate(*waiter.mapped(), connections_.at(effect.connection), effect.reused, effect.behind,
                 clock::now());
        todo.granted.push(std::move(waiter.mapped()));
        break;
      }
      case pool_effect::kind::fail: {
        auto waiter = waiters_.extract(effect.waiter);
        exchange& e = *waiter.mapped();
        e.why = failure_of(e, last_dial_->failure.code, last_dial_->failure.cause,
                           last_dial_->failed_in);
        leave(e, todo);
        todo.failed.push(std::move(waiter.mapped()));
        break;
      }
      case pool_effect::kind::close:
        if (auto gone = connections_.extract(effect.connection))
          todo.to_close.push(std::move(gone.mapped()));
        break;
      case pool_effect::kind::abandon:
        if (auto gone = dials_.extract(effect.connection))
          todo.to_abandon.push(std::move(gone.mapped()));
        break;
      case pool_effect::kind::rest:
        if (const auto& idle = connections_.at(effect.connection); !idle->is_to_rest.exchange(true))
          todo.to_rest.push(idle);
        break;
    }
  }
  effects_.clear();
}

bool http_transport::begin_dial(connection_id id, work& todo) noexcept {
  try {
    auto begun = std::make_shared<dial>(id, executor_, target_, names_, shared_from_this());
    dials_.emplace(id, begun);
    todo.to_dial.push(std::move(begun));
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void http_transport::fail_dial(connection_id id, dial_failure why) noexcept {
  last_dial_ = std::move(why);
  pool_.dial_failed(id, clock::now(), effects_);
}

void http_transport::perform(work& todo) {
  while (const auto begun = todo.to_dial.pop()) {
    auto failed = begun->start();
    if (!failed) continue;
    if (observer_) tell_dialled(begun->id(), *failed);
    const std::scoped_lock lock(mutex_);
    if (dials_.erase(begun->id()) != 0)
      fail_dial(begun->id(), {std::move(failed->failure), failed->failed_in});
    collect(todo);  // it may be dialled again
    schedule_pool();
  }
  while (const auto abandoned = todo.to_abandon.pop()) abandoned->abandon();
  while (const auto gone = todo.to_close.pop()) gone->close();
  while (const auto idle = todo.to_rest.pop()) {
    idle->is_to_rest = false;
    idle->rest();
  }
  while (const auto e = todo.granted.pop()) {
    const auto on = e->on;
    if (observer_) tell(attempt_event::kind::leased, *e, e->leased, on.get(), e->reused);
    if (auto outcome = on->begin(e)) settle(*on, std::move(*outcome), completion::posted);
  }
  while (const auto e = todo.to_abort.pop()) {
    const auto on = std::exchange(e->abort_on, nullptr);
    if (auto outcome = on->abort(e, static_cast<errc>(e->aborted.load(std::memory_order_acquire))))
      settle(*on, std::move(*outcome), completion::posted);
  }
  while (auto e = todo.failed.pop()) complete_later(std::move(e));
}

// ---- what an observer is told

void http_transport::tell(attempt_event::kind what, const exchange& e, time_point at,
                          const connection* on, bool reused) const {
  observer_->on_attempt({.what = what,
                         .at = at,
                         .call = e.call,
                         .attempt = e.attempt,
                         .method = e.method,
                         .path_template = e.path_template,
                         .server_address = target_->where.host,
                         .server_port = target_->where.port,
                         .connection = on != nullptr ? static_cast<std::uint64_t>(on->id()) : 0,
                         .reused = reused});
}

void http_transport::tell_dialled(connection_id id, const dial_outcome& outcome) const {
  std::optional<error> failure;
  if (!outcome.socket) failure = dial_error(outcome);
  observer_->on_attempt({.what = attempt_event::kind::dialled,
                         .at = clock::now(),
                         .server_address = target_->where.host,
                         .server_port = target_->where.port,
                         .connection = static_cast<std::uint64_t>(id),
                         .failure = failure ? &*failure : nullptr,
                         .resolve = outcome.times.resolve,
                         .connect = outcome.times.connect,
                         .handshake = outcome.times.handshake});
}

// ---- deadlines

void http_transport::schedule(util::deadline_entry& entry, time_point due) noexcept {
  wheel_.schedule(entry, due);
  if (due >= armed_) return;
  try {
    arm_timer(*wheel_.next_due());
  } catch (const std::bad_alloc&) {
    // The wait that this ended arms the timer anew. There was one for every exchange: admission
    // sees to it.
  }
}

void http_transport::schedule_pool() noexcept {
  const auto next = pool_.next_deadline();
  if (next && (!pool_entry_.scheduled() || *next < pool_entry_.due())) schedule(pool_entry_, *next);
}

void http_transport::arm_timer(time_point due) {
  armed_ = time_point::max();
  timer_.expires_at(due);
  timer_.async_wait([self = weak_from_this(), generation = ++timer_generation_](const error_code&) {
    if (const auto home = self.lock()) home->on_timer(generation);
  });
  armed_ = due;
}

/// Has `on_timer` called soon, which takes no memory as long as the timer is armed.
void http_transport::ring() noexcept { timer_.cancel(); }

void http_transport::on_timer(std::uint64_t generation) {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    if (generation == timer_generation_) {
      armed_ = time_point::max();
    } else if (armed_ != time_point::max() && late_.empty()) {
      return;  // it was armed anew
    }
    const time_point now = clock::now();
    bool pool_due = false;
    bool grace_over = false;
    while (util::deadline_entry* entry = wheel_.pop_expired(now)) {
      if (entry == &pool_entry_) {
        pool_due = true;
      } else if (entry == &close_entry_) {
        grace_over = true;
      } else {
        auto& e = static_cast<exchange&>(*entry);
        end(e.shared_from_this(), e.due_code, todo);
      }
    }
    if (grace_over) end_all(errc::cancelled, todo);
    if (pool_due) tick_pool(now);
    collect(todo);
    if (pool_due) schedule_pool();
    rearm(todo);
  }
  perform(todo);
  announce(todo);
  deliver_late();
}

/// Without memory it is left to the next time.
void http_transport::tick_pool(time_point now) noexcept {
  try {
    pool_.reserve(effects_);
    pool_.tick(now, effects_);
  } catch (const std::bad_alloc&) {
  }
}

/// Where no deadline can be kept any more, everything ends.
void http_transport::rearm(work& todo) noexcept {
  const auto next = wheel_.next_due();
  if (!next || *next >= armed_) return;
  const bool waited = armed_ != time_point::max();
  try {
    arm_timer(*next);
  } catch (const std::bad_alloc&) {
    if (waited) return;  // the wait that this ended comes here again
    end_all(errc::out_of_memory, todo);
    collect(todo);
  }
}

// ---- closing

void http_transport::async_close(std::chrono::milliseconds grace, close_handler handler) {
  work todo;
  auto one = std::make_shared<closing>();
  {
    const std::scoped_lock lock(mutex_);
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([self = weak_from_this()](asio::cancellation_type type) {
        if (const auto home = self.lock(); home && type != asio::cancellation_type::none)
          home->end_grace();
      });
    }
    if (!closing_) begin_close();
    one->handler.swap(handler);
    close_handlers_.push(std::move(one));
    const time_point over = clock::now() + std::clamp(grace, std::chrono::milliseconds(0),
                                                      std::chrono::milliseconds(no_limit));
    if (under_way_.empty()) {
      finish_close(todo);
    } else if (grace.count() <= 0) {
      end_all(errc::cancelled, todo);
    } else if (!close_entry_.scheduled() || over < close_entry_.due()) {
      schedule(close_entry_, over);
    }
    collect(todo);
  }
  perform(todo);
  announce(todo);
}

void http_transport::end_grace() {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    end_all(errc::cancelled, todo);
    collect(todo);
  }
  perform(todo);
  announce(todo);
}

void http_transport::begin_close() {
  closing_ = true;
  evicted_before_close_ = evictions_of(pool_);
  pool_.begin_drain();
}

void http_transport::finish_close(work& todo) {
  streams_->end_all();
  names_->close();
  wheel_.cancel(close_entry_);
  wheel_.cancel(pool_entry_);
  const std::size_t dialling = pool_.statistics().dialling;
  pool_.close(clock::now(), effects_);
  const std::size_t evicted = evictions_of(pool_);
  report_.connections_closed = evicted - std::exchange(evicted_before_close_, evicted) + dialling;
  timer_.cancel();
  armed_ = time_point::max();
  while (auto one = close_handlers_.pop()) todo.closed.push(std::move(one));
  todo.report = std::exchange(report_, {});
}

void http_transport::shutdown() noexcept {
  work todo;
  {
    const std::scoped_lock lock(mutex_);
    if (!closing_) begin_close();
    if (under_way_.empty()) {
      finish_close(todo);
    } else {
      end_all(errc::cancelled, todo);
    }
    collect(todo);
  }
  perform(todo);
  announce(todo);
}

pool_statistics http_transport::statistics() const {
  const std::scoped_lock lock(mutex_);
  return pool_.statistics();
}

}  // namespace upsun::http
