// Waits for activities, against a sandbox whose clock is set by hand.

#include <atomic>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/activities.hpp"

namespace upsun::testing {
namespace activity_wait_test {

using asio::awaitable;

struct ActivityWait : Activities {
  /// One that goes on for ever.
  activity_id put_pending(const std::string& id) {
    server.put_activity(
        ref,
        {.id = id, .type = "t", .state = activity_state::in_progress, .completion_percent = 10});
    return activity_id(id);
  }
  static wait_options fast() {
    return wait_options().initial_delay(0ms).max_delay(0ms).timeout(30s);
  }
};

TEST_F(ActivityWait, ReportsProgress) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto changed = co_await change(client);
    std::vector<std::int64_t> seen;
    const auto progress = [&](const activity& now) {
      seen.push_back(now.completion_percent);
      server.advance(100ms);
    };
    auto options = fast().on_progress(progress);
    auto report = co_await client.async_wait_for_activities(ref, changed, options);
    EXPECT_EQ(report.value().outcome, wait_outcome::success);
    EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 1, 25, 50, 75, 100}));
    EXPECT_EQ(report->polls, seen.size());
    EXPECT_EQ(report->activities.at(0), server.get_activity(ref, changed.activities.at(0).id));
  });
}

TEST_F(ActivityWait, WaitsForSeveralAtOnce) {
  put(20);
  server.fail_activities(1);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto first = co_await change(client);
    const auto second = co_await change(client);
    std::vector<activity_id> ids;
    for (int i = 0; i < 20; ++i) ids.emplace_back("a" + std::to_string(i));
    ids.emplace_back(second.activities.at(0).id);
    ids.emplace_back(first.activities.at(0).id);
    auto options =
        fast().concurrency(4).on_progress([&](const activity&) { server.advance(10ms); });
    auto report = co_await client.async_wait_for_activities(ref, ids, options);
    EXPECT_EQ(report.value().outcome, wait_outcome::failure);
    EXPECT_EQ(report->activities.size(), ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(report->activities[i].id, ids[i].str());
    EXPECT_TRUE(report->activities[20].succeeded());
    EXPECT_EQ(report->activities[21].result, activity_result::failure);
  });
}

TEST_F(ActivityWait, EndsWithACancelledActivity) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto changed = co_await change(client);
    const activity_id id(changed.activities.at(0).id);
    auto cancelled = co_await client.async_cancel_activity(ref, id);
    EXPECT_TRUE(cancelled);
    auto report = co_await client.async_wait_for_activities(ref, id);
    EXPECT_EQ(report.value().outcome, wait_outcome::cancelled);
  });
}

TEST_F(ActivityWait, FetchesNothingThatHasEndedAlready) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const std::vector<activity> seen(1, {.id = "x",
                                         .state = activity_state::complete,
                                         .result = activity_result::success,
                                         .completion_percent = 100});
    auto report = co_await client.async_wait_for_activities(ref, seen);
    EXPECT_EQ(report.value().outcome, wait_outcome::success);
    EXPECT_EQ(report->polls, 0u);
    const accepted_change without;
    auto nothing = co_await client.async_wait_for_activities(ref, without);
    EXPECT_EQ(nothing.value().outcome, wait_outcome::success);
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST_F(ActivityWait, NamesWhatIsPendingAtItsDeadline) {
  const auto id = put_pending("stuck");
  for (const bool amid_a_fetch : {false, true}) {
    if (amid_a_fetch) server.inject({.kind = fault_kind::silent});
    with_client(config_for(server), [&](client& client) -> awaitable<void> {
      const auto options = wait_options().timeout(50ms).initial_delay(1h).max_delay(1h);
      auto late = co_await client.async_wait_for_activities(ref, id, options);
      EXPECT_EQ(late.error(), errc::deadline_exceeded);
      EXPECT_NE(late.error().message().find("still pending: stuck"), std::string::npos)
          << late.error();
    });
  }
}

TEST_F(ActivityWait, GoesOnAfterFailuresThatPass) {
  put(1);
  server.inject({.kind = fault_kind::status, .status = 503}, 2);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto report =
        co_await client.async_wait_for_activities(ref, activity_id("a0"), fast().max_failures(2));
    EXPECT_EQ(report.value().polls, 3u);
    auto none = co_await client.async_wait_for_activities(ref, activity_id("none"), fast());
    EXPECT_EQ(none.error(), condition::not_found);
    EXPECT_NE(none.error().message().find("activity none"), std::string::npos) << none.error();
  });
}

