// HTTP/2 with nginx, a server that is not ours.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "integration/http2_documents.hpp"
#include "support/nginx_server.hpp"
#include "support/sanitizers.hpp"

namespace upsun::testing {
namespace http2_test {

using asio::awaitable;
using test::nginx_server;

/// Fetches over connections that end; a sanitizer makes each many times slower.
#ifdef UPSUN_UNDER_SANITIZER
constexpr std::size_t many = 20'000;
#else
constexpr std::size_t many = 100'000;
#endif

class Http2 : public http2_documents {
 protected:
  /// \param listen what follows the port
  [[nodiscard]] static std::string block(const std::string& listen = "ssl http2",
                                         const std::string& extra = "") {
    return "server { listen 127.0.0.1:{port} " + listen +
           "; ssl_certificate {certificate}; ssl_certificate_key {key}; root {root}; "
           "default_type application/json; http2_max_concurrent_streams 128; "
           "access_log access.log; " +
           extra + " }";
  }

  /// How many responses of a version nginx has written down.
  [[nodiscard]] static std::size_t logged(const nginx_server& server, const std::string& version) {
    const std::string log = server.file("access.log");
    std::size_t count = 0;
    const std::string wanted = "HTTP/" + version + "\" 200 ";
    for (std::size_t at = log.find(wanted); at != std::string::npos; at = log.find(wanted, at + 1))
      ++count;
    return count;
  }
};

TEST_F(Http2, CarriesManyCallsOverFewConnections) {
  const nginx_server server(block(), identity, content);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    co_await fetch_all(client, 64, 1000);
    const auto now = client.statistics();
    EXPECT_LE(now.dials, 2u);
    EXPECT_EQ(now.streams, 0u);
  });
  EXPECT_EQ(logged(server, "2.0"), 1000u);
}

TEST_F(Http2, IsNotSpokenWhereTheServerDoesNotOfferIt) {
  const nginx_server server(block("ssl"), identity, content);
  with_client(config_for(server),
              [&](client& client) -> awaitable<void> { co_await fetch_all(client, 8, 100); });
  EXPECT_EQ(logged(server, "1.1"), 100u);
}

TEST_F(Http2, IsNotSpokenWhenToldSo) {
  const nginx_server server(block(), identity, content);
  auto config = config_for(server);
  config.http.version = http_version::http1;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await fetch_all(client, 8, 100);
    EXPECT_EQ(client.statistics().dials, 8u);
  });
  EXPECT_EQ(logged(server, "1.1"), 100u);
}

TEST_F(Http2, WhereItIsDemandedAServerWithoutItIsAnError) {
  const nginx_server server(block("ssl"), identity, content);
  auto config = config_for(server);
  config.http.version = http_version::http2;
  const auto got = fetch_once(config);
  EXPECT_EQ(got.error(), errc::unexpected_protocol);
  EXPECT_NE(got.error().message().find("offers none of the versions of HTTP"), std::string::npos)
      << got.error();
}

TEST_F(Http2, IsSpokenWithoutTlsWhenDemanded) {
  const nginx_server server(block("http2"), identity, content);
  auto config = config_for(server, "http");
  config.http.version = http_version::http2;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await fetch_all(client, 8, 100);
    EXPECT_EQ(client.statistics().dials, 1u);
  });
  EXPECT_EQ(logged(server, "2.0"), 100u);
}

TEST_F(Http2, LosesAndDoublesNothingWhenConnectionsEndEveryHundredRequests) {
  const nginx_server server(block("ssl http2", "keepalive_requests 100;"), identity, content);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    co_await fetch_all(client, 64, many);
    EXPECT_GE(client.statistics().dials, many / 100);
  });
  EXPECT_EQ(logged(server, "2.0"), many);
}

TEST_F(Http2, LosesNothingWhenTheServerReloads) {
  nginx_server server(block(), identity, content, "127.0.0.1", 2);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    co_await fetch_all_amid_reloads(client, 5000, server);
  });
}

TEST_F(Http2, TakesABodyThatIsLargerThanTheWindow) {
  const nginx_server server(block(), identity, content);
  auto config = config_for(server);
  config.http.stream_window = 64 * 1024;
  config.http.connection_window = 64 * 1024;
  with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) co_await fetch_large(client);
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST_F(Http2, ACancelledCallLeavesTheConnectionAndTheOtherCallsAlone) {
  const nginx_server server(block("ssl http2", "location ~ /large { limit_rate 10k; }"), identity,
                            content);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    asio::cancellation_signal cancel;
    std::optional<errc> ended;
    start_fetch(client, integration_id("large"),
                asio::bind_cancellation_slot(cancel.slot(), [&](result<integration> got) {
                  EXPECT_EQ(got.error(), errc::cancelled);
                  ended = errc::cancelled;
                }));
    co_await until([&] { return client.statistics().streams == 1; });
    EXPECT_TRUE(co_await fetch(client));
    cancel.emit(asio::cancellation_type::all);
    co_await until([&] { return ended.has_value(); });
    co_await fetch_all(client, 8, 100);
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST_F(Http2, ADeadlineCostsAStreamAndNoConnection) {
  const nginx_server server(block("ssl http2", "location ~ /large { limit_rate 10k; }"), identity,
                            content);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    const auto late = co_await fetch(client, integration_id("large"), call_options().timeout(50ms));
    EXPECT_EQ(late.error(), errc::deadline_exceeded);
    co_await fetch_all(client, 8, 100);
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST_F(Http2, ReportsItsVersionToObservers) {
  struct noting_observer final : observer {
    void on_attempt(const attempt_event& event) noexcept override {
      if (event.what == attempt_event::kind::leased) version = event.protocol_version;
    }
    std::string version;
  };
  const nginx_server server(block(), identity, content);
  for (const auto& [wanted, version] :
       {std::pair("2", http_version::automatic), std::pair("1.1", http_version::http1)}) {
    auto config = config_for(server);
    const auto notes = std::make_shared<noting_observer>();
    config.observer = notes;
    config.http.version = version;
    EXPECT_TRUE(fetch_once(config));
    EXPECT_EQ(notes->version, wanted);
  }
}

TEST_F(Http2, IsSharedByThreads) {
  const nginx_server server(block("ssl http2", "keepalive_requests 200;"), identity, content);
  asio::io_context io;
  client shared(io.get_executor(), config_for(server));
  constexpr int calls = 2000;
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  std::atomic<int> good = 0;
  std::function<void()> next = [&] {
    const int number = begun++;
    if (number >= calls) return;
    const std::size_t which = static_cast<std::size_t>(number) % documents;
    start_fetch(shared, integration_number(which), [&, which](result<integration> got) {
      if (got && std::get<slack_settings>(got->settings).channel == channel(which)) ++good;
      next();
      if (++ended == calls) shared.async_close(10s, asio::detached);
    });
  };
  for (int i = 0; i < 64; ++i) next();
  run_on_threads(io, 4);
  EXPECT_EQ(good, calls);
}

}  // namespace http2_test
}  // namespace upsun::testing
