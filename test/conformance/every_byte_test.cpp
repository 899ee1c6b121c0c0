// A good exchange that goes wrong at each of its bytes: a complete value, or a typed error by the
// deadline; never a wrong value, and never a bad connection used again.

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>

#include "conformance/wire_calls.hpp"
#include "support/cutting_relay.hpp"
#include "support/planned_server.hpp"
#include "support/temporary_directory.hpp"

namespace upsun::http::test {
namespace every_byte_test {

using namespace std::chrono_literals;
using upsun::test::cutting_relay;
using upsun::test::planned_reply;
using upsun::test::planned_server;
using ending = planned_reply::ending;

const std::string document = upsun::test::read_file(UPSUN_FIXTURES "/bitbucket/full.json");
const std::string by_length =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
    std::to_string(document.size()) + "\r\n\r\n" + document;
const std::string by_chunks = [] {
  std::string all =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::size_t half = document.size() / 2;
  for (const std::string& part : {document.substr(0, half), document.substr(half)}) {
    const char* digits = "0123456789abcdef";
    all.append({digits[part.size() / 256], digits[part.size() / 16 % 16], digits[part.size() % 16]})
        .append("\r\n")
        .append(part)
        .append("\r\n");
  }
  return all + "0\r\n\r\n";
}();

struct framing {
  const char* name;
  const std::string& bytes;
};

struct fault {
  const char* name;
  ending then;
  errc code;
};
const fault faults[] = {{"fin", ending::drop, errc::connection_closed},
                        {"rst", ending::reset, errc::connection_reset},
                        {"stall", ending::stall, errc::attempt_timeout}};

/// Those that never end by themselves. Everything else gets the usual, long times, so that nothing
/// depends on the machine's speed.
constexpr auto short_time = 100ms;

/// A transport of one connection that trusts the server.
std::shared_ptr<transport> wire_to(asio::io_context& io, std::string url,
                                   const planned_server& server) {
  client_config config;
  config.base_url = std::move(url);
  config.tls.ca_pem = server.ca_pem();
  config.pool.max_connections = 1;
  config.timeouts.connect = 10min;  // 32 exchanges at once shake hands slowly on a busy machine
  return transport_for(io, config);
}

struct place {
  bool tls;
  bool chunked;
};

class EveryByte : public ::testing::TestWithParam<place> {
 protected:
  const bool tls = GetParam().tls;
  const std::string& whole = GetParam().chunked ? by_chunks : by_length;
  const std::size_t head = whole.find("\r\n\r\n") + 4;
  asio::io_context io{1};

  static asio::awaitable<void> expect_fresh_connection(transport& wire, std::string what) {
    auto next = get("/whole");
    const auto after = co_await send(wire, std::move(next));
    EXPECT_TRUE(after) << what << after.error();
    if (!after) co_return;
    EXPECT_EQ(after->body, document) << what;
    EXPECT_FALSE(after->reused_connection) << what;
  }
};
INSTANTIATE_TEST_SUITE_P(Over, EveryByte,
                         ::testing::Values(place{false, false}, place{false, true},
                                           place{true, false}, place{true, true}),
                         [](const auto& over) {
                           return std::string(over.param.tls ? "Tls" : "PlainTcp")
                               .append(over.param.chunked ? "InChunks" : "ByLength");
                         });

TEST_P(EveryByte, EndsInAnErrorWhereverTheServerStopsAndInTheValueAfterTheLast) {
  for (const fault& f : faults) {
    io.restart();
    planned_server server(
        io,
        [&](std::string_view target) -> planned_reply {
          if (target == "/whole") return {whole};
          return {whole.substr(0, std::stoul(std::string(target.substr(1)))), f.then};
        },
        tls);
    const std::size_t step = tls ? 13 : 1;  // handshakes cost
    const auto stop_at = [&](std::size_t i) -> asio::awaitable<void> {
      const std::size_t at = std::min(i * step, whole.size());
      const std::string what = std::string(f.name) + " at " + std::to_string(at) + ": ";
      const auto wire = wire_to(io, server.url(), server);
      auto request = get("/" + std::to_string(at));
      if (f.then == ending::stall && at < whole.size()) request.attempt_timeout = short_time;
      const auto got = co_await send(*wire, std::move(request));
      if (got) {
        EXPECT_EQ(at, whole.size()) << what << "a value from a part";
        EXPECT_EQ(got->body, document) << what;
      } else {
        EXPECT_LT(at, whole.size()) << what << got.error();
        EXPECT_EQ(got.error(), f.code) << what << got.error();
        if (f.then !=
            ending::stall) {  // on a slow machine the time may be up before the bytes are there
          EXPECT_EQ(got.error().phase(), at < head ? phase::read_head : phase::read_body) << what;
        }
      }
      // A stalled connection with a complete response is as good as any.
      if (!got || f.then != ending::stall) co_await expect_fresh_connection(*wire, what);
      wire->shutdown();
    };
    run_each(io, whole.size() / step + 2, f.then == ending::stall ? 256 : 16, stop_at,
             [&] { server.close(); });
  }
}

// RFC 9112 section 9.3.1: a kept connection may have been closed before the request came; one byte
// of a response shows that it was not.
TEST_P(EveryByte, IsSentAgainOverAnotherConnectionOnlyWhenNoByteOfAResponseCame) {
  for (const fault& f : faults) {
    if (f.then == ending::stall) continue;
    io.restart();
    std::map<std::size_t, int> sent;  // by where the server stops, which it does once
    planned_server server(
        io,
        [&](std::string_view target) -> planned_reply {
          if (target == "/whole") return {whole};
          const std::size_t at = std::stoul(std::string(target.substr(1)));
          if (++sent[at] > 1) return {whole};
          return {whole.substr(0, at), f.then};
        },
        tls);
    const std::size_t step = tls ? 13 : 1;  // handshakes cost
    const auto stop_at = [&](std::size_t i) -> asio::awaitable<void> {
      const std::size_t at = std::min(i * step, whole.size());
      const std::string what = std::string(f.name) + " at " + std::to_string(at) + ": ";
      const auto wire = wire_to(io, server.url(), server);
      auto first = get("/whole");
      EXPECT_TRUE(co_await send(*wire, std::move(first))) << what;
      auto request = get("/" + std::to_string(at));
      const auto got = co_await send(*wire, std::move(request));
      EXPECT_EQ(got.has_value(), at == 0 || at == whole.size()) << what;
      if (got) {
        EXPECT_EQ(got->body, document) << what;
      } else {
        EXPECT_EQ(got.error(), f.code) << what << got.error();
      }
      EXPECT_EQ(wire->statistics().stale_replays, at == 0 ? 1u : 0u) << what;
      EXPECT_EQ(sent[at], at == 0 ? 2 : 1) << what;
      wire->shutdown();
    };
    run_each(io, whole.size() / step + 1, 16, stop_at, [&] { server.close(); });
  }
}

TEST_P(EveryByte, ReadsAResponseWhoseBytesComeOneByOne) {
  planned_server server(
      io,
      [&](std::string_view) {
        return planned_reply{whole, ending::keep, true};
      },
      tls);
  const auto fetch = [&](std::size_t i) -> asio::awaitable<void> {
    const auto wire = wire_to(io, server.url(), server);
    auto request = get("/" + std::to_string(i));
    const auto got = co_await send(*wire, std::move(request));
    EXPECT_TRUE(got) << got.error();
    EXPECT_EQ(got ? got->body : "", document);
    wire->shutdown();
  };
  run_each(io, 2, 1, fetch, [&] { server.close(); });
}

/// The same below TLS: within the handshake, within a record, between two.
class EveryByteOfTls : public ::testing::Test {
 protected:
  asio::io_context io{1};
  planned_server server{io, [](std::string_view) { return planned_reply{by_length}; }, true};

