#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/thread_pool.hpp>
#include <upsun/model/kinds.hpp>

#include <atomic>

#include "integration/harness.hpp"
#include "support/joining_thread.hpp"

namespace upsun::testing {
namespace client_test {

using asio::awaitable;

TEST(Client, FetchesEveryKindOverVerifiedTls) {
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (std::size_t i = 0; i < kind_count; ++i) {
      auto got = co_await fetch(client, integration_number(i));
      EXPECT_TRUE(got) << got.error();
      if (!got) continue;
      EXPECT_EQ(*got, server.get("project-0", "integration-" + std::to_string(i)));
      EXPECT_EQ(got->settings.index(), i);
    }
    EXPECT_EQ(client.statistics().dials, 1u);
    EXPECT_EQ(client.statistics().reuses, kind_count - 1);
  });
  EXPECT_EQ(server.statistics().handshakes, 1u);
}

TEST(Client, HonoursThePathPrefixOfTheBaseUrlAndNamesTheOperationInErrors) {
  sandbox server;
  auto config = config_for(server);
  config.base_url += "/no/such/prefix/";
  const auto got = fetch_once(config);
  EXPECT_FALSE(got);
  EXPECT_EQ(got.error(), condition::not_found);
  EXPECT_EQ(got.error().details().method, "GET");
  EXPECT_EQ(got.error().details().path_template,
            "/projects/{projectId}/integrations/{integrationId}");
}

// g++ 12 destroys aggregate temporaries beside co_await twice; none of the arguments is one. This
// runs under the address sanitizer.
TEST(Client, AwaitsEveryOperationWithTemporaries) {
  sandbox server;
  run([&]() -> awaitable<void> {
    client client(co_await asio::this_coro::executor, config_for(server));
    response_info info;
    const std::string long_text(100, 'x');
    EXPECT_TRUE(co_await client.async_get_integration(
        {project_id("project-0"), integration_id(std::string("integration-0"))}));
    EXPECT_TRUE(co_await client.async_get_integration(
        {project_id{"project-0"}, integration_id{"integration-1"}},
        call_options().timeout(60s).attempt_timeout(60s).header("X-Trace", long_text).info(&info)));
    EXPECT_EQ(info.status, 200);
    EXPECT_TRUE(info.reused_connection);
    EXPECT_EQ(info.attempts, 1u);
    EXPECT_GT(info.timings.total.count(), 0);
    EXPECT_EQ(
        (co_await client.async_get_integration({project_id(long_text), integration_id(long_text)}))
            .error(),
        condition::not_found);
    EXPECT_TRUE(co_await client.async_close(1s));
  });
}

TEST(Client, WorksWithCallbacksFuturesDeferredAndTuples) {
  sandbox server;
  asio::io_context io;
  client client(io.get_executor(), config_for(server));
  int called = 0;
  client.async_get_integration({project(), integration_number(0)},
                               [&](result<integration> got) { called += got ? 1 : 100; });
  EXPECT_EQ(called, 0) << "never from within the initiating function";
  auto future = client.async_get_integration({project(), integration_number(1)}, asio::use_future);
  client.async_get_integration({project(), integration_number(2)}, asio::deferred)(
      [&](result<integration> got) { called += got ? 1 : 100; });
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        const auto [got] = co_await client.async_get_integration(
            {project(), integration_number(3)}, asio::as_tuple(asio::use_awaitable));
        called += got ? 1 : 100;
        const auto report = co_await client.async_close(10s);
        EXPECT_TRUE(report);
      },
      asio::detached);
  io.run();
  EXPECT_EQ(called, 3);
  EXPECT_TRUE(future.get());
}

