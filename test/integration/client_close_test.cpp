// Calls that are cancelled or closed under. conformance/suspension_test.cpp has every place where a
// call can wait, and every way to end it there.

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <optional>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace client_close_test {

using asio::awaitable;

/// A server that responds to no call.
struct CallsWithoutAResponse : ::testing::Test {
  sandbox server;
  CallsWithoutAResponse() { server.inject({.kind = fault_kind::silent}, 0); }

  [[nodiscard]] client_config with_connections(std::size_t most) const {
    auto config = config_for(server);
    config.pool.max_connections = most;
    return config;
  }
};

TEST(CancelledCall, LosesARaceAgainstATimer) {
  sandbox server;
  server.inject({.kind = fault_kind::silent});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(client.get_executor(), 20ms);
    auto call = fetch(client);
    const auto first = co_await (std::move(call) || timer.async_wait(asio::use_awaitable));
    EXPECT_EQ(first.index(), 1u);
    EXPECT_EQ(client.statistics().leased, 0u);
    server.clear_faults();  // the first call may not have come as far
    EXPECT_TRUE(co_await fetch(client)) << "the next call goes over another connection";
  });
}

TEST(CancelledCall, LeavesItsNeighboursAlone) {
  sandbox server;
  server.inject({.kind = fault_kind::silent});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    asio::cancellation_signal cancel;
    int cancelled = 0;
    int fetched = 0;
    start_fetch(client, cancel, [&](const result<integration>& got) {
      EXPECT_EQ(got.error(), condition::cancelled);
      EXPECT_EQ(got.error().phase(), phase::read_head);
      ++cancelled;
    });
    co_await until([&] { return server.statistics().requests == 1; });
    for (std::size_t i = 0; i < 10; ++i) {
      start_fetch(client, integration_number(i),
                  [&](const result<integration>& got) { fetched += got ? 1 : 0; });
    }
    cancel.emit(asio::cancellation_type::total);
    const auto report = co_await client.async_close(10min);
    EXPECT_TRUE(report);
    EXPECT_EQ(cancelled, 1);
    EXPECT_EQ(fetched, 10);
  });
}

TEST_F(CallsWithoutAResponse, EndByTheTimeoutOfAnAttempt) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto got = co_await fetch(client, call_options().attempt_timeout(20ms));
    EXPECT_EQ(got.error(), errc::attempt_timeout);
    EXPECT_EQ(client.statistics().open(), 0u)
        << "a connection with a response outstanding is never used again";
  });
}

TEST(ClosedClient, LetsCallsEndAndRefusesNewOnes) {
  sandbox server({.latency = 20ms});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    int done = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      start_fetch(client, integration_number(i),
                  [&](const result<integration>& got) { done += got ? 1 : 100; });
    }
    const auto report = co_await client.async_close(10min);
    EXPECT_EQ(done, 5);
    EXPECT_EQ(report.value(),
              (close_report{.drained = 5, .cancelled = 0, .connections_closed = 5}));
    const auto late = co_await fetch(client);
    EXPECT_EQ(late.error(), condition::closed);
    EXPECT_EQ(client.statistics().open(), 0u);
  });
}

TEST_F(CallsWithoutAResponse, EndAfterTheGraceOfAClose) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    int cancelled = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      start_fetch(client, integration_number(i), [&](const result<integration>& got) {
        cancelled += got.error() == condition::cancelled ? 1 : 100;
      });
    }
    const auto report = co_await client.async_close(30ms);
    EXPECT_EQ(report.value().cancelled, 3u);
    EXPECT_EQ(report->drained, 0u);
    EXPECT_EQ(cancelled, 3);
  });
}

TEST_F(CallsWithoutAResponse, EndByACloseWithoutAnyDialMore) {
  with_client(with_connections(4), [&](client& client) -> awaitable<void> {
    for (std::size_t i = 0; i < 50; ++i) start_fetch(client, asio::detached);
    co_await until([&] { return client.statistics().leased >= 4; });
    const auto report = co_await client.async_close(0ms);
    EXPECT_EQ(report.value().cancelled, 50u);
    EXPECT_EQ(report->connections_closed, 4u);
    EXPECT_EQ(client.statistics().dials, 4u);
  });
}

TEST_F(CallsWithoutAResponse, AreReportedByACloseWhenTheyWereBegunBeforeIt) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    start_fetch(client, asio::detached);
    std::optional<close_report> report;
    asio::cancellation_signal cut_short;
    client.async_close(std::chrono::milliseconds::max(),
                       asio::bind_cancellation_slot(
                           cut_short.slot(), [&](const result<close_report>& r) { report = *r; }));
    for (int i = 0; i < 5; ++i) EXPECT_EQ((co_await fetch(client)).error(), condition::closed);
    EXPECT_FALSE(report) << "the call is still under way";
    cut_short.emit(asio::cancellation_type::partial);
    co_await until([&] { return report.has_value(); });
    EXPECT_EQ(*report, (close_report{.drained = 0, .cancelled = 1, .connections_closed = 1}));
  });
}

TEST_F(CallsWithoutAResponse, EndByTheShorterGraceOfTwoCloses) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    start_fetch(client, asio::detached);
    int closed = 0;
    client.async_close(20ms, [&](const result<close_report>&) { ++closed; });
    const auto report = co_await client.async_close(10min);
    EXPECT_EQ(closed, 1);
    EXPECT_TRUE(report);
  });
}

}  // namespace client_close_test
}  // namespace upsun::testing
