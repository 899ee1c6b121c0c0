#include "http/pool/http_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "http/http1/request_head.hpp"
#include "util/on_cancel.hpp"
#include "util/recycler.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

/// When an idle connection frees the buffers it works with.
constexpr std::chrono::seconds trim_after(1);

/// Far enough away for "never", near enough for sums.
constexpr std::chrono::hours no_limit(24 * 365);

std::shared_ptr<const dial_target> make_target(const config::transport_settings& settings) {
  dial_target target{.origin = settings.where,
                     .route = settings.way,
                     .tls = std::nullopt,
                     .timeout = settings.timeouts.connect,
                     .limits = settings.limits};
  if (settings.where.tls) target.tls.emplace(settings.tls, settings.where.host);
  return std::make_shared<const dial_target>(std::move(target));
}

pool_limits limits_of(const pool_options& options) {
  return {.max_connections = options.max_connections,
          .max_waiters = options.max_waiters,
          .min_connections = options.min_connections,
          .idle_timeout = options.idle_timeout,
          .max_lifetime = options.max_lifetime,
          .trim_after = trim_after};
}

duration duration_or(std::chrono::milliseconds option, duration unset) {
  return option.count() == 0 ? unset : duration(option);
}

/// Calls `function` of an object that may be gone by then.
template <class Object, class... Arguments>
auto call_if_alive(const std::weak_ptr<Object>& object, void (Object::*function)(Arguments...)) {
  return [object, function](Arguments... arguments) {
    if (const auto alive = object.lock())
      ((*alive).*function)(std::forward<Arguments>(arguments)...);
  };
}

}  // namespace

http_transport::http_transport(asio::any_io_executor executor,
                               const config::transport_settings& settings, lookup_function lookup)
    : executor_(std::move(executor)),
      target_(make_target(settings)),
      names_(std::make_shared<resolver>(target_->route.host, settings.dns, std::move(lookup))),
      streams_(std::make_shared<open_streams>()),
      watch_(std::make_shared<epoll_set>(executor_)),
      attempt_timeout_(settings.timeouts.attempt),
      limits_(settings.limits),
      validators_(settings.reads_validators),
      constant_head_(prepare_head(settings)),
      events_(settings.observer, target_),
      pool_(limits_of(settings.pool), target_, names_),
      requests_(executor_, pool_, duration_or(settings.pool.acquire_timeout, no_limit)) {}

std::shared_ptr<transport> make_transport(const asio::any_io_executor& executor,
                                          const config::transport_settings& settings,
                                          lookup_function lookup) {
  auto made = std::make_shared<http_transport>(
      executor, settings, lookup ? std::move(lookup) : system_lookup(executor));
  end_with_context(executor, made);
  made->start();
  return made;
}

void http_transport::start() {
  const std::weak_ptr<http_transport> self = weak_from_this();
  names_->on_addresses_gone(call_if_alive(self, &http_transport::on_addresses_gone));
  requests_.call(call_if_alive(self, &http_transport::on_deadlines));
  pool_.dial_by([self, executor = executor_, target = target_, names = names_](connection_id id) {
    return std::make_shared<dial>(id, executor, target, names, [self, id](dial_outcome outcome) {
      if (const auto alive = self.lock()) alive->on_dialled(id, std::move(outcome));
    });
  });
  update([&](transport_actions&) { pool_.warm_up(clock::now()); });
}

template <class Change>
void http_transport::update(Change change) {
  transport_actions todo;
  {
    const std::scoped_lock lock(mutex_);
    change(todo);
    requests_.apply(todo);
  }
  perform(todo);
  announce(todo);
}

// ---- admission

void http_transport::async_send(http_request request, send_handler handler) {
  const exchange_ptr e = make_exchange(std::move(request));
  util::on_cancel(handler, [self = weak_from_this(), target = std::weak_ptr<exchange>(e)] {
    const auto cancelled = target.lock();
    const auto home = self.lock();
    if (!cancelled || !home) return;
    home->update(
        [&](transport_actions& todo) { home->requests_.end(cancelled, errc::cancelled, todo); });
  });
  e->handler.swap(handler);  // its move assignment recurses without end in Boost 1.81
  {
    const std::scoped_lock lock(mutex_);
    requests_.admit(*e);
  }
  transport_actions todo;
  try {
    if (auto refused = acquire(e, demand::any, completion::posted, todo))
      complete(e, *std::move(refused), completion::posted, todo);
  } catch (...) {
    if (take_back(e, todo)) throw;
  }
}

