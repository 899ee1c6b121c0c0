// API tokens over TLS: the sandbox is both the API and the token endpoint.

#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <optional>
#include <vector>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace token_test {

using asio::awaitable;

client_config exchanging(const sandbox& server, unsigned max_attempts = 1) {
  client_config config = config_for(server);
  config.credentials = api_token(server.api_token(), server.url());
  config.retry = {.max_attempts = max_attempts, .base = 0ms, .throttled_base = 0ms};
  return config;
}

/// Calls at once, all to their ends.
std::vector<result<integration>> get_all(client& client, asio::io_context& io, std::size_t count) {
  std::vector<result<integration>> got;
  for (std::size_t i = 0; i < count; ++i) {
    start_fetch(client, integration_number(i % 18),
                [&got](result<integration> one) { got.push_back(std::move(one)); });
  }
  while (got.size() < count && io.run_one() != 0) {
  }
  return got;
}

std::size_t good(const std::vector<result<integration>>& all) {
  std::size_t count = 0;
  for (const auto& one : all) count += one ? 1 : 0;
  return count;
}

TEST(Tokens, TenThousandCallsMakeOneExchange) {
  sandbox server;
  asio::io_context io(1);
  client_config config = exchanging(server);
  config.pool.max_waiters = 10'000;
  client client(io.get_executor(), std::move(config));
  EXPECT_EQ(good(get_all(client, io, 10'000)), 10'000u);
  EXPECT_EQ(server.statistics().exchanges, 1u);
  EXPECT_EQ(server.statistics().requests, 10'001u);
}

TEST(Tokens, ABurstOfRefusalsMakesOneRenewalAndEveryCallSucceeds) {
  sandbox server;
  asio::io_context io(1);
  client client(io.get_executor(), exchanging(server));
  EXPECT_EQ(good(get_all(client, io, 64)), 64u);
  for (std::uint64_t burst = 1; burst <= 3; ++burst) {
    server.expire_access_tokens();
    EXPECT_EQ(good(get_all(client, io, 200)), 200u);
    EXPECT_EQ(server.statistics().exchanges, 1 + burst);
  }
}

TEST(Tokens, CallsOnManyThreadsShareTheirToken) {
  sandbox server;
  asio::thread_pool threads(4);
  std::atomic<int> succeeded{0};
  client client(threads.get_executor(), exchanging(server));
  for (int burst = 0; burst < 2; ++burst) {
    if (burst == 1) server.expire_access_tokens();
    std::atomic<int> pending{500};
    for (int i = 0; i < 500; ++i) {
      start_fetch(client, [&](const result<integration>& got) {
        succeeded += got ? 1 : 0;
        if (--pending == 0) pending.notify_one();
      });
    }
    for (int left = pending; left != 0; left = pending) pending.wait(left);
  }
  EXPECT_EQ(succeeded, 1'000);
  EXPECT_EQ(server.statistics().exchanges, 2u);
  client.async_close(0ms, asio::use_future).get();
  threads.join();
}

TEST(Tokens, ARevokedApiTokenIsFinalAndTyped) {
  sandbox server;
  with_client(exchanging(server, 5), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    server.set_api_token("another");
    server.expire_access_tokens();
    for (int call = 0; call < 3; ++call) {
      const auto got = co_await fetch(client);
      EXPECT_EQ(got.error(), errc::credentials_refused);
      EXPECT_EQ(got.error(), condition::unauthorized);
      EXPECT_EQ(got.error().phase(), phase::token);
      EXPECT_EQ(got.error().status(), 400);
      EXPECT_EQ(got.error().details().path_template,
                "/projects/{projectId}/integrations/{integrationId}");
      EXPECT_EQ(got.error().server()->code, "invalid_grant");
    }
    EXPECT_EQ(server.statistics().token_refusals, 1u)
        << "a refused token is not sent again at every call";
  });
}

TEST(Tokens, AStepUpDemandIsFinalWithoutAnyRenewal) {
  sandbox server;
  server.demand_step_up(true);
  with_client(exchanging(server, 5), [&](client& client) -> awaitable<void> {
    const auto got = co_await fetch(client);
    EXPECT_EQ(got.error(), errc::step_up_required);
    EXPECT_EQ(got.error(), condition::unauthorized);
    EXPECT_EQ(got.error().details().attempts, 1u);
    EXPECT_EQ(server.statistics().exchanges, 1u);
    EXPECT_EQ(server.statistics().requests, 2u);
    server.demand_step_up(false);
    EXPECT_TRUE(co_await fetch(client)) << "the token itself was good";
    EXPECT_EQ(server.statistics().exchanges, 1u);
  });
}

TEST(Tokens, ATokenRefusedAgainAfterItsRenewalIsFinal) {
  sandbox server;
  with_client(exchanging(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    const fault refusal{.kind = fault_kind::status, .status = 401};
    server.inject(refusal);
    server.inject({});  // the exchange
    server.inject(refusal);
    const auto before = server.statistics();
    const auto got = co_await fetch(client);
    EXPECT_EQ(got.error(), errc::unauthorized);
    EXPECT_EQ(server.statistics().requests - before.requests, 3u);
    EXPECT_EQ(server.statistics().exchanges - before.exchanges, 1u);
  });
}

TEST(Tokens, RefreshTokensAreUsedInTheirRotation) {
  sandbox server({.refresh_tokens = true});
  with_client(exchanging(server), [&](client& client) -> awaitable<void> {
    for (int round = 0; round < 4; ++round) {
      EXPECT_TRUE(co_await fetch(client));
      server.expire_access_tokens();
    }
    EXPECT_EQ(server.statistics().exchanges, 1u);
    EXPECT_EQ(server.statistics().refreshes, 3u);
    server.expire_refresh_tokens();
    EXPECT_TRUE(co_await fetch(client)) << "the API token stands behind them";
    EXPECT_EQ(server.statistics().exchanges, 2u);
    EXPECT_EQ(server.statistics().token_refusals, 1u);
  });
}

TEST(Tokens, ATransientFailureOfTheExchangeIsTriedAgainByTheCallsBudget) {
  for (const fault& each : {fault{.kind = fault_kind::close_before_reply},
                            fault{.kind = fault_kind::truncate_at, .at = 60},
                            fault{.kind = fault_kind::status, .status = 503},
                            fault{.kind = fault_kind::status, .status = 429}}) {
    sandbox server;
    server.inject(each, 2);
    const auto got = fetch_once(exchanging(server, 3));
    EXPECT_TRUE(got) << got.error() << ' ' << static_cast<int>(each.kind);
    EXPECT_EQ(server.statistics().exchanges + server.statistics().token_refusals, 3u)
        << "the faults' too: they come after the response is made";
  }
}

TEST(Tokens, AnUnreachableTokenEndpointIsTheCallsFailureInPhaseToken) {
  sandbox server;
  client_config config = exchanging(server);
  config.credentials = api_token("hunter2", "https://127.0.0.1:1");
  const auto got = fetch_once(config);
  EXPECT_EQ(got.error(), errc::connect_failed);
  EXPECT_EQ(got.error().phase(), phase::token);
  EXPECT_EQ(got.error().message().find("hunter2"), std::string::npos);
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST(Tokens, ACancelledCallLeavesTheExchangeToTheOthers) {
  sandbox server;
  server.inject({.kind = fault_kind::delay, .delay = 50ms});
  asio::io_context io(1);
  client client(io.get_executor(), exchanging(server));
  asio::cancellation_signal signal;
  std::optional<result<integration>> cancelled;
  start_fetch(client, signal, [&](result<integration> got) { cancelled = std::move(got); });
  asio::post(io, [&] { signal.emit(asio::cancellation_type::total); });
  EXPECT_EQ(good(get_all(client, io, 20)), 20u);
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(cancelled->error(), errc::cancelled);
  EXPECT_EQ(server.statistics().exchanges, 1u);
}

TEST(Tokens, AClosingClientLetsItsCallsHaveTheirToken) {
  sandbox server;
  server.inject({.kind = fault_kind::delay, .delay = 20ms});
  with_client(exchanging(server), [&](client& client) -> awaitable<void> {
    int succeeded = 0;
    for (int i = 0; i < 5; ++i) {
      start_fetch(client, [&](const result<integration>& got) { succeeded += got ? 1 : 0; });
    }
    const auto report = co_await client.async_close(30s);
    EXPECT_EQ(succeeded, 5);
    EXPECT_EQ(report->drained, 5u);
  });
}

TEST(Tokens, TheApiTokenGoesToItsOwnHostOnlyAndTheAccessTokenToTheApi) {
  sandbox api({.token = "not this one"});
  sandbox auth({.path_prefix = "/sub", .api_token = "hunter2"});
  client_config config = config_for(api);
  config.credentials = api_token("hunter2", auth.url());
  config.tls.ca_pem = api.ca_pem() + auth.ca_pem();
  EXPECT_EQ(fetch_once(config).error(), errc::unauthorized)
      << "the API does not know the other sandbox's tokens";
  EXPECT_EQ(auth.statistics().exchanges, 2u) << "the second because of the refusal";
  EXPECT_EQ(auth.statistics().requests, 2u);
  EXPECT_EQ(api.statistics().requests, 2u);
  EXPECT_EQ(api.statistics().token_refusals, 0u);
}

TEST(Tokens, ATokenSourceServesACallAndItsRenewal) {
  sandbox server;
  int asked = 0;
  client_config config = config_for(server);
  config.credentials = token_source([&]() -> awaitable<result<access_token>> {
    co_return access_token(++asked == 1 ? "stale" : server.token(), 15min);
  });
  with_client(config, [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(asked, 2) << "the first was refused by the API";
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(asked, 2);
  });
}

TEST(Tokens, TheEnvironmentOfTheCommandLineIsEnough) {
  sandbox server;
  ::setenv("UPSUN_CLI_TOKEN", server.api_token().c_str(), 1);
  ::setenv("UPSUN_API_URL", server.url().c_str(), 1);
  ::setenv("UPSUN_AUTH_URL", server.url().c_str(), 1);
  client_config config = client_config::from_environment();
  for (const char* name : {"UPSUN_CLI_TOKEN", "UPSUN_API_URL", "UPSUN_AUTH_URL"}) ::unsetenv(name);
  config.tls.ca_pem = server.ca_pem();
  EXPECT_TRUE(fetch_once(config));
}

}  // namespace token_test
}  // namespace upsun::testing