TEST(Client, RunsHandlersOnTheirAssociatedExecutor) {
  sandbox server;
  asio::io_context io;
  asio::thread_pool elsewhere(1);
  client client(io.get_executor(), config_for(server));
  std::promise<std::thread::id> ran_on;
  start_fetch(client, asio::bind_executor(elsewhere, [&](result<integration> got) {
                EXPECT_TRUE(got);
                ran_on.set_value(std::this_thread::get_id());
              }));
  std::promise<std::thread::id> refused_on;
  start_fetch(client, integration_id(""),
              asio::bind_executor(elsewhere, [&](result<integration> got) {
                EXPECT_EQ(got.error(), condition::invalid_argument);
                refused_on.set_value(std::this_thread::get_id());
              }));
  std::promise<std::thread::id> other_thread;
  asio::post(elsewhere, [&] { other_thread.set_value(std::this_thread::get_id()); });
  upsun::test::joining_thread runner([&] { io.run(); });
  const auto expected = other_thread.get_future().get();
  EXPECT_EQ(ran_on.get_future().get(), expected);
  EXPECT_EQ(refused_on.get_future().get(), expected);
  client = upsun::client(io.get_executor(), config_for(server));
  io.stop();
}

TEST(Client, RefusesBadIdsAndHeadersBeforeAnythingIsSent) {
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (const std::string& bad : {std::string(), std::string("."), std::string(".."),
                                   std::string("a\r\nb"), std::string("\0", 1)}) {
      const auto as_project =
          co_await client.async_get_integration({project_id(bad), integration_id("x")});
      EXPECT_EQ(as_project.error(), errc::invalid_argument);
      const auto as_integration =
          co_await client.async_get_integration({project_id("x"), integration_id(bad)});
      EXPECT_EQ(as_integration.error(), errc::invalid_argument);
      EXPECT_EQ(as_integration.error().phase(), phase::admission);
      EXPECT_EQ(as_integration.error().details().method, "GET");
      EXPECT_FALSE(as_integration.error().safe_to_retry());
    }
    for (const char* name : {"Host", "Authorization", "Content-Length", "a b", ""}) {
      const auto got = co_await fetch(client, call_options().header(name, "v"));
      EXPECT_EQ(got.error(), errc::invalid_argument) << name;
    }
    const auto got = co_await fetch(client, call_options().header("X-A", "b\r\nEvil: 1"));
    EXPECT_EQ(got.error(), errc::invalid_argument);
    const auto negative = co_await fetch(client, call_options().timeout(-1ms));
    EXPECT_EQ(negative.error(), errc::invalid_argument);
    EXPECT_EQ(client.statistics().dials, 0u);
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST(Client, PercentEncodesIds) {
  sandbox server;
  server.put("a/b c", "d?e#f", server.get("project-0", "integration-3"));
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(
        co_await client.async_get_integration({project_id("a/b c"), integration_id("d?e#f")}));
  });
}

TEST(Client, ReportsWhyTheServerRefused) {
  sandbox server;
  server.forbid("secret-project");
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto missing = co_await fetch(client, integration_id("no-such"));
    EXPECT_EQ(missing.error(), condition::not_found);
    EXPECT_EQ(missing.error(), condition::client_error);
    EXPECT_EQ(missing.error().status(), 404);
    EXPECT_NE(missing.error().server(), nullptr);
    EXPECT_TRUE(missing.error().safe_to_retry());
    EXPECT_EQ(missing.error().details().attempts, 1u);
    const auto forbidden = co_await client.async_get_integration(
        {project_id("secret-project"), integration_number(0)});
    EXPECT_EQ(forbidden.error(), condition::forbidden);
    server.set_token("another");
    const auto unauthorized = co_await fetch(client);
    EXPECT_EQ(unauthorized.error(), condition::unauthorized);
    EXPECT_EQ(unauthorized.error().message().find(server.token()), std::string::npos);
    EXPECT_THROW((void)unauthorized.value(), call_failed);
    EXPECT_EQ(client.statistics().dials, 1u) << "an error status keeps its connection";
  });
}

