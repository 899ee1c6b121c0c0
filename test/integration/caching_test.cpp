// Fetches shared by concurrent calls, and responses cached and revalidated, over TLS.
// unit/client/caching_test.cpp has every case of both.

#include <atomic>
#include <deque>
#include <random>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace caching_test {

using asio::awaitable;

client_config coalescing(const sandbox& server) {
  client_config config = config_for(server);
  config.coalesce = true;
  return config;
}

client_config caching(const sandbox& server, std::chrono::milliseconds ttl) {
  client_config config = config_for(server);
  config.cache = {.max_entries = 100, .ttl = ttl};
  return config;
}

TEST(Caching, TenThousandConcurrentCallsAreOneRequest) {
  sandbox server;
  asio::io_context io(1);
  client client(io.get_executor(), coalescing(server));
  std::size_t succeeded = 0;
  std::size_t ended = 0;
  const integration expected = server.get("project-0", "integration-0");
  for (int i = 0; i < 10'000; ++i) {
    start_fetch(client, [&](const result<integration>& got) {
      succeeded += got && *got == expected ? 1 : 0;
      if (++ended == 10'000) client.async_close(0s, asio::detached);
    });
  }
  io.run();
  EXPECT_EQ(succeeded, 10'000u);
  EXPECT_EQ(server.statistics().requests, 1u);
  EXPECT_EQ(client.statistics().coalesced, 9'999u);
}

TEST(Caching, TheLastCancelledWaiterClosesTheConnectionOfTheFetch) {
  sandbox server;
  server.inject({.kind = fault_kind::silent});
  asio::io_context io(1);
  client client(io.get_executor(), coalescing(server));
  std::deque<asio::cancellation_signal> signals;
  std::size_t cancelled = 0;
  for (int i = 0; i < 3; ++i) {
    start_fetch(client, signals.emplace_back(), [&](const result<integration>& got) {
      cancelled += got.has_error() && got.error() == errc::cancelled ? 1 : 0;
    });
  }
  while (server.statistics().requests == 0) io.run_one_for(10ms);
  signals[0].emit(asio::cancellation_type::total);
  signals[2].emit(asio::cancellation_type::total);
  while (cancelled < 2) io.run_one_for(10ms);
  EXPECT_EQ(client.statistics().leased, 1u);
  EXPECT_EQ(server.statistics().open, 1u);
  signals[1].emit(asio::cancellation_type::total);
  while (cancelled < 3 || server.statistics().open > 0) io.run_one_for(10ms);
  EXPECT_EQ(client.statistics().leased, 0u);
}

TEST(Caching, ServesAFreshResponseAndRevalidatesAStaleOne) {
  sandbox server;
  run([&]() -> awaitable<void> {
    client client(co_await asio::this_coro::executor, caching(server, 1h));
    upsun::client revalidating(co_await asio::this_coro::executor, caching(server, 0ms));
    response_info info;
    for (const char* expected : {"fetched", "cached", "cached"}) {
      auto got = co_await fetch(client, call_options().info(&info));
      EXPECT_EQ(got.value(), server.get("project-0", "integration-0"));
      EXPECT_EQ(info.cached, expected == std::string("cached"));
    }
    EXPECT_EQ(server.statistics().requests, 1u);
    for (const int status : {200, 304, 304}) {
      auto got = co_await fetch(revalidating, call_options().info(&info));
      EXPECT_EQ(got.value(), server.get("project-0", "integration-0"));
      EXPECT_EQ(info.status, status);
      EXPECT_EQ(info.cached, status == 304);
    }
    EXPECT_EQ(revalidating.statistics().reuses, 2u)
        << "a 304 leaves the connection as good as any response";
    server.put("project-0", "integration-0", server.get("project-0", "integration-1"));
    auto changed = co_await fetch(revalidating, call_options().info(&info));
    EXPECT_EQ(changed.value(), server.get("project-0", "integration-1"));
    EXPECT_EQ(info.status, 200);
  });
}

TEST(Caching, HonoursNoStore) {
  sandbox server;
  with_client(caching(server, 1h), [&](client& client) -> awaitable<void> {
    server.inject(
        {.kind = fault_kind::status,
         .status = 200,
         .body =
             R"({"id":"x","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})",
         .headers = {{"Cache-Control", "private, no-store"}, {"ETag", "\"x\""}}});
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().cached, 0u);
  });
}

