#include "http/dial.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <exception>
#include <utility>

#include "http/connect_answer.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;
constexpr auto awaited = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds full_queue_pause{10};
constexpr std::size_t tunnel_read_size = 1024;

// Latency first; a peer that vanished is noticed within a minute idle, and within half a minute while it owes an acknowledgement.
void tune(stream_socket& socket) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&](int option, int value) { ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value); };
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 15);
  set(TCP_KEEPCNT, 3);
  set(TCP_USER_TIMEOUT, 30'000);
}

std::string text_of(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

std::vector<asio::ip::tcp::endpoint> endpoints_of(const ip_addresses& addresses, std::uint16_t port) {
  std::vector<asio::ip::tcp::endpoint> result;
  for (const auto& address : addresses) result.emplace_back(address, port);
  return result;
}

}  // namespace

dial::dial(connection_id id, const asio::any_io_executor& executor, std::shared_ptr<const dial_target> target, std::shared_ptr<resolver> names,
           std::shared_ptr<dial_owner> owner)
    : id_(id),
      target_(std::move(target)),
      executor_(executor),
      strand_(executor),
      owner_(std::move(owner)),
      names_(std::move(names)),
      time_limit_(strand_, target_->timeout),
      wake_(strand_) {}

void dial::start() {
  asio::co_spawn(
      strand_, [self = shared_from_this()] { return self->run(); }, asio::detached);
}

void dial::abandon() {
  asio::post(strand_, [self = shared_from_this()] {
    if (!self->over()) self->end(nullptr);
  });
}

asio::awaitable<void> dial::run() {
  const auto self = shared_from_this();
  if (over()) co_return;
  entered_ = clock::now();
  time_limit_.async_wait([self](const error_code& ec) {
    if (ec || self->over()) return;
    const route& way = self->target_->way;
    self->fail(errc::connect_timeout,
               "no connection to " + self->target_->where.host_header + (way.direct() ? "" : " through " + way.shown) + " within the time limit");
  });
  try {
    bool going_on = true;
    if (target_->way.unix_socket.empty()) {
      address_choice addresses;
      going_on = co_await resolve(addresses);
      if (going_on) going_on = co_await connect(addresses);
    } else {
      going_on = co_await connect_local();
    }
    if (going_on && target_->way.proxied()) going_on = co_await open_tunnel();
    if (going_on) going_on = co_await handshake();
    if (!going_on) co_return;
    if (on_trial_) names_->succeeded(*peer_);
    dial_outcome outcome{.socket = std::move(socket_), .stream = std::move(stream_), .peer = peer_, .failure = {}};
    end(&outcome);
  } catch (const std::exception& e) {  // out of memory
    if (!over()) fail(errc::connect_failed, e.what());
  }
}

// Each step says whether the dial goes on: not after a failure of its own, nor when the time was up or the dial abandoned meanwhile.

asio::awaitable<bool> dial::connect_local() {
  enter(phase::connect);
  const asio::local::stream_protocol::endpoint to(target_->way.unix_socket);
  for (;;) {
    socket_.emplace(executor_);
    const auto [failed] = co_await socket_->async_connect(to, awaited);
    if (over()) co_return false;
    if (failed) co_return fail(errc::connect_failed, target_->way.shown + ": " + failed.message());
    error_code no_peer;
    (void)socket_->remote_endpoint(no_peer);
    if (!no_peer) co_return true;
    // The server's queue of connections was full (EAGAIN). Asio takes that for a connect that goes on, but nothing does, nor can be waited for.
    wake_.expires_after(full_queue_pause);
    co_await wake_.async_wait(awaited);
    if (over()) co_return false;
  }
}

asio::awaitable<bool> dial::resolve(address_choice& addresses) {
  auto known = names_->find(id_, [weak = weak_from_this()](resolver::answer answer) {
    const auto self = weak.lock();
    if (!self) return;
    asio::post(self->strand_, [self, answer = std::move(answer)]() mutable {
      self->answer_ = std::move(answer);
      self->wake_.cancel();
    });
  });
  while (!known && !answer_) {
    wake_.expires_at(clock::time_point::max());
    co_await wake_.async_wait(awaited);
    if (over()) co_return false;
  }
  if (!known && answer_->failure) {
    const std::string what = target_->way.proxied() ? "proxy " : "";
    co_return fail(errc::resolve_failed, what + target_->way.host + ": " + answer_->failure.message());
  }
  addresses = known ? std::move(*known) : std::move(answer_->found);
  co_return true;
}