TEST(Client, MapsEveryStatusToItsCondition) {
  const std::pair<int, condition> cases[] = {
      {400, condition::bad_request},  {402, condition::payment_required},
      {409, condition::conflict},     {418, condition::client_error},
      {429, condition::rate_limited}, {499, condition::client_error},
      {500, condition::server_error}, {502, condition::server_error},
      {503, condition::server_error}, {302, condition::protocol},
      {204, condition::protocol}};
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (const auto& [status, expected] : cases) {
      server.inject({.kind = fault_kind::status,
                     .status = status,
                     .headers = {{"Retry-After", "7"}, {"X-Request-Id", "r-1"}}});
      const auto got = co_await fetch(client);
      EXPECT_FALSE(got) << status;
      if (got) continue;
      EXPECT_EQ(got.error(), expected) << status << got.error();
      EXPECT_EQ(got.error().status(), status);
      EXPECT_EQ(got.error().details().request_id, "r-1");
      EXPECT_EQ(got.error().details().retry_after, 7s);
    }
  });
}

TEST(Client, CarriesTheServersFieldErrors) {
  sandbox server;
  server.inject(
      {.kind = fault_kind::status,
       .status = 400,
       .body = R"({"status":"error","code":400,"message":"Invalid","detail":{"url":"Required"}})",
       .content_type = "application/json"});
  const auto got = fetch_once(config_for(server));
  EXPECT_EQ(got.error(), condition::bad_request);
  EXPECT_TRUE(got.error().server() != nullptr);
  if (got.error().server() == nullptr) return;
  EXPECT_EQ(got.error().server()->message, "Invalid");
  EXPECT_EQ(got.error().server()->fields, (std::vector<field_error>{{"url", "Required"}}));
  EXPECT_EQ(got.error().message().find("Invalid"), std::string::npos)
      << "the server's words stay out of ours";
}

class drift_counter : public secret_watch {
 public:
  void on_drift(const drift_report& drift) noexcept override {
    secret_watch::on_drift(drift);
    ++drifts;
    kind = drift.kind;
    pointer = drift.mismatch.pointer;
  }
  void on_call(const call_report& call) noexcept override {
    secret_watch::on_call(call);
    ++(call.failure == nullptr ? succeeded : failed);
  }
  int drifts = 0, succeeded = 0, failed = 0;
  std::string kind, pointer;
};

TEST(Client, TreatsABrokenDocumentByPolicy) {
  sandbox server;
  const std::string broken = R"({"type":"health.slack","channel":7})";
  server.put_raw("project-0", "broken", broken);
  run([&]() -> awaitable<void> {
    auto config = config_for(server);
    const auto observer = std::make_shared<drift_counter>();
    config.observer = observer;
    config.decode_policy = decode_policy::strict;
    client strict(co_await asio::this_coro::executor, config);
    const auto refused = co_await fetch(strict, integration_id("broken"));
    EXPECT_EQ(refused.error(), condition::decode);
    EXPECT_TRUE(refused.error().decode() != nullptr);
    if (refused.error().decode() == nullptr) co_return;
    EXPECT_EQ(refused.error().decode()->pointer, "/channel");
    EXPECT_EQ(observer->drifts, 0);
    EXPECT_EQ(observer->failed, 1);

    config.decode_policy = client_config().decode_policy;
    client tolerant(co_await asio::this_coro::executor, config);
    const auto kept = co_await fetch(tolerant, integration_id("broken"));
    EXPECT_TRUE(kept);
    if (!kept) co_return;
    const auto& settings = std::get<unknown_settings>(kept->settings);
    EXPECT_NE(settings.raw.find("\"channel\":7"), std::string::npos);
    EXPECT_EQ(settings.mismatch->pointer, "/channel");
    EXPECT_EQ(observer->drifts, 1);
    EXPECT_EQ(observer->succeeded, 1);
    EXPECT_EQ(observer->kind, "health.slack");
    EXPECT_EQ(observer->pointer, "/channel");
  });
}

