// HTTP/2 by every way to a server, with everything that a call may do beside its one request, and
// with thousands of calls at once.

#include <nghttp2/nghttp2.h>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/harness.hpp"
#include "support/certificate_maker.hpp"
#include "support/connect_proxy.hpp"
#include "support/nginx_server.hpp"
#include "support/responses.hpp"
#include "support/temporary_directory.hpp"

namespace upsun::testing {
namespace http2_ways_test {

using asio::awaitable;

constexpr std::size_t kinds = 18;

/// Knows which connections attempts had. For one thread.
class lease_notes final : public secret_watch {
 public:
  void on_attempt(const attempt_event& event) noexcept override {
    secret_watch::on_attempt(event);
    if (event.what != attempt_event::kind::leased) return;
    if (event.call != last_call) connections_of_last_call.clear();
    last_call = event.call;
    connections_of_last_call.insert(event.connection);
    versions.emplace(event.protocol_version);
  }
  std::uint64_t last_call = 0;
  std::set<std::uint64_t> connections_of_last_call;
  std::set<std::string> versions;
};

/// Fetches one of each kind, all at once. Each has to be the right one.
awaitable<void> fetch_each_kind(client& from) {
  std::size_t ended = 0;
  for (std::size_t i = 0; i < kinds; ++i) {
    start_fetch(from, integration_number(i), [&ended, i](const result<integration>& got) {
      ++ended;
      EXPECT_TRUE(got) << got.error();
      EXPECT_EQ(got ? got->id : std::nullopt, integration_number(i).str());
    });
  }
  co_await until([&] { return ended == kinds; });
}

class Http2Way : public ::testing::Test {
 protected:
  sandbox server{{.http = http_version::http2}};  // where HTTP/1.1 fails
};

TEST_F(Http2Way, LeadsThroughAProxy) {
  const test::connect_proxy proxy({.credentials = "user:hunter2"});
  client_config config = config_for(server);
  config.proxy.url = secret(proxy.url("user:hunter2"));
  with_client(config, fetch_each_kind);
  EXPECT_EQ(proxy.tunnels(), 1u);
  EXPECT_EQ(server.statistics().http2_connections, 1u);
  EXPECT_EQ(proxy.carried().find("PRI * HTTP/2.0"), std::string::npos);
}

TEST_F(Http2Way, IsTakenAgainByASessionThatIsResumed) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (int connections = 0; connections < 5; ++connections) {
      co_await fetch_each_kind(client);
      server.close_connections();
      co_await until([&] { return client.statistics().open() == 0; });
    }
  });
  const sandbox_statistics counted = server.statistics();
  EXPECT_EQ(counted.http2_connections, 5u);
  EXPECT_EQ(counted.handshakes, 5u);
  EXPECT_EQ(counted.resumed_handshakes, 4u);
}

TEST_F(Http2Way, LeadsToTheTokenServer) {
  client_config config = config_for(server);
  config.credentials = api_token(server.api_token(), server.url());
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await fetch_each_kind(client);
    server.expire_access_tokens();
    co_await fetch_each_kind(client);
  });
  EXPECT_EQ(server.statistics().exchanges, 2u);
  EXPECT_EQ(server.statistics().http2_connections, server.statistics().connections);
}

TEST_F(Http2Way, LeadsToHooks) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const integration_ref ref(project(), integration_number(0));
    const auto triggered = co_await client.async_trigger_hook(ref);
    EXPECT_TRUE(triggered) << triggered.error();
    const auto valid = co_await client.async_validate_integration(ref);
    EXPECT_TRUE(valid) << valid.error();
  });
  ASSERT_EQ(server.hooks().size(), 1u);
  EXPECT_FALSE(server.hooks()[0].with_token);
  EXPECT_EQ(server.hooks()[0].integration, integration_number(0).str());
  EXPECT_EQ(server.statistics().http2_connections, server.statistics().connections);
}

TEST_F(Http2Way, IsRetriedOverTheSameConnection) {
  client_config config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 0ms};
  with_client(config, [&](client& client) -> awaitable<void> {
    for (const int status : {503, 429}) {
      server.inject({.kind = fault_kind::status, .status = status}, 2);
      response_info info;
      const auto got = co_await fetch(client, call_options().info(&info));
      EXPECT_TRUE(got) << got.error();
      EXPECT_EQ(info.attempts, 3u);
    }
    server.inject({.kind = fault_kind::reset_stream, .at = 5, .code = NGHTTP2_INTERNAL_ERROR});
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().dials, 1u);
  });
  EXPECT_EQ(server.statistics().requests, 8u);
}

