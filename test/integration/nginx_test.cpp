#include <string>

#include "integration/harness.hpp"
#include "support/nginx_server.hpp"
#include "support/responses.hpp"

namespace upsun::testing {
namespace nginx_test {

using test::nginx_server;

/// A client of nginx, which is not ours: what it serves lies in files, at the paths of the API.
class Nginx : public ::testing::Test {
 protected:
  const certificate_authority authority{"Trusted authority"};
  const certificate identity = authority.issue(
      {.common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1", "::1"}});
  const nginx_server::files content{
      {"projects/project-0/integrations/integration-0", test::slack_document}};

  [[nodiscard]] static std::string server_block(const std::string& extra,
                                                const std::string& address = "127.0.0.1") {
    return "server { listen " + address +
           ":{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; root {root}; "
           "default_type application/json; " +
           extra + " }";
  }
  [[nodiscard]] client_config config_for(const nginx_server& server,
                                         const std::string& host = "127.0.0.1") const {
    return prepared({.base_url = "https://" + host + ":" + std::to_string(server.port()),
                     .credentials = bearer_token("a-token"),
                     .tls = {.ca_pem = authority.pem()}});
  }

  /// Fetches the document `count` times, one after the other. \return what the pool did.
  static pool_statistics fetch_times(int count, const client_config& config) {
    pool_statistics pool;
    with_client(config, [&](client& client) -> asio::awaitable<void> {
      for (int i = 0; i < count; ++i) {
        const auto got = co_await fetch(client);
        EXPECT_TRUE(got) << got.error();
        if (!got) co_return;
        EXPECT_EQ(std::get<slack_settings>(got->settings).channel, "#ops");
      }
      pool = client.statistics();
    });
    return pool;
  }
};

TEST_F(Nginx, ReusesAConnectionAfterResponsesWithALength) {
  const nginx_server server(server_block(""), identity, content);
  const auto pool = fetch_times(10, config_for(server));
  EXPECT_EQ(pool.dials, 1u);
  EXPECT_EQ(pool.reuses, 9u);
}

TEST_F(Nginx, ReusesAConnectionAfterChunkedResponses) {
  // Rewriting the body makes nginx forget its length, so it is sent in chunks.
  const nginx_server server(server_block("sub_filter_types *; sub_filter '#nothing' '#ops';"),
                            identity,
                            {{"projects/project-0/integrations/integration-0",
                              R"({"type":"health.slack","channel":"#nothing"})"}});
  EXPECT_EQ(fetch_times(5, config_for(server)).dials, 1u);
}

TEST_F(Nginx, DialsAgainWhenAConnectionHasServedItsRequests) {
  const nginx_server server(server_block("keepalive_requests 3;"), identity, content);
  const auto pool = fetch_times(9, config_for(server));
  EXPECT_EQ(pool.dials, 3u);
  EXPECT_EQ(pool.evictions[static_cast<std::size_t>(eviction::not_reusable)], 3u)
      << "nginx announces the end, so nothing fails";
  EXPECT_EQ(pool.stale_replays, 0u);
}

TEST_F(Nginx, NoticesThatAnIdleConnectionWasClosed) {
  const nginx_server server(server_block("keepalive_timeout 1s;"), identity, content);
  with_client(config_for(server), [&](client& client) -> asio::awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().idle, 1u);
    co_await until([&] { return client.statistics().idle != 1; });
    EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::dead)], 1u);
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().stale_replays, 0u);
  });
}

TEST_F(Nginx, ClosesAnIdleConnectionBeforeTheServerDoesWhenItSaysHowLong) {
  const nginx_server server(server_block("keepalive_timeout 60s 3s;"), identity, content);
  with_client(config_for(server), [&](client& client) -> asio::awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    co_await until([&] { return client.statistics().idle != 1; });
    EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::idle_timeout)], 1u);
  });
}

TEST_F(Nginx, ReportsAGatewaysHtmlAsAServerErrorAndKeepsTheConnection) {
  const nginx_server server(server_block("location / { return 502; }"), identity, content);
  with_client(config_for(server), [&](client& client) -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto got = co_await fetch(client);
      EXPECT_EQ(got.error(), condition::server_error);
      EXPECT_EQ(got.error().status(), 502);
      EXPECT_EQ(got.error().message().find('<'), std::string::npos)
          << "the page stays out of our words";
    }
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST_F(Nginx, IsReachedOverIpv6) {
  const nginx_server server(server_block("", "[::1]"), identity, content, "::1");
  EXPECT_EQ(fetch_times(3, config_for(server, "[::1]")).dials, 1u);
}

TEST_F(Nginx, IsReachedByNameOnTheOneFamilyThatAccepts) {
  const nginx_server server(server_block(""), identity, content);
  EXPECT_EQ(fetch_times(3, config_for(server, "localhost")).dials, 1u);
}

TEST_F(Nginx, ServesManyCallsAtOnce) {
  const nginx_server server(server_block("keepalive_requests 7;"), identity, content);
  asio::io_context io(1);
  auto config = config_for(server);
  config.pool.max_connections = 16;
  client client(io.get_executor(), config);
  int left = 1'000;
  int fetched = 0;
  for (int i = left; i > 0; --i) {
    start_fetch(client, [&](const result<integration>& got) {
      EXPECT_TRUE(got) << got.error();
      fetched += got ? 1 : 0;
      if (--left == 0) client.async_close(10s, asio::detached);
    });
  }
  io.run();
  EXPECT_EQ(fetched, 1'000);
}

}  // namespace nginx_test
}  // namespace upsun::testing