TEST(Client, RefusesWhatIsNotJson) {
  sandbox server;
  server.inject({.kind = fault_kind::status,
                 .status = 200,
                 .body = "<html>log in</html>",
                 .content_type = "text/html"});
  const auto got = fetch_once(config_for(server));
  EXPECT_EQ(got.error(), errc::unexpected_content_type);
}

TEST(Client, ReplaysOnANewConnectionEvenWhenOthersAreIdle) {
  sandbox server;
  auto config = config_for(server);
  config.pool.min_connections = 3;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await until([&] { return client.statistics().idle >= 3; });
    EXPECT_TRUE(co_await fetch(client));
    server.close_connections();
    while (server.statistics().open > 0)
      std::this_thread::yield();  // and the client, on this thread, has not seen it
    const auto got = co_await fetch(client);
    EXPECT_TRUE(got) << got.error();
  });
}

/// Ten thousand calls at once through 64 connections: each completes exactly once with the right
/// value.
void fetch_ten_thousand_at_once(int threads) {
  sandbox server;
  asio::io_context io(threads);
  auto config = config_for(server);
  config.pool.max_connections = 64;
  config.pool.max_waiters = 10'000;
  client client(io.get_executor(), config);
  std::vector<std::atomic<int>> completed(10'000);
  std::atomic<std::size_t> left = completed.size();
  std::atomic<std::size_t> most_waiting = 0;
  for (std::size_t i = 0; i < completed.size(); ++i) {
    asio::co_spawn(
        io,
        [&, i]() -> awaitable<void> {
          const auto got = co_await fetch(client, integration_number(i % kind_count));
          if (got && got->settings.index() == i % kind_count) ++completed[i];
          if (left == completed.size()) most_waiting = client.statistics().waiting;
          if (--left == 0) client.async_close(0ms, asio::detached);
        },
        asio::detached);
  }
  run_on_threads(io, threads);
  for (const auto& count : completed) ASSERT_EQ(count, 1);
  EXPECT_GT(most_waiting, 9'000u);
  EXPECT_LE(server.statistics().most_open, 64u);
  EXPECT_EQ(client.statistics().leases, 10'000u);
  EXPECT_EQ(client.statistics().open(), 0u);
}

TEST(Client, CompletesTenThousandConcurrentFetchesOnOneThread) { fetch_ten_thousand_at_once(1); }
TEST(Client, CompletesTenThousandConcurrentFetchesOnFourThreads) { fetch_ten_thousand_at_once(4); }

TEST(Client, ServesFourContextsWithOneClientEach) {
  sandbox server;
  std::vector<upsun::test::joining_thread> threads;
  std::atomic<int> fetched = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      with_client(config_for(server), [&](client& client) -> awaitable<void> {
        for (std::size_t i = 0; i < 100; ++i)
          fetched += (co_await fetch(client, integration_number(i % 18))) ? 1 : 0;
      });
    });
  }
  threads.clear();
  EXPECT_EQ(fetched, 400);
}

TEST(Client, IsCancelledAndDestroyedFromOtherThreadsWhileCallsRun) {
  sandbox server;
  asio::io_context io(2);
  auto work = asio::make_work_guard(io);
  std::vector<upsun::test::joining_thread> threads;
  for (int t = 0; t < 2; ++t) threads.emplace_back([&io] { io.run(); });
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> completed = 0;
    {
      auto config = config_for(server);
      config.pool.max_connections = 8;
      client client(io.get_executor(), config);
      for (std::size_t i = 0; i < 50; ++i) {
        start_fetch(client, integration_number(i % 18),
                    [&completed](const result<integration>&) { ++completed; });
      }
      while (completed < round) std::this_thread::yield();
    }
    while (completed < 50) std::this_thread::yield();
  }
  work.reset();
}

}  // namespace client_test
}  // namespace upsun::testing
