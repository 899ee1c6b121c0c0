#include "http/pool/http_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include "http/http1/connection.hpp"
#include "http/http1/request_head.hpp"
#include "http/message/content_decoder.hpp"
#if UPSUN_HTTP2
#include "http/http2/connection.hpp"
#endif
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

/// How long a host that demands HTTP/1.1, or breaks HTTP/2 again and again, is spoken to in
/// HTTP/1.1.
constexpr std::chrono::minutes http1_time(10);
constexpr unsigned most_http2_failures = 3;

std::shared_ptr<const dial_target> make_target(const config::transport_settings& settings) {
  dial_target target{.origin = settings.where,
                     .route = settings.way,
                     .tls = std::nullopt,
                     .http = settings.http.version,
                     .timeout = settings.timeouts.connect,
                     .limits = settings.limits};
  if (settings.where.tls)
    target.tls.emplace(settings.tls, settings.where.host, settings.http.version);
  return std::make_shared<const dial_target>(std::move(target));
}

bool may_be_http2(const config::transport_settings& settings) {
  return UPSUN_HTTP2 && (settings.where.tls ? settings.http.version != http_version::http1
                                            : settings.http.version == http_version::http2);
}

pool_limits limits_of(const config::transport_settings& settings) {
  const pool_options& options = settings.pool;
  return {.max_connections = options.max_connections,
          .max_waiters = options.max_waiters,
          .min_connections = options.min_connections,
          .streams = may_be_http2(settings) ? settings.http.streams : 1,
          .asks_protocol = may_be_http2(settings),
          .idle_timeout = options.idle_timeout,
          .max_lifetime = options.max_lifetime,
          .trim_after = trim_after};
}

duration duration_or(std::chrono::milliseconds option, duration unset) {
  return option.count() == 0 ? unset : duration(option);
}

/// How long a stream that begins now may take to its head.
body_stream::limit limit_of(time_point deadline, duration attempt_timeout) {
  const time_point attempt_end = clock::now() + attempt_timeout;
  if (deadline <= attempt_end) return {deadline, errc::deadline_exceeded};
  return {attempt_end, errc::attempt_timeout};
}

pool_action completion_of(exchange_outcome& from) {
  pool_action completes{.what = pool_action::kind::complete, .request = from.finished};
  result<http_response>& outcome = *from.response;
  if (outcome)
    completes.response = std::make_unique<http_response>(std::move(*outcome));
  else
    completes.why = outcome.error();
  return completes;
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
      watch_(std::make_shared<readiness>(executor_)),
      attempt_timeout_(settings.timeouts.attempt),
      limits_(settings.limits),
      http_(settings.http),
      may_be_http2_(may_be_http2(settings)),
      validators_(settings.reads_validators),
      constant_head_(prepare_head(settings)),
      constant_head_coded_(prepare_head(settings, accepted_codings())),
      events_(settings.observer, target_),
      pool_(executor_, limits_of(settings), duration_or(settings.pool.acquire_timeout, no_limit),
            target_, names_) {}

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
  const auto make_dial = [self, executor = executor_, target = target_,
                          names = names_](connection_id id) {
    const auto home = self.lock();
    const bool http1_only = home && clock::now() < home->http1_until_;
    return std::make_shared<dial>(
        id, executor, target, names,
        [self, id](dial_outcome outcome) {
          if (const auto alive = self.lock()) alive->on_dialled(id, std::move(outcome));
        },
        http1_only);
  };
  update([&](pool_actions&) {
    pool_.start(make_dial, call_if_alive(self, &http_transport::on_deadlines));
  });
}

template <class Change>
void http_transport::update(Change change) {
  pool_actions todo;
  {
    const std::scoped_lock lock(mutex_);
    change(todo);
    pool_.apply(todo);
  }
  perform(todo);
}

// ---- requests

void http_transport::async_send(http_request request, send_handler handler) {
  const exchange_ptr e = make_exchange(std::move(request), events_.wanted());
  util::on_cancel(handler, [self = weak_from_this(), target = std::weak_ptr<exchange>(e)] {
    const auto cancelled = target.lock();
    const auto home = self.lock();
    if (!cancelled || !home) return;
    home->update([&](pool_actions& todo) { home->pool_.end(cancelled, errc::cancelled, todo); });
  });
  e->handler.swap(handler);  // its move assignment recurses without end in Boost 1.81
  acquire(e, completion::posted);
}

