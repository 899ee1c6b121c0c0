#include "support/cutting_relay.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace upsun::test {
namespace asio = boost::asio;
using upsun::testing::awaited;
using upsun::testing::context_executor;
using upsun::testing::task;
using upsun::testing::tcp_socket;
namespace {

/// The two sides of a relayed connection.
struct link {
  tcp_socket client;
  tcp_socket server;

  void close() {
    error_code ignored;
    client.shutdown(tcp_socket::shutdown_both, ignored);
    client.close(ignored);
    server.close(ignored);
  }
  void reset() {
    error_code ignored;
    client.set_option(asio::socket_base::linger(true, 0), ignored);
    client.close(ignored);
    server.close(ignored);
  }
};
using link_ptr = std::shared_ptr<link>;

/// Passes on up to `limit` bytes, counted in `passed`. \return whether the limit was reached,
/// rather than an end.
task<bool> pump(tcp_socket& from, tcp_socket& to, std::size_t limit, std::size_t& passed) {
  std::array<char, 16 * 1024> buffer{};
  while (passed < limit) {
    const auto [failure, size] = co_await from.async_read_some(
        asio::buffer(buffer, std::min(buffer.size(), limit - passed)), awaited);
    if (failure) co_return false;
    passed += size;
    const auto [lost, sent] = co_await asio::async_write(to, asio::buffer(buffer, size), awaited);
    if (lost) co_return false;
  }
  co_return true;
}

task<void> upstream(link_ptr l) {
  std::size_t passed = 0;
  co_await pump(l->client, l->server, std::numeric_limits<std::size_t>::max(), passed);
  l->close();
}

}  // namespace

struct cutting_relay::shared {
  shared(asio::io_context& io, std::uint16_t server_port, std::size_t limit,
         planned_reply::ending end)
      : acceptor(io, {asio::ip::address_v4::loopback(), 0}),
        server(asio::ip::address_v4::loopback(), server_port),
        pass(limit),
        then(end) {}

  asio::basic_socket_acceptor<asio::ip::tcp, context_executor> acceptor;
  const asio::ip::tcp::endpoint server;
  const std::size_t pass;
  const planned_reply::ending then;
  std::size_t passed = 0;
  std::weak_ptr<link> first;
  bool first_is_over = false;

  static task<void> downstream(std::shared_ptr<shared> self, link_ptr l, bool whole) {
    const auto [failure] = co_await l->server.async_connect(self->server, awaited);
    if (failure) co_return l->close();
    asio::co_spawn(self->acceptor.get_executor(), upstream(l), asio::detached);
    std::size_t uncounted = 0;
    const bool cut = co_await pump(l->server, l->client,
                                   whole ? std::numeric_limits<std::size_t>::max() : self->pass,
                                   whole ? uncounted : self->passed);
    if (cut && self->then == planned_reply::ending::stall) co_return;
    if (cut && self->then == planned_reply::ending::reset) co_return l->reset();
    l->close();
  }

  static task<void> accept(std::shared_ptr<shared> self) {
    for (bool whole = false;; whole = true) {
      auto [failure, socket] = co_await self->acceptor.async_accept(awaited);
      if (failure) co_return;
      error_code ignored;
      socket.set_option(asio::ip::tcp::no_delay(true), ignored);
      const auto made = std::make_shared<link>(
          link{std::move(socket), tcp_socket(self->acceptor.get_executor())});
      if (!whole) self->first = made;
      if (!whole && self->first_is_over) made->close();
      asio::co_spawn(self->acceptor.get_executor(), downstream(self, made, whole), asio::detached);
    }
  }
};

cutting_relay::cutting_relay(asio::io_context& io, std::uint16_t server_port, std::size_t pass,
                             planned_reply::ending then)
    : shared_(std::make_shared<shared>(io, server_port, pass, then)) {
  asio::co_spawn(io, shared::accept(shared_), asio::detached);
}

cutting_relay::~cutting_relay() {
  shared_->acceptor.close();
  cut();
}

std::uint16_t cutting_relay::port() const noexcept {
  return shared_->acceptor.local_endpoint().port();
}
std::size_t cutting_relay::passed() const noexcept { return shared_->passed; }

void cutting_relay::cut() {
  shared_->first_is_over = true;
  if (const auto alive = shared_->first.lock()) alive->close();
}

}  // namespace upsun::test