TEST(Caching, AnUpdateOrADeletionIsSeenByTheNextCall) {
  sandbox server;
  server.put("project-0", "s",
             integration{
                 .id = "s", .type = "health.slack", .settings = slack_settings{.channel = "#old"}});
  with_client(caching(server, 1h), [&](client& client) -> awaitable<void> {
    const integration_ref ref(project(), integration_id("s"));
    EXPECT_TRUE(co_await fetch(client, integration_id("s")));
    auto updated = co_await client.async_update_integration(ref, slack_patch().channel("#new"));
    EXPECT_TRUE(updated);
    auto got = co_await fetch(client, integration_id("s"));
    EXPECT_EQ(std::get<slack_settings>(got.value().settings).channel, "#new");
    EXPECT_TRUE(co_await client.async_delete_integration(ref));
    auto gone = co_await fetch(client, integration_id("s"));
    EXPECT_EQ(gone.error(), condition::not_found);
  });
}

TEST(Caching, ListsActivitiesAndBulkFetchesAreCachedToo) {
  sandbox server;
  with_client(caching(server, 1h), [&](client& client) -> awaitable<void> {
    const integration_ref ref(project(), integration_number(0));
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(co_await client.async_list_integrations(project()));
      auto activities = client.activities(ref, activity_filter());
      EXPECT_TRUE(co_await activities.async_next());
      std::vector<integration_ref> refs{ref};
      auto many = co_await client.async_get_integrations(std::move(refs));
      EXPECT_EQ(many.value().results[0].value(), server.get("project-0", "integration-0"));
    }
    EXPECT_EQ(server.statistics().requests, 3u);
    EXPECT_EQ(client.statistics().cache_hits, 3u);
  });
}

// Everything at once on four threads: calls that share, are served from the cache, time out, and
// changes between them. Each call ends once, and the counts agree.
TEST(Caching, HoldsOnManyThreads) {
  sandbox server({.threads = 2});
  server.put(
      "project-0", "s",
      integration{.id = "s", .type = "health.slack", .settings = slack_settings{.channel = "#0"}});
  asio::io_context io;
  client_config config = caching(server, 1ms);
  config.coalesce = true;
  client client(io.get_executor(), config);
  constexpr int callers = 16;
  constexpr int each = 60;
  std::atomic<int> ended{0};
  std::atomic<int> at_work{callers};
  std::atomic<int> wrong{0};
  const auto caller = [&](unsigned seed) -> awaitable<void> {
    std::minstd_rand dice(seed);
    for (int i = 0; i < each; ++i) {
      if (dice() % 10 == 0) {
        const integration_ref ref(project(), integration_id("s"));
        const auto patch = slack_patch().channel("#" + std::to_string(i));
        (void)co_await client.async_update_integration(ref, patch);
      }
      const bool hasty = dice() % 4 == 0;
      call_options options;
      if (hasty) options.timeout(1ms);
      const auto got = co_await fetch(client, integration_id("s"), options);
      ++ended;
      if (!got && !(hasty && got.error() == condition::timeout)) ++wrong;
    }
    if (--at_work == 0) client.async_close(10s, asio::detached);
  };
  for (unsigned i = 0; i < callers; ++i) {
    asio::co_spawn(io, caller(i + 1),
                   [](const std::exception_ptr& thrown) { EXPECT_FALSE(thrown); });
  }
  run_on_threads(io, 4);
  EXPECT_EQ(ended, callers * each);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(client.statistics().in_flight, 0u);
}

TEST(Caching, IsCancelledWithItsClientOnManyThreads) {
  sandbox server;
  server.inject({.kind = fault_kind::silent}, 0);
  asio::io_context io;
  auto client = std::make_unique<upsun::client>(io.get_executor(), coalescing(server));
  std::atomic<int> cancelled{0};
  for (int i = 0; i < 100; ++i) {
    start_fetch(*client, integration_number(static_cast<std::size_t>(i % 3)),
                [&](const result<integration>& got) {
                  if (got.has_error() && got.error() == condition::cancelled) ++cancelled;
                });
  }
  asio::post(io, [&] { client.reset(); });
  run_on_threads(io, 4);
  EXPECT_EQ(cancelled, 100);
}

}  // namespace caching_test
}  // namespace upsun::testing