exchange_ptr http_transport::make_exchange(http_request&& request, bool observed) {
  auto e = std::allocate_shared<exchange>(util::recycler<exchange>());
  e->home = shared_from_this();
  e->idempotent = request.idempotent;
  e->admitted = clock::now();
  e->deadline = request.deadline;
  e->attempt_timeout = duration_or(request.attempt_timeout, attempt_timeout_);
  if (request.progress) e->progress = std::move(request.progress);
  e->avoided = connection_id{request.avoided_connection};
  if (observed) {
    e->observed = true;
    e->call = request.call;
    e->attempt = request.attempt;
    e->method = request.method;
    e->path_template = request.path_template;
    events_.queued(*e, e->admitted);
  }
  const std::string& head = request.compressible ? constant_head_coded_ : constant_head_;
  e->bytes = request_text(std::move(request), head);
  return e;
}

/// Gives `e` a connection and begins on it, or queues it, or fails it.
void http_transport::acquire(const exchange_ptr& e, completion how) {
  std::shared_ptr<connection> leased;
  pool_actions todo;
  try {
    const std::scoped_lock lock(mutex_);
    leased = pool_.acquire(e, todo);
  } catch (...) {
    perform(todo);
    throw;
  }
  perform(todo);
  if (leased) begin(e, *leased, how);
}

void http_transport::begin(const exchange_ptr& e, connection& on, completion how) {
  try {
    if (e->body && on.protocol_version() != "2") return stream_alone(e, on);
    events_.leased(*e, on);
    if (auto outcome = on.begin(e)) settle(on, std::move(*outcome), how);
  } catch (...) {
    update([&](pool_actions& todo) { pool_.take_back(*e, todo); });
    throw;
  }
}

void http_transport::on_finished(connection& from, exchange_outcome&& outcome) {
  settle(from, std::move(outcome), completion::inline_call);
}

/// An exchange has ended: completes it, unless it is sent once more.
void http_transport::settle(connection& from, exchange_outcome&& outcome, completion how) {
  if (outcome.is_head) return hand_on_head(std::move(outcome));
  const exchange_ptr& e = outcome.finished;
  events_.finished(*e, from);
  const bool again = may_replay(outcome);
  if (!again && !outcome.response) {
    auto& [code, cause] = outcome.failure;
    outcome.response.emplace(failure_of(*e, code, std::move(cause), outcome.failed_in));
  }
  update([&](pool_actions& todo) {
    judge_http2(outcome);
    if (!again && how == completion::posted) todo.list.push_back(completion_of(outcome));
    pool_.release(from, outcome, again, todo);
  });
  if (again) {
    events_.queued(*e, clock::now());
    acquire(e, how);
  } else if (how == completion::inline_call) {
    std::move(e->handler)(std::move(*outcome.response));
  }
}

void http_transport::hand_on_head(exchange_outcome&& outcome) {
  exchange& e = *outcome.finished;
  update([&](pool_actions& todo) { pool_.streams(e, todo); });
  e.body->on_head(std::move(**outcome.response));
}

/// Under the lock: whether the host is to be spoken to in HTTP/1.1 from now on.
void http_transport::judge_http2(const exchange_outcome& outcome) {
  if (http_.version != http_version::automatic) return;
  if (outcome.broke_http2) {
    ++http2_failures_;
  } else if (outcome.response && *outcome.response) {
    http2_failures_ = 0;
  }
  if (!outcome.wants_http1 && http2_failures_ < most_http2_failures) return;
  http1_until_ = clock::now() + http1_time;
  http2_failures_ = 0;
  pool_.retire_http2();
}

// ---- streams

// Over HTTP/2 a stream is an exchange like others, whose body is handed out. Over HTTP/1.1 it has a
// connection of its own, beside the pool's.

void http_transport::async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                                       open_handler handler) {
  if (may_stream_in_pool())
    return stream_in_pool(std::move(request), idle_timeout, std::move(handler));
  const auto until =
      limit_of(request.deadline, duration_or(request.attempt_timeout, attempt_timeout_));
  make_stream(idle_timeout)
      ->open(request_text(std::move(request), constant_head_), until, std::move(handler));
}