TEST_F(ActivityWait, IsNotHeldUpByAFetchWithoutAResponse) {
  put(3);
  server.inject({.kind = fault_kind::silent});
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    asio::cancellation_signal cancel;
    std::set<std::string> seen;
    const std::vector<activity_id> ids{activity_id("a0"), activity_id("a1"), activity_id("a2")};
    auto options = fast().on_progress([&](const activity& now) {
      seen.insert(now.id);
      if (seen.size() == 2) cancel.emit(asio::cancellation_type::terminal);
    });
    auto waiting = client.async_wait_for_activities(
        ref, ids, options, asio::bind_cancellation_slot(cancel.slot(), asio::use_awaitable));
    auto stopped = co_await std::move(waiting);
    EXPECT_EQ(stopped.error(), condition::cancelled);
    EXPECT_EQ(seen.size(), 2u);
  });
}

TEST_F(ActivityWait, RefusesOptionsThatCannotBe) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto refused =
        co_await client.async_wait_for_activities(ref, activity_id("x"), wait_options().jitter(2));
    EXPECT_EQ(refused.error(), condition::invalid_argument);
    refused = co_await client.async_wait_for_activities(ref, activity_id(".."));
    EXPECT_EQ(refused.error(), condition::invalid_argument);
    const std::vector<activity> forged(1, {.id = "a\nb"});
    refused = co_await client.async_wait_for_activities(ref, forged);
    EXPECT_EQ(refused.error(), condition::invalid_argument);
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

/// A wait for an activity that does not end.
struct ActivityWaitUnderWay : ActivityWait {
  using progress = std::function<void(const activity&)>;

  asio::io_context io{1};
  std::optional<client> from{std::in_place, io.get_executor(), config_for(server)};
  asio::cancellation_signal cancel;
  int completions = 0;
  std::optional<result<wait_report>> outcome;

  void wait(wait_options options) {
    from->async_wait_for_activities(
        ref, put_pending("stuck"), std::move(options),
        asio::bind_cancellation_slot(cancel.slot(), [this](result<wait_report> came) {
          ++completions;
          outcome.emplace(std::move(came));
        }));
  }
  /// Until it has polled once, and then for an hour.
  void wait_after_a_poll(progress polled) {
    wait(wait_options().initial_delay(1h).max_delay(1h).on_progress(std::move(polled)));
  }
  /// Runs the wait to its end, and the client to its own.
  void expect_cancelled() {
    while (completions == 0) io.run_one();
    from.reset();
    io.run();
    EXPECT_EQ(completions, 1);
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error(), condition::cancelled) << outcome->error();
  }
};

TEST_F(ActivityWaitUnderWay, EndsWhenCancelledBetweenPolls) {
  wait_after_a_poll([this](const activity&) {
    asio::post(io, [this] { cancel.emit(asio::cancellation_type::total); });
  });
  expect_cancelled();
}

TEST_F(ActivityWaitUnderWay, EndsWhenCancelledAmidItsFetches) {
  server.inject({.kind = fault_kind::silent}, 3);
  wait(wait_options());
  while (server.statistics().requests == 0) io.poll_one();
  cancel.emit(asio::cancellation_type::terminal);
  expect_cancelled();
}

TEST_F(ActivityWaitUnderWay, EndsWhenItsProgressCancelsIt) {
  wait(fast().on_progress(
      [this](const activity&) { cancel.emit(asio::cancellation_type::terminal); }));
  expect_cancelled();
}

TEST_F(ActivityWaitUnderWay, EndsWhenItsProgressThrows) {
  wait(fast().on_progress([](const activity&) { throw std::runtime_error("no"); }));
  expect_cancelled();
  EXPECT_NE(outcome->error().message().find("on_progress threw"), std::string::npos);
}

TEST_F(ActivityWaitUnderWay, EndsWhenTheClientIsClosed) {
  wait_after_a_poll([this](const activity&) { from->async_close(0ms, asio::detached); });
  expect_cancelled();
}

TEST_F(ActivityWaitUnderWay, EndsWhenTheClientIsDestroyed) {
  wait_after_a_poll([this](const activity&) { asio::post(io, [this] { from.reset(); }); });
  expect_cancelled();
}

TEST_F(ActivityWaitUnderWay, CompletesOnManyThreadsOnce) {
  put(40);
  std::vector<activity_id> ids;
  for (int i = 0; i < 40; ++i) ids.emplace_back("a" + std::to_string(i));
  std::atomic<int> seen = 0;
  from->async_wait_for_activities(
      ref, ids, fast().concurrency(16).on_progress([&](const activity&) { ++seen; }),
      [this](result<wait_report> came) {
        ++completions;
        outcome.emplace(std::move(came));
        from.reset();
      });
  run_on_threads(io, 4);
  EXPECT_EQ(completions, 1);
  EXPECT_EQ(seen, 40);
  EXPECT_EQ(outcome->value().activities.size(), 40u);
}

}  // namespace activity_wait_test
}  // namespace upsun::testing
