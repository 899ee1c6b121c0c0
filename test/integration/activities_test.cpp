// The activities of an integration: listed by pages, fetched and cancelled.

#include <future>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/activities.hpp"

namespace upsun::testing {
namespace activities_test {

using asio::awaitable;

TEST_F(Activities, ComePageByPageEachOnce) {
  for (const int together : {1, 4, 30}) {
    put(70, together);
    const auto before = server.statistics().requests;
    with_client(config_for(server), [&](client& client) -> awaitable<void> {
      auto all = client.activities(ref);
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
    auto all = client.activities(ref, activity_filter().count(20));
    auto first = co_await all.async_next();
    EXPECT_EQ(first.value()->id, "a0");
    auto rest = co_await all.async_next_page();
    EXPECT_EQ(rest.value().items.size(), 19u) << "what is left of the page at hand";
    auto second = co_await all.async_next_page();
    EXPECT_EQ(second.value().items.size(), 10u);
    auto end = co_await all.async_next_page();
    EXPECT_TRUE(end.value().items.empty());
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
      auto all = client.activities(ref, std::move(filter));
      auto page = co_await all.async_next_page();
      co_return page.value().items.size();
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
  server.put_raw_activity(ref, "broken", noon - 1s,
                          R"({"id":"broken","type":"t","state":7,"completion_percent":1})");
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.activities(ref);
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
    auto all = client.activities(ref);
    auto first = co_await all.async_next_page();
    EXPECT_EQ(first.value().items.size(), 25u);
    server.inject({.kind = fault_kind::status, .status = 503});
    auto failed = co_await all.async_next();
    EXPECT_EQ(failed.error(), condition::server_error);
    auto second = co_await all.async_next_page();
    EXPECT_EQ(second.value().items.size(), 15u);
  });
}

TEST_F(Activities, AreReadByOneAtATime) {
  put(1);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto all = client.activities(ref);
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
    auto all = client.activities(ref, activity_filter().count(0));
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
    auto all = first->activities(ref);
    first.reset();
    auto refused = co_await all.async_next();
    EXPECT_FALSE(refused);
  });
}

TEST_F(Activities, AreFetchedAndCancelledOneByOne) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    const auto changed = co_await change(client);
    const activity_id id(changed.activities.at(0).id);
    server.advance(300ms);
    auto got = co_await client.async_get_activity(ref, id);
    EXPECT_EQ(got.value().completion_percent, 50);
    EXPECT_EQ(got->project, "project-0");
    EXPECT_EQ(got->payload.text(), R"({"integration":{"id":"integration-0"}})");
    EXPECT_EQ(*got, server.get_activity(ref, id.str()));
    auto cancelled = co_await client.async_cancel_activity(ref, id);
    EXPECT_EQ(cancelled.value().activities.at(0).state, activity_state::cancelled);
    auto again = co_await client.async_cancel_activity(ref, id, call_options().timeout(20s));
    EXPECT_EQ(again.error(), condition::bad_request);
    auto none =
        co_await client.async_get_activity(ref, activity_id("none"), call_options().timeout(20s));
    EXPECT_EQ(none.error(), condition::not_found);
    auto other = co_await client.async_get_activity(
        integration_ref(project(), integration_number(1)), activity_id(id));
    EXPECT_EQ(other.error(), condition::not_found);
  });
}

}  // namespace activities_test
}  // namespace upsun::testing