/// A call whose first request gets no response, with one idle connection more where there may be
/// two.
class HedgeOverHttp2 : public Http2Way, public ::testing::WithParamInterface<std::size_t> {};

TEST_P(HedgeOverHttp2, SucceedsOverTheIdleConnectionIfThereIsOne) {
  const std::size_t connections = GetParam();
  const auto notes = std::make_shared<lease_notes>();
  client_config config = config_for(server);
  config.observer = notes;
  const hedge_options hedge{.enabled = true, .delay = 5ms, .max_extra_percent = 100};
  config.hedge.max_extra_percent = 100;
  config.http.streams = connections == 1 ? 32 : 1;
  config.pool.max_connections = connections;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await fetch_each_kind(client);
    co_await until([&] { return client.statistics().idle == connections; });
    server.inject({.kind = fault_kind::silent});
    response_info info;
    const auto got = co_await fetch(client, call_options().hedge(hedge).info(&info));
    EXPECT_TRUE(got) << got.error();
    EXPECT_EQ(info.attempts, 2u);
    EXPECT_EQ(notes->connections_of_last_call.size(), connections);
    co_await until([&] { return client.statistics().streams == 0; });
    co_await fetch_each_kind(client);
    EXPECT_EQ(client.statistics().open(), connections) << "the loser costs no connection";
  });
  EXPECT_EQ(server.statistics().connections, connections);
  EXPECT_GE(server.statistics().resets[NGHTTP2_CANCEL], 1u);
}
INSTANTIATE_TEST_SUITE_P(With, HedgeOverHttp2, ::testing::Values(1, 2), [](const auto& most) {
  return most.param == 1 ? "OneConnection" : "TwoConnections";
});

TEST_F(Http2Way, EndsByAClientThatIsClosedWithTime) {
  std::size_t ended = 0;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    server.inject({.kind = fault_kind::delay, .delay = 20ms}, kinds);
    for (std::size_t i = 0; i < kinds; ++i) {
      start_fetch(client, integration_number(i), [&ended, i](const result<integration>& got) {
        EXPECT_TRUE(got) << got.error();
        EXPECT_EQ(got ? got->id : std::nullopt, integration_number(i).str());
        ++ended;
      });
    }
    const auto report = co_await client.async_close(10min);
    EXPECT_EQ(report.value(),
              (close_report{.drained = kinds, .cancelled = 0, .connections_closed = 1}));
    EXPECT_EQ(ended, kinds);
    EXPECT_EQ((co_await fetch(client)).error(), errc::client_closed);
    co_await until([&] { return server.statistics().open == 0; });
  });
  EXPECT_EQ(server.statistics().goaways, 1u);
  EXPECT_EQ(server.statistics().resets.size(), 0u);
}

// ---- over nginx

class Http2WayToNginx : public ::testing::Test {
 protected:
  /// \param listen what follows `listen` \param more of the server's block
  [[nodiscard]] test::nginx_server serve(const std::string& listen,
                                         const std::string& more = {}) const {
    return {"server { listen " + listen + "; " + more +
                " listen 127.0.0.1:{port} ssl http2; ssl_certificate {certificate}; "
                "ssl_certificate_key {key}; root {root}; default_type application/json; }",
            identity,
            {{"projects/project-0/integrations/integration-0", test::slack_document},
             {"client_ca.pem", authority_of_clients.pem()}}};
  }
  /// Two calls over one connection.
  static void expect_http2(client_config config) {
    const auto notes = std::make_shared<lease_notes>();
    config.observer = notes;
    with_client(config, [&](client& client) -> awaitable<void> {
      for (int i = 0; i < 2; ++i) {
        const auto got = co_await fetch(client);
        EXPECT_TRUE(got) << got.error();
      }
      EXPECT_EQ(client.statistics().dials, 1u);
    });
    EXPECT_EQ(notes->versions, std::set<std::string>{"2"});
  }

  const certificate_authority authority{"Trusted authority"};
  const certificate identity = authority.issue(
      {.common_name = "api", .dns_names = {"api.no-such.invalid"}, .addresses = {"127.0.0.1"}});
  const test::made_certificate authority_of_clients =
      test::make_certificate(test::authority_plan("Authority of clients"));
  const test::temporary_directory directory;
  const std::string path = directory.path() / "socket";
};

TEST_F(Http2WayToNginx, LeadsThroughAUnixDomainSocketWithTls) {
  const auto server = serve("unix:" + path + " ssl http2");
  expect_http2({.base_url = "https://api.no-such.invalid",
                .credentials = bearer_token("a-token"),
                .tls = {.ca_pem = authority.pem()},
                .unix_socket = path});
}

