#include "http/dial.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

#include "http/connect_race.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;
constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

// Latency first; a peer that vanished is noticed within a minute idle, and within half a minute while it owes an acknowledgement.
void tune(asio::ip::tcp::socket& socket) {
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

}  // namespace

dial::dial(connection_id id, const asio::any_io_executor& executor, std::shared_ptr<const dial_target> target, std::shared_ptr<dial_owner> owner)
    : id_(id),
      target_(std::move(target)),
      executor_(executor),
      strand_(executor),
      owner_(std::move(owner)),
      resolver_(strand_),
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
  time_limit_.async_wait([self](const error_code& ec) {
    if (ec || self->over()) return;
    self->fail(errc::connect_timeout, "no connection to " + self->target_->where.host_header + " within the time limit");
  });
  try {
    std::vector<tcp::endpoint> addresses;
    bool going_on = co_await resolve(addresses);
    if (going_on) going_on = co_await connect(addresses);
    if (going_on) going_on = co_await handshake();
    if (!going_on) co_return;
    dial_outcome outcome{.socket = std::move(socket_), .stream = std::move(stream_), .failure = {}};
    end(&outcome);
  } catch (const std::exception& e) {  // out of memory
    if (!over()) fail(errc::connect_failed, e.what());
  }
}

// Each step says whether the dial goes on: not after a failure of its own, nor when the time was up or the dial abandoned meanwhile.

asio::awaitable<bool> dial::resolve(std::vector<tcp::endpoint>& addresses) {
  const origin& where = target_->where;
  error_code ec;
  if (const auto literal = asio::ip::make_address(where.host, ec); !ec) {
    addresses.emplace_back(literal, where.port);
    co_return true;
  }
  const auto [failed, found] = co_await resolver_.async_resolve(where.host, std::to_string(where.port), tcp::resolver::numeric_service, awaited);
  if (over()) co_return false;
  if (failed || found.empty()) co_return fail(errc::resolve_failed, where.host + ": " + (failed ? failed.message() : "no address"));
  for (const auto& entry : found) addresses.push_back(entry.endpoint());
  co_return true;
}

asio::awaitable<bool> dial::connect(const std::vector<tcp::endpoint>& addresses) {
  enter(phase::connect);
  connect_race race(addresses);
  attempts_.resize(addresses.size());
  for (;;) {
    for (std::size_t i = 0; i < attempts_.size(); ++i) {
      const auto result = std::exchange(attempts_[i].result, std::nullopt);
      if (!result) continue;
      *result ? race.failed(i, *result) : race.succeeded(i);
    }
    const auto step = race.next(clock::now());
    switch (step.what) {
      case connect_race::kind::start: begin_connect(step.index, race.address(step.index)); continue;
      case connect_race::kind::won:
        socket_ = std::move(attempts_[step.index].socket);
        attempts_.clear();
        tune(*socket_);
        co_return true;
      case connect_race::kind::lost: co_return fail(errc::connect_failed, text_of(race.address(step.index)) + ": " + race.error(step.index).message());
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

asio::awaitable<bool> dial::handshake() {
  enter(phase::handshake);
  error_code ec;
  socket_->non_blocking(true, ec);
  const int fd = socket_->native_handle();
  stream_ = target_->tls ? byte_stream(fd, target_->tls->make_session(fd, target_->where.host)) : byte_stream(fd);
  for (;;) {
    const io_result result = stream_->handshake();
    switch (result.status) {
      case io_status::done: co_return true;
      case io_status::want_read: co_await socket_->async_wait(tcp::socket::wait_read, awaited); break;
      case io_status::want_write: co_await socket_->async_wait(tcp::socket::wait_write, awaited); break;
      case io_status::end:
      case io_status::failed: co_return fail(stream_->failure().code, target_->where.host_header + ": " + stream_->failure().cause);
    }
    if (over()) co_return false;
  }
}

bool dial::fail(errc code, std::string cause) {
  dial_outcome outcome{.socket = std::nullopt, .stream = std::nullopt, .failure = {code, std::move(cause)}, .failed_in = now_in()};
  end(&outcome);
  return false;
}

void dial::end(dial_outcome* outcome) {
  const auto owner = std::exchange(owner_, nullptr);
  resolver_.cancel();
  time_limit_.cancel();
  wake_.cancel();
  attempts_.clear();
  error_code ignored;
  if (socket_) socket_->close(ignored);
  if (outcome != nullptr) owner->on_dialled(id_, std::move(*outcome));
}

}  // namespace upsun::http
