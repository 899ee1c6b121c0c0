// The activities of an integration: listed by pages, fetched, cancelled, and waited for, against a
// sandbox whose clock is set by hand.

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace activities_test {

using asio::awaitable;

const timestamp noon = std::chrono::sys_days(2026y / 1 / 1) + 12h;

struct Activities : ::testing::Test {
  sandbox server{{.integrations = 2, .manual_clock = true}};
  const integration_ref ref{project(), integration_number(0)};

  /// So many that have ended, `together` of each moment.
  void put(int count, int together = 1) {
    for (int i = 0; i < count; ++i) {
      server.put_activity("project-0", "integration-0",
                          {.id = "a" + std::to_string(i),
                           .type = "t",
                           .state = activity_state::complete,
                           .completion_percent = 100,
                           .created_at = noon - std::chrono::seconds(i / together)});
    }
  }
  /// One that goes on for ever.
  activity_id put_pending(const std::string& id) {
    server.put_activity(
        "project-0", "integration-0",
        {.id = id, .type = "t", .state = activity_state::in_progress, .completion_percent = 10});
    return activity_id(id);
  }
  /// Sets one off that progresses with the sandbox's clock.
  awaitable<accepted_change> change(client& from) {
    auto changed =
        co_await from.async_update_integration(ref, bitbucket_patch().fetch_branches(true));
    co_return changed.value();
  }
  static wait_options fast() {
    return wait_options().initial_delay(0ms).max_delay(0ms).timeout(30s);
  }
};

// ---- listing

TEST_F(Activities, ComePageByPageEachOnce) {
  for (const int together : {1, 4, 30}) {
    put(70, together);
    const auto before = server.statistics().requests;
    with_client(config_for(server), [&](client& client) -> awaitable<void> {
      auto all = client.integration_activities(ref);
      std::vector<std::string> ids;
      for (;;) {
        auto next = co_await all.async_next();
        if (!next.value()) break;
        ids.push_back((*next)->id);
      }
      EXPECT_EQ(ids.size(), 70u) << together;
      EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 70u) << together;
      auto end = co_await all.async_next();
      EXPECT_FALSE(end.value()) << "the end stays";
    });
    EXPECT_LE(server.statistics().requests - before, 8u) << together;
  }
}

TEST_F(Activities, ComeAsWholePages) {
  put(30);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.integration_activities(ref, activity_filter().count(20));
    auto first = co_await all.async_next();
    EXPECT_EQ(first.value()->id, "a0");
    auto rest = co_await all.async_next_page();
    EXPECT_EQ(rest.value().size(), 19u) << "what is left of the page at hand";
    auto second = co_await all.async_next_page();
    EXPECT_EQ(second.value().size(), 10u);
    auto end = co_await all.async_next_page();
    EXPECT_TRUE(end.value().empty());
  });
}

TEST_F(Activities, AreFilteredByTheServer) {
  server.fail_activities(1);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    co_await change(client);
    server.advance(1s);
    co_await change(client);
    server.advance(1s);
    co_await change(client);
    const auto count = [&](activity_filter filter) -> awaitable<std::size_t> {
      auto all = client.integration_activities(ref, std::move(filter));
      auto page = co_await all.async_next_page();
      co_return page.value().size();
    };
    auto filter = activity_filter().result(activity_result::failure);
    EXPECT_EQ(co_await count(filter), 1u);
    filter = activity_filter().state(activity_state::pending).state(activity_state::complete);
    EXPECT_EQ(co_await count(filter), 3u);
    filter = activity_filter().state(activity_state::pending).type("integration.update");
    EXPECT_EQ(co_await count(filter), 1u);
    filter = activity_filter().type("integration.add");
    EXPECT_EQ(co_await count(filter), 0u);
  });
}

TEST_F(Activities, GiveABrokenOneAsAnErrorAndGoOnBehindIt) {
  put(3);
  server.put_raw_activity("project-0", "integration-0", "broken", noon - 1s,
                          R"({"id":"broken","type":"t","state":7,"completion_percent":1})");
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.integration_activities(ref);
    std::size_t good = 0;
    std::vector<std::string> pointers;
    for (;;) {
      auto next = co_await all.async_next();
      if (!next) {
        EXPECT_EQ(next.error(), condition::decode);
        pointers.push_back(next.error().decode()->pointer);
      } else if (*next) {
        ++good;
      } else {
        break;
      }
    }
    EXPECT_EQ(good, 3u);
    EXPECT_EQ(pointers, std::vector<std::string>{"/1/state"});
  });
}

TEST_F(Activities, AreFetchedAgainWhereAPageFailed) {
  put(40);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.integration_activities(ref);
    auto first = co_await all.async_next_page();
    EXPECT_EQ(first.value().size(), 25u);
    server.inject({.kind = fault_kind::status, .status = 503});
    auto failed = co_await all.async_next();
    EXPECT_EQ(failed.error(), condition::server_error);
    auto second = co_await all.async_next_page();
    EXPECT_EQ(second.value().size(), 15u);
  });
}