TEST_F(Http2WayToNginx, LeadsThroughAUnixDomainSocketWithoutTlsWhenDemanded) {
  const auto server = serve("unix:" + path + " http2");
  client_config config{.base_url = "http://api.no-such.invalid",
                       .credentials = bearer_token("a-token"),
                       .unix_socket = path};
  config.http.version = http_version::http2;
  expect_http2(config);
}

TEST_F(Http2WayToNginx, IsOpenToAClientWithACertificate) {
  const auto server =
      serve("unix:" + path, "ssl_verify_client on; ssl_client_certificate {root}/client_ca.pem;");
  client_config config{.base_url = "https://127.0.0.1:" + std::to_string(server.port()),
                       .credentials = bearer_token("a-token"),
                       .tls = {.ca_pem = authority.pem()},
                       .retry = {.max_attempts = 1}};
  const auto refused = fetch_once(prepared(config));
  EXPECT_FALSE(refused) << "without a certificate";
  const test::made_certificate own = test::make_certificate(
      {.common_name = "a service", .extensions = {{"extendedKeyUsage", "clientAuth"}}},
      &authority_of_clients);
  config.tls.client_certificate_pem = own.pem();
  config.tls.client_key_pem = secret(own.key_pem());
  expect_http2(config);
}

// ---- many calls

/// By so many threads.
/// With more than one thread a handler may wait for a call of its own, over the same connection.
TEST_F(Http2Way, SendsWhatAHandlerBeginsAndWaitsFor) {
  client_config config = config_for(server);
  config.pool.max_connections = 1;
  asio::io_context io;
  client client(io.get_executor(), config);
  response_info info;
  std::optional<bool> got;
  start_fetch(client, integration_number(0), [&](const result<integration>&) {
    got = client
              .async_get_integration({project(), integration_number(1)}, call_options().info(&info),
                                     asio::use_future)
              .get()
              .has_value();
    client.async_close(0ms, asio::detached);
  });
  run_on_threads(io, 2);
  EXPECT_EQ(got, true);
  EXPECT_EQ(info.attempts, 1u) << "it did not wait for its time to be up";
}

class ManyCallsOverHttp2 : public ::testing::TestWithParam<int> {};

TEST_P(ManyCallsOverHttp2, EachEndOnceWithTheirOwnDocument) {
  constexpr std::size_t calls = 10'000;
  constexpr std::size_t documents = 1'000;
  constexpr std::size_t connections = 4;
  // The first response comes when the last request has come, if the machine is as quick.
  with_growing_limit(2s, [&](std::chrono::milliseconds latency) {
    sandbox server({.http = http_version::http2, .integrations = documents, .latency = latency});
    server.set_max_streams(calls / connections);
    client_config config = config_for(server);
    config.http.streams = calls / connections;
    config.pool.max_connections = connections;
    config.pool.max_waiters = calls;
    asio::io_context io;
    client client(io.get_executor(), config);
    std::vector<std::atomic<int>> ended(calls);
    std::atomic<std::size_t> right = 0;
    std::atomic<std::size_t> left = calls;
    asio::post(io, [&] {
      for (std::size_t i = 0; i < calls; ++i) {
        start_fetch(client, integration_number(i % documents),
                    [&, i](const result<integration>& got) {
                      ++ended[i];
                      if (got && got->id == integration_number(i % documents).str()) ++right;
                      if (--left == 0) client.async_close(10min, asio::detached);
                    });
      }
    });
    run_on_threads(io, GetParam());
    EXPECT_EQ(right, calls);
    EXPECT_EQ(std::count(ended.begin(), ended.end(), 1), static_cast<std::ptrdiff_t>(calls));
    const sandbox_statistics counted = server.statistics();
    EXPECT_EQ(counted.requests, calls);
    // As long as fewer are open at once, fewer connections may do.
    const bool all_at_once = counted.most_streams == calls;
    EXPECT_LE(counted.connections, connections);
    EXPECT_TRUE(!all_at_once || counted.connections == connections);
    EXPECT_EQ(counted.http2_connections, counted.connections);
    EXPECT_EQ(counted.resets.size(), 0u);
    return HasFailure() || all_at_once;
  });
}
INSTANTIATE_TEST_SUITE_P(By, ManyCallsOverHttp2, ::testing::Values(1, 4), [](const auto& threads) {
  return threads.param == 1 ? "OneThread" : "FourThreads";
});

}  // namespace http2_ways_test
}  // namespace upsun::testing