exchange_ptr http_transport::make_exchange(http_request&& request) {
  auto e = std::allocate_shared<exchange>(util::recycler<exchange>());
  e->home = shared_from_this();
  e->idempotent = request.idempotent;
  e->admitted = clock::now();
  e->deadline = request.deadline;
  e->attempt_timeout = duration_or(request.attempt_timeout, attempt_timeout_);
  if (events_.wanted()) {
    e->observed = true;
    e->call = request.call;
    e->attempt = request.attempt;
    e->method = request.method;
    e->path_template = request.path_template;
    events_.queued(*e, e->admitted);
  }
  e->bytes = request_text(std::move(request), constant_head_);
  return e;
}

/// Gives `e` a connection, or queues it. Returns why it was refused, unless it was not.
std::optional<error> http_transport::acquire(const exchange_ptr& e, demand want, completion how,
                                             transport_actions& todo) {
  std::shared_ptr<connection> leased;
  std::optional<error> refused;
  {
    const std::scoped_lock lock(mutex_);
    const time_point now = e->replayed ? clock::now() : e->admitted;
    if (const int reason = e->aborted.load(std::memory_order_acquire); reason != 0) {
      refused = failure_of(*e, static_cast<errc>(reason), {}, phase::queue);
    } else if (requests_.closing() && !e->replayed) {
      refused = failure_of(*e, errc::client_closed, {}, phase::admission);
    } else {
      const auto got = requests_.acquire(e, want, now);
      leased = got.on;
      if (got.what == acquired::kind::queue_full)
        refused =
            failure_of(*e, errc::queue_full, "pool.max_waiters are waiting already", phase::queue);
      if (got.what == acquired::kind::closed)
        refused = failure_of(*e, errc::client_closed, {}, phase::admission);
    }
    if (refused) requests_.leave(*e, todo);
    requests_.apply(todo);
  }
  perform(todo);
  if (leased) {
    events_.leased(*e, *leased);
    if (auto outcome = leased->begin(e)) settle(*leased, std::move(*outcome), how);
  }
  return refused;
}

/// After an exception in `acquire`. False when `e` is on a connection that came free meanwhile:
/// then it has begun after all.
bool http_transport::take_back(const exchange_ptr& e, transport_actions& todo) {
  bool begun = false;
  {
    const std::scoped_lock lock(mutex_);
    begun = e->stage == exchange::stage_kind::active;
    if (e->stage == exchange::stage_kind::queued) pool_.cancel(*e, false);
    if (!begun && e->stage != exchange::stage_kind::done) requests_.leave(*e, todo);
    pool_.fail_unstarted(todo.list);
    for (pool_action& action : todo.list) {
      if (action.what == pool_action::kind::start) action.what = pool_action::kind::abandon;
    }
    requests_.apply(todo);
  }
  perform(todo);
  announce(todo);
  return !begun;
}