bool http_transport::may_stream_in_pool() const {
  const std::scoped_lock lock(mutex_);
  return may_be_http2_ && spoken_ != spoken::http1 && clock::now() >= http1_until_;
}

std::shared_ptr<body_stream> http_transport::make_stream(std::chrono::milliseconds idle_timeout) {
  const connection_id id = streams_->next_id();
  auto made = std::make_shared<body_stream>(id,
                                            body_stream::settings{.executor = executor_,
                                                                  .target = target_,
                                                                  .names = names_,
                                                                  .limits = limits_,
                                                                  .idle_timeout = idle_timeout},
                                            streams_);
  if (!streams_->add(id, made)) made->refuse(errc::client_closed);
  return made;
}

void http_transport::stream_in_pool(http_request&& request, std::chrono::milliseconds idle_timeout,
                                    open_handler handler) {
  const exchange_ptr e = make_exchange(std::move(request), false);
  const auto call = [self = weak_from_this(), of = std::weak_ptr<exchange>(e)](auto function) {
    return [self, of, function](auto argument) {
      const auto target = of.lock();
      const auto home = self.lock();
      if (target && home) ((*home).*function)(target, argument);
    };
  };
  const auto end = call(&http_transport::end_stream);
  util::on_cancel(handler, [end] { end(errc::cancelled); });
  e->body = std::make_shared<pooled_body>(executor_, idle_timeout, std::move(handler));
  e->body->control({.end = end, .give_back = call(&http_transport::give_back)});
  send_handler ended = [body = e->body](result<http_response>&& outcome) {
    body->on_end(std::move(outcome));
  };
  e->handler.swap(ended);  // its move assignment recurses without end in Boost 1.81
  acquire(e, completion::posted);
}

/// It has got a connection that speaks HTTP/1.1, and does not use it.
void http_transport::stream_alone(const exchange_ptr& e, connection& from) {
  const auto own = make_stream(e->body->idle_timeout());
  int aborted = 0;
  update([&](pool_actions& todo) {
    aborted = e->aborted.load(std::memory_order_acquire);
    if (aborted == 0) e->body->own_stream = own;
    pool_.release(from, {.finished = e, .verdict = release_verdict::untouched}, false, todo);
  });
  if (aborted != 0)
    return e->body->on_end(failure_of(*e, static_cast<errc>(aborted), {}, phase::queue));
  // Without its cancellation slot, which `end_stream` serves as long as `e` lives. A copy of the
  // text, since a session that has refused `e` may still refer to it.
  own->open(e->bytes, limit_of(e->deadline, e->attempt_timeout),
            [e, taken = e->body->take_handler()](result<streamed_response>&& outcome) mutable {
              std::move(taken)(std::move(outcome));
            });
}

void http_transport::end_stream(const exchange_ptr& e, errc why) {
  std::shared_ptr<response_stream> own;
  update([&](pool_actions& todo) {
    pool_.end(e, why, todo);
    own = e->body->own_stream.lock();
  });
  if (own) own->close();
}

void http_transport::give_back(const exchange_ptr& e, std::size_t bytes) {
  std::shared_ptr<connection> on;
  {
    const std::scoped_lock lock(mutex_);
    on = e->on;
  }
  if (on) on->give_back(e, bytes);
}

// ---- connections

void http_transport::on_dialled(connection_id id, dial_outcome outcome) {
  const auto made = outcome.socket ? establish(id, outcome) : nullptr;
  events_.dialled(id, outcome);
  const stream_capacity capacity = made ? made->capacity() : stream_capacity{};
  update([&](pool_actions& todo) {
    if (made) spoken_ = made->protocol_version() == "2" ? spoken::http2 : spoken::http1;
    pool_.dialled(id, made, capacity, {std::move(outcome.failure), outcome.failed_in}, todo);
  });
  if (!made) return;
  // What happened to it before the pool had it, of which nobody was notified.
  if (const auto now = made->capacity(); now.number != capacity.number || now.streams == 0)
    on_capacity(*made, now);
  if (made->has_ended()) on_idle_death(*made);
}

