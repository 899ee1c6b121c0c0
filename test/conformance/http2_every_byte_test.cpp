// Three requests over one HTTP/2 connection that goes wrong at each byte the server sends: each
// ends in its own value or in a typed error, and the next request has another connection.

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <optional>

#include "conformance/wire_calls.hpp"
#include "unit/http/http2/scripted_peer.hpp"

namespace upsun::http::test {
namespace http2_every_byte_test {

using namespace std::chrono_literals;
using asio::awaitable;
using asio::ip::tcp;

enum class fault { fin, reset, stall };

constexpr std::size_t requests = 3;

std::string value_of(std::size_t which) { return "value " + std::to_string(which); }

/// What the server sends: the responses to three requests, one within another; then as it goes on.
struct recorded_exchange {
  explicit recorded_exchange(std::size_t unprocessed_behind = requests) {
    scripted_peer peer;
    const auto stream = [](std::size_t which) { return static_cast<std::uint32_t>(2 * which + 1); };
    bytes = scripted_peer::settings({{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}}) +
            scripted_peer::settings_ack();
    if (unprocessed_behind < requests) bytes += scripted_peer::goaway(stream(unprocessed_behind));
    const field_list head{{":status", "200"}, {"content-type", "application/json"}};
    const auto half = [](std::size_t which) { return value_of(which).size() / 2; };
    for (const std::size_t which : {0U, 2U, 1U}) {
      if (which > unprocessed_behind) continue;
      bytes += peer.headers(stream(which), head, false);
      bytes += scripted_peer::data(stream(which), value_of(which).substr(0, half(which)), false);
    }
    for (const std::size_t which : {1U, 0U, 2U}) {
      if (which > unprocessed_behind) continue;
      bytes += scripted_peer::data(stream(which), value_of(which).substr(half(which)), true);
      complete_at[which] = bytes.size();
    }
  }
  std::string bytes;
  std::array<std::size_t, requests> complete_at{};  // zero: it is not processed
};

/// Of the first connection it sends `cut` bytes of the exchange, and then goes wrong. On every
/// other it responds well.
class cut_server : public std::enable_shared_from_this<cut_server> {
 public:
  cut_server(asio::io_context& io, const recorded_exchange& exchange, std::size_t cut, fault then)
      : io_(io), exchange_(exchange), cut_(cut), then_(then) {}

  void start() {
    asio::co_spawn(
        io_, [self = shared_from_this()] { return self->accept(); },
        [self = shared_from_this()](const std::exception_ptr&) {});
  }
  void close() {
    acceptor_.close();
    for (auto& each : open_) {
      error_code ignored;
      each->close(ignored);
    }
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  awaitable<void> accept() {
    for (bool first = true;; first = false) {
      auto socket = std::make_shared<tcp::socket>(io_);
      co_await acceptor_.async_accept(*socket, asio::use_awaitable);
      open_.push_back(socket);
      asio::co_spawn(
          io_,
          [self = shared_from_this(), socket, first] {
            return first ? self->serve_cut(socket) : self->serve_well(socket);
          },
          [self = shared_from_this()](const std::exception_ptr&) {});
    }
  }

  /// Reads until so many requests are there in all.
  static awaitable<std::size_t> read(tcp::socket& from, scripted_peer& peer, std::size_t wanted) {
    std::array<char, 4096> bytes{};
    std::size_t found = 0;
    while (found < wanted) {
      const std::size_t size =
          co_await from.async_read_some(asio::buffer(bytes), asio::use_awaitable);
      for (const auto& each : peer.read({bytes.data(), size}))
        found += each.type == NGHTTP2_HEADERS ? 1 : 0;
    }
    co_return found;
  }

  awaitable<void> serve_cut(std::shared_ptr<tcp::socket> socket) {
    scripted_peer peer;
    co_await read(*socket, peer, requests);
    const std::string part = exchange_.bytes.substr(0, cut_);
    co_await asio::async_write(*socket, asio::buffer(part), asio::use_awaitable);
    if (then_ == fault::stall) co_return;  // open until the client closes it
    if (then_ == fault::reset) socket->set_option(asio::socket_base::linger(true, 0));
    socket->close();
  }

  awaitable<void> serve_well(std::shared_ptr<tcp::socket> socket) {
    scripted_peer peer;
    std::string bytes = scripted_peer::settings();
    for (std::uint32_t next = 1;;) {
      for (std::size_t left = co_await read(*socket, peer, 1); left > 0; --left, next += 2)
        bytes += peer.response(next, "again");
      co_await asio::async_write(*socket, asio::buffer(bytes), asio::use_awaitable);
      bytes.clear();
    }
  }

  asio::io_context& io_;
  const recorded_exchange& exchange_;
  const std::size_t cut_;
  const fault then_;
  tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::vector<std::shared_ptr<tcp::socket>> open_;
};

class Http2EveryByte : public ::testing::TestWithParam<fault> {
 protected:
  asio::io_context io{1};