TEST_F(Activities, AreReadByOneAtATime) {
  put(1);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.integration_activities(ref);
    auto first = all.async_next(asio::use_future);
    auto refused = co_await all.async_next();
    EXPECT_EQ(refused.error(), errc::invalid_argument);
    asio::steady_timer tick(co_await asio::this_coro::executor);
    while (first.wait_for(0s) != std::future_status::ready) {
      tick.expires_after(1ms);
      co_await tick.async_wait(asio::use_awaitable);
    }
    EXPECT_EQ(first.get().value()->id, "a0");
  });
}

TEST_F(Activities, AreRefusedForAFilterThatCannotBeAskedFor) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.integration_activities(ref, activity_filter().count(0));
    auto refused = co_await all.async_next();
    EXPECT_EQ(refused.error(), condition::invalid_argument);
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST_F(Activities, MayBeReadAfterTheClientIsGoneButGiveAnError) {
  put(1);
  run([&]() -> awaitable<void> {
    std::optional<client> first(std::in_place, co_await asio::this_coro::executor,
                                config_for(server));
    auto all = first->integration_activities(ref);
    first.reset();
    auto refused = co_await all.async_next();
    EXPECT_FALSE(refused);
  });
}

// ---- one

TEST_F(Activities, AreFetchedAndCancelledOneByOne) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto changed = co_await change(client);
    const activity_id id(changed.activities.at(0).id);
    server.advance(300ms);
    auto got = co_await client.async_get_integration_activity(ref, id);
    EXPECT_EQ(got.value().completion_percent, 50);
    EXPECT_EQ(*got, server.get_activity("project-0", "integration-0", id.str()));
    auto cancelled = co_await client.async_cancel_integration_activity(ref, id);
    EXPECT_EQ(cancelled.value().activities.at(0).state, activity_state::cancelled);
    auto again =
        co_await client.async_cancel_integration_activity(ref, id, call_options().timeout(20s));
    EXPECT_EQ(again.error(), condition::bad_request);
    auto none = co_await client.async_get_integration_activity(ref, activity_id("none"),
                                                               call_options().timeout(20s));
    EXPECT_EQ(none.error(), condition::not_found);
    auto other = co_await client.async_get_integration_activity(
        integration_ref(project(), integration_number(1)), activity_id(id));
    EXPECT_EQ(other.error(), condition::not_found);
  });
}

// ---- waiting

TEST_F(Activities, AreWaitedForWithProgress) {
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
    EXPECT_EQ(report->activities.at(0),
              server.get_activity("project-0", "integration-0", changed.activities.at(0).id));
  });
}

TEST_F(Activities, AreWaitedForSeveralAtOnce) {
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

TEST_F(Activities, ThatAreCancelledEndTheWait) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto changed = co_await change(client);
    const activity_id id(changed.activities.at(0).id);
    auto cancelled = co_await client.async_cancel_integration_activity(ref, id);
    EXPECT_TRUE(cancelled);
    auto report = co_await client.async_wait_for_activities(ref, id);
    EXPECT_EQ(report.value().outcome, wait_outcome::cancelled);
  });
}

TEST_F(Activities, ThatHaveEndedAlreadyAreNotFetched) {
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

TEST_F(Activities, StillPendingAtTheDeadlineAreNamed) {
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

TEST_F(Activities, AreWaitedForThroughFailuresThatPass) {
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

TEST_F(Activities, AreNotHeldUpByOneWithoutAResponse) {
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

TEST_F(Activities, AreNotAskedForWithOptionsThatCannotBe) {
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
struct WaitForActivities : Activities {
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

TEST_F(WaitForActivities, EndsWhenCancelledBetweenPolls) {
  wait_after_a_poll([this](const activity&) {
    asio::post(io, [this] { cancel.emit(asio::cancellation_type::total); });
  });
  expect_cancelled();
}

TEST_F(WaitForActivities, EndsWhenCancelledAmidItsFetches) {
  server.inject({.kind = fault_kind::silent}, 3);
  wait(wait_options());
  while (server.statistics().requests == 0) io.poll_one();
  cancel.emit(asio::cancellation_type::terminal);
  expect_cancelled();
}

TEST_F(WaitForActivities, EndsWhenItsProgressCancelsIt) {
  wait(fast().on_progress(
      [this](const activity&) { cancel.emit(asio::cancellation_type::terminal); }));
  expect_cancelled();
}

TEST_F(WaitForActivities, EndsWhenItsProgressThrows) {
  wait(fast().on_progress([](const activity&) { throw std::runtime_error("no"); }));
  expect_cancelled();
  EXPECT_NE(outcome->error().message().find("on_progress threw"), std::string::npos);
}

TEST_F(WaitForActivities, EndsWhenTheClientIsClosed) {
  wait_after_a_poll([this](const activity&) { from->async_close(0ms, asio::detached); });
  expect_cancelled();
}

TEST_F(WaitForActivities, EndsWhenTheClientIsDestroyed) {
  wait_after_a_poll([this](const activity&) { asio::post(io, [this] { from.reset(); }); });
  expect_cancelled();
}

TEST_F(WaitForActivities, CompletesOnManyThreadsOnce) {
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

}  // namespace activities_test
}  // namespace upsun::testing
