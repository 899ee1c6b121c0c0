// HTTP/2 with servers that are not ours, each of which has its own implementation of it. More about
// nginx in http2_test.cpp.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "integration/http2_documents.hpp"
#include "support/nginx_server.hpp"
#include "support/web_server_plans.hpp"

namespace upsun::testing {
namespace http2_servers_test {

using asio::awaitable;
using test::apache_plan;
using test::h2o_plan;
using test::haproxy_plan;
using test::nginx_plan;
using test::web_server;
using test::web_server_plan;

/// Where each answers 500, if it can be told to.
constexpr const char* broken = "/projects/project-0/integrations/broken";

web_server_plan nginx() {
  return nginx_plan(
      "server { listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; "
      "ssl_certificate_key {key}; root {root}; default_type application/json; location " +
          std::string(broken) + " { return 500; } }",
      2);
}

web_server_plan nghttpd() {
  return {.program = "nghttpd",
          .package = "nghttp2-server",
          .arguments = {"-d", "{root}", "-a", "127.0.0.1", "{port}", "{key}", "{certificate}"}};
}

web_server_plan apache() {
  return apache_plan({"alias", "http2"},
                     "Protocols h2\nRedirect 500 " + std::string(broken) + '\n');
}

web_server_plan h2o() {
  return h2o_plan({}, "      " + std::string(broken) + R"(:
        mruby.handler: |
          Proc.new { |request| [500, {}, []] }
)");
}

web_server_plan haproxy(std::uint16_t behind) {
  return haproxy_plan(behind, "h2",
                      "  http-request return status 500 if { path " + std::string(broken) + " }\n");
}

struct server_case {
  const char* name;
  std::function<web_server_plan(std::uint16_t behind)> plan;
  bool behind = false;  ///< Whether it takes the documents from a server behind it.
  bool breaks = true;   ///< Whether it answers 500.
  bool reloads = true;
  bool survives_resets = true;  ///< Whether its connections outlast every stream that is reset.
};

const server_case all[] = {
    {.name = "Nginx", .plan = [](auto) { return nginx(); }},
    {.name = "Nghttpd", .plan = [](auto) { return nghttpd(); }, .breaks = false, .reloads = false},
    // Apache 2.4.71 ends a connection by GOAWAY when a reset finds the head of the response queued:
    // its callback fails for a head that is not sent (AH10509, then -902).
    {.name = "Apache", .plan = [](auto) { return apache(); }, .survives_resets = false},
    {.name = "H2o", .plan = [](auto) { return h2o(); }},
    {.name = "Haproxy", .plan = haproxy, .behind = true},
};

class Http2Servers : public http2_documents, public ::testing::WithParamInterface<server_case> {
 protected:
  Http2Servers() {
    std::uint16_t port = 0;
    if (GetParam().behind) {
      behind = std::make_unique<web_server>(
          nginx_plan("server { listen 127.0.0.1:{port}; root {root}; default_type "
                     "application/json; }"),
          identity, content);
      port = behind->port();
    }
    server = std::make_unique<web_server>(GetParam().plan(port), identity, content);
    config = config_for(*server);
    config.http.version = http_version::http2;
  }

  std::unique_ptr<web_server> behind;
  std::unique_ptr<web_server> server;
  client_config config;
};

TEST_P(Http2Servers, CarryManyCallsAtOnceOverFewConnections) {
  config.pool.max_connections = 4;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await fetch_all(client, 200, 2000);
    EXPECT_LE(client.statistics().dials, 4u);
    EXPECT_EQ(client.statistics().streams, 0u);
  });
}

TEST_P(Http2Servers, SendLargeBodiesAtOnce) {
  for (const std::size_t window : {64u * 1024, 256u * 1024, 8u * 1024 * 1024}) {
    config.http.stream_window = config.http.connection_window = window;
    with_client(config, [&](client& client) -> awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      int left = 4;
      for (int i = 0; i < 4; ++i) {
        asio::co_spawn(
            executor,
            [&]() -> awaitable<void> {
              co_await fetch_large(client);
              --left;
            },
            asio::detached);
      }
      co_await fetch_all(client, 8, 100);
      co_await until([&] { return left == 0; });
      EXPECT_EQ(client.statistics().dials, 1u);
    });
  }
}

TEST_P(Http2Servers, SayWhatIsWrongAndTheConnectionGoesOn) {
  config.retry.max_attempts = 1;
  with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto missing = co_await fetch(client, integration_id("missing"));
      EXPECT_EQ(missing.error(), condition::not_found);
      EXPECT_EQ(missing.error().status(), 404);
      const auto wrong = co_await fetch(client, integration_id("broken"));
      if (GetParam().breaks) {
        EXPECT_EQ(wrong.error(), condition::server_error);
      }
      EXPECT_EQ(wrong.error().status(), GetParam().breaks ? 500 : 404);
      EXPECT_TRUE(co_await fetch(client));
    }
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST_P(Http2Servers, AreLeftAloneByCallsThatAreCancelled) {
  constexpr int calls = 60;
  config.http.streams = calls;
  with_client(config, [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    int cancelled = 0;
    for (int turns = 0; turns < calls; ++turns) {  // at one time or another on the way
      asio::cancellation_signal cancel;
      std::optional<result<integration>> ended;
      start_fetch(client, integration_id("large"),
                  asio::bind_cancellation_slot(
                      cancel.slot(), [&](result<integration> got) { ended = std::move(got); }));
      int turn = 0;
      co_await until([&] { return turn++ == turns; });
      cancel.emit(asio::cancellation_type::all);
      co_await until([&] { return ended.has_value(); });
      if (!*ended) {
        EXPECT_EQ(ended->error(), errc::cancelled) << ended->error();
        ++cancelled;
      }
    }
    EXPECT_GT(cancelled, 0);
    co_await fetch_all(client, 8, 100);
    co_await fetch_large(client);
    if (GetParam().survives_resets) {
      EXPECT_EQ(client.statistics().dials, 1u);
    }
  });
}

class Http2ServersThatReload : public Http2Servers {};

TEST_P(Http2ServersThatReload, LoseNoCall) {
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await fetch_all_amid_reloads(client, 5000, *server);
    EXPECT_GE(client.statistics().dials, 2u) << "nothing came of the reloads";
  });
}

std::string name(const ::testing::TestParamInfo<server_case>& info) { return info.param.name; }
void PrintTo(const server_case& which, std::ostream* out) { *out << which.name; }

std::vector<server_case> those_that_reload() {
  std::vector<server_case> found;
  std::copy_if(std::begin(all), std::end(all), std::back_inserter(found),
               [](const server_case& each) { return each.reloads; });
  return found;
}

INSTANTIATE_TEST_SUITE_P(, Http2Servers, ::testing::ValuesIn(all), name);
INSTANTIATE_TEST_SUITE_P(, Http2ServersThatReload, ::testing::ValuesIn(those_that_reload()), name);

}  // namespace http2_servers_test
}  // namespace upsun::testing