  /// What becomes of the three requests when the connection goes wrong behind `cut` bytes.
  awaitable<void> cut_at(const recorded_exchange& exchange, std::size_t cut) {
    const fault then = GetParam();
    const std::string what = "cut at " + std::to_string(cut) + ": ";
    const auto server = std::make_shared<cut_server>(io, exchange, cut, then);
    server->start();
    client_config config;
    config.base_url = server->url();
    config.http.version = http_version::http2;
    config.pool.max_connections = 2;
    config.http.streams = requests;
    const auto wire = transport_for(io, config);
    std::array<std::optional<result<http_response>>, requests> got;
    for (std::size_t i = 0; i < requests; ++i) {
      auto request = get("/" + std::to_string(i));
      if (then == fault::stall) request.attempt_timeout = 100ms;
      wire->async_send(std::move(request),
                       [&got, i](result<http_response>&& r) { got[i] = std::move(r); });
    }
    while (!got[0] || !got[1] || !got[2]) co_await asio::post(io, asio::use_awaitable);
    for (std::size_t i = 0; i < requests; ++i) expect(*got[i], exchange, i, cut, what);
    auto next = get("/next");
    if (then == fault::stall) next.attempt_timeout = 100ms;
    auto after = co_await send(*wire, std::move(next));
    // A stall is of the streams that wait while anything came meanwhile, of the connection once
    // nothing does.
    for (int more = 0; !after && then == fault::stall && more < 20; ++more) {
      auto again = get("/next");
      again.attempt_timeout = 100ms * (more + 1);  // a new connection may be slow to answer
      after = co_await send(*wire, std::move(again));
    }
    EXPECT_TRUE(after) << what << after.error();
    EXPECT_EQ(after ? after->body : "again", "again") << what;
    wire->shutdown();
    server->close();
  }

  static void expect(const result<http_response>& got, const recorded_exchange& exchange,
                     std::size_t which, std::size_t cut, const std::string& what) {
    const std::size_t needed = exchange.complete_at[which];
    if (got) {
      const bool here = needed > 0 && cut >= needed;
      EXPECT_EQ(got->body, here ? value_of(which) : "again") << what << which;
      return;
    }
    EXPECT_TRUE(needed == 0 || cut < needed) << what << which << got.error();
    const auto code = got.error().code();
    EXPECT_TRUE(GetParam() == fault::stall
                    ? code == errc::attempt_timeout || code == errc::connection_reset
                    : code == errc::connection_closed || code == errc::connection_reset)
        << what << which << got.error();
  }
};

std::string name_of(const ::testing::TestParamInfo<fault>& each) {
  return each.param == fault::fin ? "Fin" : each.param == fault::reset ? "Reset" : "Stall";
}
INSTANTIATE_TEST_SUITE_P(By, Http2EveryByte,
                         ::testing::Values(fault::fin, fault::reset, fault::stall), name_of);

TEST_P(Http2EveryByte, EndsEachRequestByItself) {
  const recorded_exchange exchange;
  run_each(
      io, exchange.bytes.size(), GetParam() == fault::stall ? 64 : 16,
      [&](std::size_t i) { return cut_at(exchange, i); }, [] {});
}

TEST_P(Http2EveryByte, SendsAgainWhatIsBehindAGoaway) {
  const recorded_exchange exchange(1);
  run_each(
      io, exchange.bytes.size(), GetParam() == fault::stall ? 64 : 16,
      [&](std::size_t i) { return cut_at(exchange, i); }, [] {});
}

}  // namespace http2_every_byte_test
}  // namespace upsun::http::test