std::shared_ptr<connection> http_transport::make_connection(connection_id id,
                                                            util::unique_fd socket,
                                                            dial_outcome& from) {
#if UPSUN_HTTP2
  if (from.stream->speaks_http2() || (!target_->tls && http_.version == http_version::http2)) {
    return std::make_shared<http2_connection>(
        id, std::move(socket), std::move(*from.stream), from.peer,
        session_settings{.limits = limits_,
                         .validators = validators_,
                         .tls = target_->tls.has_value(),
                         .stream_window = static_cast<std::uint32_t>(http_.stream_window),
                         .connection_window = static_cast<std::uint32_t>(http_.connection_window)},
        watch_, weak_from_this());
  }
#endif
  return std::make_shared<http1_connection>(id, std::move(socket), std::move(*from.stream),
                                            from.peer, limits_, validators_, watch_,
                                            weak_from_this());
}

/// Null, with the failure in `from`, when the system watches no more sockets.
std::shared_ptr<connection> http_transport::establish(connection_id id, dial_outcome& from) {
  try {
    util::unique_fd socket(from.socket->release());  // Asio does not watch it any more
    std::shared_ptr<connection> made = make_connection(id, std::move(socket), from);
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
  update([&](pool_actions&) { pool_.died(from); });
}

void http_transport::on_capacity(connection& from, const stream_capacity& capacity) {
  update([&](pool_actions&) { pool_.capacity_changed(from, capacity); });
}

void http_transport::on_addresses_gone() {
  update([&](pool_actions&) { pool_.addresses_gone(); });
}

void http_transport::on_deadlines() {
  update([&](pool_actions& todo) { pool_.expire(todo); });
}

void http_transport::perform(pool_actions& todo) {
  for (pool_action& action : todo.list) {
    switch (action.what) {
      case pool_action::kind::close: action.on->close(); break;
      case pool_action::kind::trim: action.on->trim(); break;
      case pool_action::kind::probe: action.on->probe(); break;
      case pool_action::kind::abandon: action.dialled->abandon(); break;
      case pool_action::kind::begin: begin(action.request, *action.on, completion::posted); break;
      case pool_action::kind::abort: {
        const auto reason =
            static_cast<errc>(action.request->aborted.load(std::memory_order_acquire));
        if (auto outcome = action.on->abort(action.request, reason))
          settle(*action.on, std::move(*outcome), completion::posted);
        break;
      }
      case pool_action::kind::complete:
        asio::post(executor_, [e = std::move(action.request), why = std::move(action.why),
                               response = std::move(action.response)] {
          std::move(e->handler)(response ? result<http_response>(std::move(*response)) : why);
        });
        break;
    }
  }
  if (!todo.drained) return;
  streams_->close_all();
  names_->close();
  for (auto& handler : todo.closed) {
    asio::post(executor_, [kept = std::make_shared<close_handler>(std::move(handler)),
                           report = todo.report] { std::move (*kept)(report); });
  }
}

// ---- closing

void http_transport::async_close(std::chrono::milliseconds grace, close_handler handler) {
  util::on_cancel(handler, [self = weak_from_this()] {
    const auto home = self.lock();
    if (!home) return;
    home->update([&](pool_actions& todo) { home->pool_.end_all(errc::cancelled, todo); });
  });
  update([&](pool_actions& todo) { pool_.close(grace, std::move(handler), todo); });
}

/// In a forked child, what is under way is the parent's: it completes only if the context goes on
/// there, too.
void http_transport::shutdown() noexcept { watch_->made_here() ? end_here() : disown(); }

void http_transport::end_here() noexcept {
  if (!watch_->made_here()) disown();
  update([&](pool_actions& todo) { pool_.shut_down(todo); });
}

/// In a forked child: closes its copies of the descriptors, and nothing else.
void http_transport::disown() {
  watch_->disown();
  pool_actions todo;
  {
    const std::scoped_lock lock(mutex_);
    pool_.disown(todo);
  }
  perform(todo);
  streams_->close_all();
}

pool_statistics http_transport::statistics() const {
  const std::scoped_lock lock(mutex_);
  return pool_.statistics();
}

}  // namespace upsun::http
