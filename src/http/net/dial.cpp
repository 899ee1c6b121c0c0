#include "http/net/dial.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <utility>

#include "http/net/context_end.hpp"
#include "http/net/socket_calls.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds full_queue_pause{10};
constexpr std::size_t tunnel_read_size = 1024;

// Latency first; a peer that vanished is noticed.
void tune(stream_socket& socket) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  expect_signs_of_life(socket.native_handle());
}

/// Opens the socket as Asio would, but so that programs which this process starts do not inherit
/// it. When that fails, connecting says why.
void open_for_this_process(stream_socket& socket,
                           const asio::generic::stream_protocol::endpoint& to) {
  const auto of = to.protocol();
  util::unique_fd opened = open_socket(of.family(), of.protocol());
  if (opened.get() == util::unique_fd::none) return;
  error_code failed;
  socket.assign({of.family(), of.protocol()}, opened.get(), failed);
  if (!failed) (void)opened.release();
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

}  // namespace

dial::dial(connection_id id, const asio::any_io_executor& executor,
           std::shared_ptr<const dial_target> target, std::shared_ptr<resolver> names,
           done_handler done, bool http1_only)
    : id_(id),
      target_(std::move(target)),
      executor_(executor),
      names_(std::move(names)),
      http1_only_(http1_only),
      done_(std::move(done)),
      time_limit_(executor_, target_->timeout),
      wake_(executor_) {}

// Each step returns how the dial ended, or nothing while it goes on.

template <class Step>
void dial::on_event(Step step) {
  done_handler done;
  progress ended;
  {
    const std::scoped_lock lock(mutex_);
    if (!done_) return;
    ended = step();
    if (ended) done.swap(done_);
  }
  if (ended) done(std::move(*ended));
}

void dial::start() {
  asio::post(executor_, [self = shared_from_this()] { self->run(); });
}

void dial::run() {
  const bool local = !target_->route.unix_socket.empty();
  on_event([&]() -> progress {
    entered_ = clock::now();
    limit_time();
    return local ? connect_local() : std::nullopt;
  });
  if (local) return;
  // Without the lock, since other dials may be notified.
  const auto known = names_->find(id_, [weak = weak_from_this()](resolver::lookup_outcome found) {
    if (const auto self = weak.lock()) self->on_event([&] { return self->take_addresses(found); });
  });
  if (known) on_event([&] { return begin_race(*known); });
}

void dial::abandon() {
  done_handler unused;
  const std::scoped_lock lock(mutex_);
  if (!done_) return;
  unused.swap(done_);
  end();
}

void dial::limit_time() {
  time_limit_.async_wait([self = shared_from_this()](const error_code& ec) {
    if (ec) return;
    self->on_event([&] {
      const config::route& route = self->target_->route;
      return self->fail(errc::connect_timeout,
                        "no connection to " + self->target_->origin.host_header +
                            (route.direct() ? "" : " through " + route.shown) +
                            " within the time limit");
    });
  });
}

dial::progress dial::connect_local() {
  enter(phase::connect);
  socket_.emplace(executor_);
  const asio::local::stream_protocol::endpoint to(target_->route.unix_socket);
  open_for_this_process(*socket_, to);
  socket_->async_connect(to, [self = shared_from_this()](const error_code& failed) {
    self->on_event([&]() -> progress {
      if (failed)
        return self->fail(errc::connect_failed,
                          self->target_->route.shown + ": " + failed.message());
      error_code no_peer;
      (void)self->socket_->remote_endpoint(no_peer);
      if (!no_peer) return self->connected();
      // The server's queue of connections was full (EAGAIN). Asio takes that for a connect in
      // progress, but nothing is in progress, and nothing can be waited for.
      self->wake_.expires_after(full_queue_pause);
      self->wake_.async_wait(
          [self](const error_code&) { self->on_event([&] { return self->connect_local(); }); });
      return std::nullopt;
    });
  });
  return std::nullopt;
}

dial::progress dial::take_addresses(const resolver::lookup_outcome& found) {
  if (!found.failure) return begin_race(found.addresses);
  return fail(errc::resolve_failed, (target_->route.proxied() ? "proxy " : "") +
                                        target_->route.host + ": " + found.failure.message());
}

dial::progress dial::begin_race(const address_choice& addresses) {
  enter(phase::connect);
  race_.emplace(addresses, target_->route.port);
  attempts_.resize(addresses.first.size() + addresses.last_resort.size());
  return race();
}

dial::progress dial::race() {
  for (;;) {
    const auto step = race_->next(clock::now());
    switch (step.what) {
      case connect_race::kind::start: begin_connect(step.index); break;
      case connect_race::kind::won:
        judge_addresses();
        socket_ = std::move(attempts_[step.index]);
        peer_ = race_->address(step.index).address();
        on_trial_ = true;
        attempts_.clear();
        wake_.cancel();
        tune(*socket_);
        return connected();
      case connect_race::kind::lost:
        return fail(errc::connect_failed, (target_->route.proxied() ? "proxy " : "") +
                                              text_of(race_->address(step.index)) + ": " +
                                              race_->error(step.index).message());
      case connect_race::kind::wait:
        if (step.until == time_point::max()) return std::nullopt;  // for an attempt
        wake_.expires_at(step.until);
        wake_.async_wait([self = shared_from_this()](const error_code& ec) {
          if (!ec) self->on_event([&] { return self->socket_ ? std::nullopt : self->race(); });
        });
        return std::nullopt;
    }
  }
}