asio::awaitable<bool> dial::connect(const address_choice& addresses) {
  enter(phase::connect);
  const std::uint16_t port = target_->way.port;
  race_.emplace(endpoints_of(addresses.first, port), endpoints_of(addresses.last_resort, port));
  attempts_.resize(addresses.first.size() + addresses.last_resort.size());
  for (;;) {
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
      const auto result = std::exchange(attempts_[i].result, std::nullopt);
      if (!result) continue;
      *result ? race_->failed(i, *result) : race_->succeeded(i);
      if (*result) names_->failed(race_->address(i).address());
    }
    const auto step = race_->next(clock::now());
    switch (step.what) {
      case connect_race::kind::start: begin_connect(step.index, race_->address(step.index)); continue;
      case connect_race::kind::won:
        judge_addresses();
        socket_ = std::move(attempts_[step.index].socket);
        peer_ = race_->address(step.index).address();
        on_trial_ = true;
        attempts_.clear();
        tune(*socket_);
        co_return true;
      case connect_race::kind::lost: {
        const std::string what = target_->way.proxied() ? "proxy " : "";
        co_return fail(errc::connect_failed, what + text_of(race_->address(step.index)) + ": " + race_->error(step.index).message());
      }
      case connect_race::kind::wait: wake_.expires_at(step.until); break;
    }
    co_await wake_.async_wait(awaited);
    if (over()) co_return false;
  }
}

void dial::begin_connect(std::size_t index, const tcp::endpoint& to) {
  attempt& a = attempts_[index];
  a.socket.emplace(executor_);
  a.socket->async_connect(to, asio::bind_executor(strand_, [self = shared_from_this(), index](const error_code& ec) {
                            if (index >= self->attempts_.size()) return;  // the race is over
                            self->attempts_[index].result = ec;
                            self->wake_.cancel();
                          }));
}

/// Those that had their head start and have not even refused go behind the others next time.
void dial::judge_addresses() {
  if (on_trial_) return names_->failed(*peer_);
  for (std::size_t i = 0; i < attempts_.size(); ++i) {
    if (race_->unanswered(i, clock::now())) names_->failed(race_->address(i).address());
  }
}

asio::awaitable<bool> dial::open_tunnel() {
  error_code ec;
  socket_->non_blocking(true, ec);
  byte_stream plain(socket_->native_handle());
  connect_answer answer(target_->limits.header_bytes, target_->limits.informational_responses);
  const std::string& shown = target_->way.shown;
  std::string_view unsent = target_->way.connect_request;
  std::array<char, tunnel_read_size> bytes{};
  for (;;) {
    const io_result result = unsent.empty() ? plain.read(bytes) : plain.write(unsent);
    if (result.status == io_status::failed) co_return fail(plain.failure().code, shown + ": " + plain.failure().cause);
    if (result.status == io_status::want_read || result.status == io_status::want_write) {
      co_await socket_->async_wait(result.status == io_status::want_read ? stream_socket::wait_read : stream_socket::wait_write, awaited);
      if (over()) co_return false;
      continue;
    }
    if (!unsent.empty()) {
      unsent.remove_prefix(result.bytes);
      continue;
    }
    const bool ended = result.status == io_status::end;
    const parse_status verdict = ended ? answer.end_of_stream() : answer.feed({bytes.data(), result.bytes});
    if (verdict == parse_status::need_more) continue;
    if (!ended) {  // it speaks HTTP: whatever fails from here on is not its address's fault
      names_->succeeded(*peer_);
      on_trial_ = false;
    }
    if (verdict == parse_status::complete) co_return true;
    co_return fail(answer.failure().code, shown + ": " + answer.failure().cause);
  }
}

asio::awaitable<bool> dial::handshake() {
  enter(phase::handshake);
  error_code ec;
  socket_->non_blocking(true, ec);
  const int fd = socket_->native_handle();
  stream_ = target_->tls ? byte_stream(fd, target_->tls->make_session(fd, std::chrono::system_clock::now())) : byte_stream(fd);
  for (;;) {
    const io_result result = stream_->handshake();
    switch (result.status) {
      case io_status::done: co_return true;
      case io_status::want_read: co_await socket_->async_wait(stream_socket::wait_read, awaited); break;
      case io_status::want_write: co_await socket_->async_wait(stream_socket::wait_write, awaited); break;
      case io_status::end:
      case io_status::failed: co_return fail(stream_->failure().code, target_->where.host_header + ": " + stream_->failure().cause);
    }
    if (over()) co_return false;
  }
}

void dial::enter(phase next) noexcept {
  const phase last = phase_.exchange(next, std::memory_order_relaxed);
  const time_point now = clock::now();
  (last == phase::resolve ? times_.resolve : last == phase::connect ? times_.connect : times_.handshake) += now - entered_;
  entered_ = now;
}

bool dial::fail(errc code, std::string cause) {
  judge_addresses();
  dial_outcome outcome{.socket = std::nullopt, .stream = std::nullopt, .peer = std::nullopt, .failure = {code, std::move(cause)}, .failed_in = now_in()};
  end(&outcome);
  return false;
}

void dial::end(dial_outcome* outcome) {
  const auto owner = std::exchange(owner_, nullptr);
  enter(now_in());  // ends the last part
  names_->forget(id_);
  time_limit_.cancel();
  wake_.cancel();
  attempts_.clear();
  error_code ignored;
  if (socket_) socket_->close(ignored);
  if (outcome != nullptr) outcome->times = times_;
  if (outcome != nullptr) owner->on_dialled(id_, std::move(*outcome));
}

}  // namespace upsun::http