void http_transport::async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                                       open_handler handler) {
  const time_point attempt_end =
      clock::now() + duration_or(request.attempt_timeout, attempt_timeout_);
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

// ---- the pool's events

void http_transport::on_dialled(connection_id id, dial_outcome outcome) {
  const auto made = outcome.socket ? establish(id, outcome) : nullptr;
  events_.dialled(id, outcome);
  bool kept = false;
  transport_actions todo;
  {
    const std::scoped_lock lock(mutex_);
    kept = pool_.dialled(id, made, {std::move(outcome.failure), outcome.failed_in});
    if (made && !kept) todo.list.push_back({.what = pool_action::kind::close, .on = made});
    requests_.apply(todo);
  }
  if (made && kept) made->count_as_used();
  perform(todo);
  announce(todo);
}

/// Null, with the failure in `from`, when the system watches no more sockets.
std::shared_ptr<connection> http_transport::establish(connection_id id, dial_outcome& from) {
  try {
    util::unique_fd socket(from.socket->release());  // Asio does not watch it any more
    auto made =
        std::make_shared<connection>(id, std::move(socket), std::move(*from.stream), from.peer,
                                     limits_, validators_, watch_, weak_from_this());
    made->start();
    return made;
  } catch (const boost::system::system_error& refused) {
    from = {.failure = {errc::connect_failed, refused.what()},
            .failed_in = phase::connect,
            .times = from.times};
    return nullptr;
  }
}

void http_transport::on_idle_death(connection& from) {
  // Does nothing when it was leased meanwhile: its exchange finds out.
  update([&](transport_actions&) { pool_.died(from); });
}

void http_transport::on_addresses_gone() {
  update([&](transport_actions&) { pool_.addresses_gone(); });
}

void http_transport::on_deadlines() {
  update([&](transport_actions& todo) { requests_.expire(clock::now(), todo); });
}

void http_transport::perform(transport_actions& todo) {
  // By index, and what is done is taken out: an exception leaves the rest to `take_back`.
  for (std::size_t i = 0; i < todo.list.size(); ++i) {
    pool_action& action = todo.list[i];
    if (action.what == pool_action::kind::start && action.dialled) {
      auto ended = action.dialled->start();
      const auto started = std::move(action.dialled);
      if (ended) on_dialled(started->id(), std::move(*ended));
      continue;
    }
    const auto dialled = std::move(action.dialled);
    const auto on = std::move(action.on);
    const auto request = std::move(action.request);
    if (dialled) dialled->abandon();
    if (action.what == pool_action::kind::close && on) on->close();
    if (action.what == pool_action::kind::trim && on) on->trim();
    if (!request) continue;
    std::optional<exchange_outcome> outcome;
    if (action.what == pool_action::kind::begin) {
      events_.leased(*request, *on);
      outcome = on->begin(request);
    } else if (action.what == pool_action::kind::abort) {
      const auto reason = static_cast<errc>(request->aborted.load(std::memory_order_acquire));
      outcome = on->abort(request, reason);
    } else {
      post(request, std::move(action.why));
    }
    if (outcome) settle(*on, std::move(*outcome), completion::posted);
  }
}

/// Completes those who wait for the close: after the requests that it waited for.
void http_transport::announce(transport_actions& todo) {
  if (!std::exchange(todo.drained, false)) return;
  streams_->close_all();
  names_->close();
  for (auto& handler : todo.closed) {
    asio::post(executor_, [kept = std::make_shared<close_handler>(std::move(handler)),
                           report = todo.report] { std::move (*kept)(report); });
  }
}

// ---- the end of an exchange

void http_transport::on_finished(connection& from, exchange_outcome&& outcome) {
  settle(from, std::move(outcome), completion::inline_call);
}

void http_transport::settle(connection& from, exchange_outcome&& outcome, completion how) {
  const exchange_ptr& e = outcome.finished;
  events_.finished(*e, from);
  const bool replay = may_replay(outcome);
  transport_actions todo;
  {
    const std::scoped_lock lock(mutex_);
    pool_.release(from, outcome);
    e->replayed = e->replayed || replay;
    replay ? requests_.move(*e) : requests_.leave(*e, todo);
    requests_.apply(todo);
  }
  perform(todo);
  if (replay) {
    events_.queued(*e, clock::now());
    transport_actions again;
    if (auto refused = acquire(e, demand::fresh, how, again))
      complete(e, *std::move(refused), how, again);
  } else if (outcome.response) {
    complete(e, std::move(*outcome.response), how, todo);
  } else {
    auto& [code, cause] = outcome.failure;
    complete(e, failure_of(*e, code, std::move(cause), outcome.failed_in), how, todo);
  }
}

void http_transport::complete(const exchange_ptr& e, result<http_response>&& outcome,
                              completion how, transport_actions& todo) {
  if (how == completion::inline_call) {
    announce(todo);  // posts, so it still comes after
    return std::move(e->handler)(std::move(outcome));
  }
  post(e, outcome.error());  // only failures come from within a function that starts something
  announce(todo);
}

void http_transport::post(const exchange_ptr& e, error why) {
  asio::post(executor_, [e, why = std::move(why)] { std::move(e->handler)(why); });
}

// ---- closing

void http_transport::async_close(std::chrono::milliseconds grace, close_handler handler) {
  util::on_cancel(handler, [self = weak_from_this()] {
    const auto home = self.lock();
    if (!home) return;
    home->update([&](transport_actions& todo) { home->requests_.end_all(errc::cancelled, todo); });
  });
  update([&](transport_actions& todo) { requests_.close(grace, std::move(handler), todo); });
}

void http_transport::shutdown() noexcept {
  update([&](transport_actions& todo) { requests_.shut_down(todo); });
}

pool_statistics http_transport::statistics() const {
  const std::scoped_lock lock(mutex_);
  return pool_.statistics();
}

}  // namespace upsun::http