void dial::begin_connect(std::size_t index) {
  attempts_[index].emplace(executor_);
  open_for_this_process(*attempts_[index], race_->address(index));
  attempts_[index]->async_connect(race_->address(index),
                                  [self = shared_from_this(), index](const error_code& failed) {
                                    self->on_event([&] { return self->attempted(index, failed); });
                                  });
}

dial::progress dial::attempted(std::size_t index, const error_code& failed) {
  if (index >= attempts_.size()) return std::nullopt;  // the race is over
  if (failed) {
    race_->failed(index, failed);
    names_->failed(race_->address(index).address());
  } else {
    race_->succeeded(index);
  }
  return race();
}

/// Addresses that had their head start and have not even refused go behind the others next time.
void dial::judge_addresses() {
  if (on_trial_) return names_->failed(*peer_);
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    if (race_->overdue(i, clock::now())) names_->failed(race_->address(i).address());
  }
}

dial::progress dial::connected() {
  const util::origin& origin = target_->origin;
  // Credentials go in the clear to a host that counts as this machine: by its address, too.
  if (!origin.tls && origin.loopback && target_->route.direct() && !peer_->is_loopback()) {
    return fail(errc::connect_failed, origin.host + " was found at " + peer_->to_string() +
                                          ", which is not a loopback address");
  }
  if (!target_->route.proxied()) return begin_handshake();
  error_code ec;
  socket_->non_blocking(true, ec);
  tunnel_.emplace(tunnel{.plain = byte_stream(socket_->native_handle()),
                         .response = connect_response(target_->limits.header_bytes,
                                                      target_->limits.informational_responses),
                         .unsent = target_->route.connect_request});
  return open_tunnel();
}

dial::progress dial::open_tunnel() {
  auto& [plain, response, unsent] = *tunnel_;
  const std::string& shown = target_->route.shown;
  std::array<char, tunnel_read_size> bytes{};
  for (;;) {
    const io_result result = unsent.empty() ? plain.read(bytes) : plain.write(unsent);
    if (result.status == io_status::failed)
      return fail(plain.failure().code, shown + ": " + plain.failure().cause);
    if (result.status == io_status::want_read) return wait(stream_socket::wait_read);
    if (result.status == io_status::want_write) return wait(stream_socket::wait_write);
    if (!unsent.empty()) {
      unsent.remove_prefix(result.bytes);
      continue;
    }
    const bool ended = result.status == io_status::end;
    const parse_status verdict =
        ended ? response.end_of_stream() : response.feed({bytes.data(), result.bytes});
    if (verdict == parse_status::need_more) continue;
    if (!ended) {  // it speaks HTTP: what fails from here on is not its address's fault
      names_->succeeded(*peer_);
      on_trial_ = false;
    }
    if (verdict == parse_status::failed)
      return fail(response.failure().code, shown + ": " + response.failure().cause);
    tunnel_.reset();
    return begin_handshake();
  }
}

dial::progress dial::begin_handshake() {
  error_code ec;
  socket_->non_blocking(true, ec);
  const util::native_fd fd = socket_->native_handle();
  if (!target_->tls) {
    stream_ = byte_stream(fd);
    return succeed();
  }
  enter(phase::handshake);
  stream_ = byte_stream(
      fd, target_->tls->make_session(fd, std::chrono::system_clock::now(), http1_only_));
  return handshake();
}

dial::progress dial::handshake() {
  const io_result result = stream_->handshake();
  switch (result.status) {
    case io_status::done:
      if (target_->http == http_version::http2 && !http1_only_ && !stream_->speaks_http2())
        return fail(errc::unexpected_protocol,
                    target_->origin.host_header +
                        ": the server offers none of the versions of HTTP asked for");
      return succeed();
    case io_status::want_read: return wait(stream_socket::wait_read);
    case io_status::want_write: return wait(stream_socket::wait_write);
    case io_status::end:
    case io_status::failed: break;
  }
  return fail(stream_->failure().code,
              target_->origin.host_header + ": " + stream_->failure().cause);
}

dial::progress dial::wait(asio::socket_base::wait_type what) {
  socket_->async_wait(what, [self = shared_from_this()](const error_code&) {
    self->on_event([&] { return self->tunnel_ ? self->open_tunnel() : self->handshake(); });
  });
  return std::nullopt;
}

void dial::enter(phase next) {
  const phase last = phase_.exchange(next, std::memory_order_relaxed);
  const time_point now = clock::now();
  (last == phase::resolve   ? times_.resolve
   : last == phase::connect ? times_.connect
                            : times_.handshake) += now - entered_;
  entered_ = now;
}

dial_outcome dial::fail(errc code, std::string cause) {
  judge_addresses();
  end();
  return {.failure = {code, std::move(cause)}, .failed_in = now_in(), .times = times_};
}

dial_outcome dial::succeed() {
  if (on_trial_) names_->succeeded(*peer_);
  dial_outcome outcome{.socket = std::move(socket_), .stream = std::move(stream_), .peer = peer_};
  socket_.reset();
  end();
  outcome.times = times_;
  return outcome;
}

void dial::end() {
  enter(now_in());  // ends the last part's time
  names_->forget(id_);
  time_limit_.cancel();
  wake_.cancel();
  for (auto& attempt : attempts_) {
    if (attempt) close_own(*attempt);
  }
  attempts_.clear();
  if (socket_) close_own(*socket_);
}

}  // namespace upsun::http