  [[nodiscard]] std::shared_ptr<transport> wire_through(const cutting_relay& relay) {
    return wire_to(io, "https://127.0.0.1:" + std::to_string(relay.port()), server);
  }
  /// How many bytes the server sends for one exchange, give or take the length of a signature.
  std::size_t measure() {
    std::size_t sent = 0;
    const auto one = [&](std::size_t) -> asio::awaitable<void> {
      const cutting_relay relay(io, server.port(), SIZE_MAX, ending::drop);
      const auto wire = wire_through(relay);
      auto request = get("/");
      const auto got = co_await send(*wire, std::move(request));
      EXPECT_TRUE(got) << got.error();
      sent = relay.passed();
      wire->shutdown();
    };
    run_each(io, 1, 1, one, [&] { io.stop(); });
    io.restart();
    return sent;
  }
};

TEST_F(EveryByteOfTls, EndsInAnErrorWhereverTheStreamIsCutAndInTheValueAfterTheLast) {
  constexpr std::size_t doubt = 16;  // a signature is sometimes a byte or two shorter
  constexpr std::size_t step = 13;   // handshakes cost
  const std::size_t total = measure();
  ASSERT_GT(total, by_length.size() + doubt);
  const std::size_t places = total / step + 1;
  const auto cut_at = [&](std::size_t i) -> asio::awaitable<void> {
    const fault& f = faults[i % std::size(faults)];
    const std::size_t at =
        i / std::size(faults) == places ? total + doubt : i / std::size(faults) * step;
    const bool surely_cut = at + doubt < total;
    if (f.then == ending::stall && !surely_cut && at < total + doubt)
      co_return;  // whether it ends by itself is in doubt
    const std::string what = std::string(f.name) + " at " + std::to_string(at) + " of about " +
                             std::to_string(total) + ": ";
    cutting_relay relay(io, server.port(), at, f.then);
    const auto wire = wire_through(relay);
    auto request = get("/");
    if (f.then == ending::stall && surely_cut)
      request.deadline = std::chrono::steady_clock::now() + short_time;
    const auto got = co_await send(*wire, std::move(request));
    if (got) {
      EXPECT_FALSE(surely_cut) << what << "a value from a part";
      EXPECT_EQ(got->body, document) << what;
    } else {
      EXPECT_LT(at, total + doubt) << what << got.error();
      const bool lost = got.error() == condition::connection || got.error() == condition::tls;
      EXPECT_TRUE(f.then == ending::stall ? got.error() == errc::deadline_exceeded : lost)
          << what << got.error();
    }
    relay.cut();  // a handshake that stalls would be waited for by the next request too
    while (wire->statistics().dialling + wire->statistics().open() > 0)
      co_await asio::post(io, asio::use_awaitable);
    auto next = get("/");
    const auto after = co_await send(*wire, std::move(next));
    EXPECT_TRUE(after) << what << after.error();
    if (after) {
      EXPECT_EQ(after->body, document) << what;
      EXPECT_FALSE(after->reused_connection) << what;
    }
    wire->shutdown();
  };
  run_each(io, (places + 1) * std::size(faults), 32, cut_at, [&] { server.close(); });
}

}  // namespace every_byte_test
}  // namespace upsun::http::test
