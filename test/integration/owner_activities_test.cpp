// The activities of projects, environments and integrations, by the same operations: over TLS, from
// a sandbox whose clock is set by hand.

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace owner_activities_test {

using asio::awaitable;
using texts = std::vector<std::string>;

struct owner {
  std::string name;
  activity_scope scope;
  std::string path_template;

  friend std::ostream& operator<<(std::ostream& out, const owner& each) { return out << each.name; }
};
const owner owners[] = {
    {"Project", project(), "/projects/{projectId}"},
    {"Environment", environment_ref(project(), environment_id("feature/x")),
     "/projects/{projectId}/environments/{environmentId}"},
    {"Integration", integration_ref(project(), integration_number(0)),
     "/projects/{projectId}/integrations/{integrationId}"},
};

struct OwnerActivities : ::testing::TestWithParam<owner> {
  static constexpr timestamp noon = std::chrono::sys_days(2026y / 1 / 1) + 12h;
  sandbox server{{.projects = 2, .integrations = 2, .manual_clock = true}};
  const activity_scope of = GetParam().scope;
  const std::string list = GetParam().path_template + "/activities";

  void put(const std::string& id, activity_state state, std::chrono::seconds age = 0s) {
    const bool over = state == activity_state::complete;
    server.put_activity(of, {.id = id,
                             .type = "environment.push",
                             .state = state,
                             .completion_percent = over ? 100 : 10,
                             .created_at = noon - age,
                             .timings = {{"wait", 0.25}},
                             .commands = {{.app = "app", .type = "deploy", .exit_code = 3}}});
  }
  template <class Body>
  void with_client(Body body) {
    testing::with_client(config_for(server), std::move(body));
  }
  static awaitable<texts> ids(client& from, activity_scope whose, activity_filter filter = {},
                              bool ahead = false) {
    auto all = from.activities(whose, std::move(filter), sequence_options().ahead(ahead));
    texts seen;
    for (;;) {
      auto next = co_await all.async_next();
      if (!next) ADD_FAILURE() << next.error();
      if (!next || !*next) co_return seen;
      seen.push_back((*next)->id);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Of, OwnerActivities, ::testing::ValuesIn(owners),
                         [](const auto& each) { return each.param.name; });

TEST_P(OwnerActivities, AreListedPageByPageEachOnce) {
  texts expected;
  for (int i = 0; i < 60; ++i) {
    expected.push_back("a" + std::to_string(i));
    put(expected.back(), activity_state::complete, std::chrono::seconds(i));
  }
  with_client([&](client& client) -> awaitable<void> {
    for (const bool ahead : {false, true}) {
      const texts all = co_await ids(client, of, activity_filter(), ahead);
      EXPECT_EQ(all, expected);
      const texts by_few = co_await ids(client, of, activity_filter().count(7), ahead);
      EXPECT_EQ(by_few, expected);
    }
    for (const owner& other : owners) {
      const texts others = co_await ids(client, other.scope);
      EXPECT_EQ(others.empty(), other.name != GetParam().name) << other.name;
    }
  });
}

TEST_P(OwnerActivities, AreFilteredByTheServer) {
  put("a1", activity_state::complete);
  put("a2", activity_state::pending, 1s);
  with_client([&](client& client) -> awaitable<void> {
    auto filter = activity_filter().state(activity_state::pending);
    texts found = co_await ids(client, of, filter);
    EXPECT_EQ(found, texts{"a2"});
    filter = activity_filter().type("environment.push").starts_at(noon - 1s);
    found = co_await ids(client, of, filter);
    EXPECT_EQ(found, texts{"a2"});
    filter = activity_filter().type("other");
    found = co_await ids(client, of, filter);
    EXPECT_EQ(found, texts());
  });
}

TEST_P(OwnerActivities, AreFetchedAndCancelledOneByOne) {
  put("a1", activity_state::in_progress);
  with_client([&](client& client) -> awaitable<void> {
    auto got = co_await client.async_get_activity(of, activity_id("a1"));
    EXPECT_EQ(got.value().state, activity_state::in_progress);
    EXPECT_EQ(got->project, project().str());
    EXPECT_EQ(*got, server.get_activity(of, "a1"));
    auto cancelled = co_await client.async_cancel_activity(of, activity_id("a1"));
    EXPECT_TRUE(cancelled.value().unread.empty());
    EXPECT_EQ(server.get_activity(of, "a1").state, activity_state::cancelled);
    auto again = co_await client.async_cancel_activity(of, activity_id("a1"));
    EXPECT_EQ(again.error(), errc::bad_request);
    EXPECT_EQ(again.error().details().path_template, list + "/{activityId}/cancel");
    auto none = co_await client.async_get_activity(of, activity_id("none"));
    EXPECT_EQ(none.error(), errc::not_found);
    EXPECT_EQ(none.error().details().path_template, list + "/{activityId}");
    auto refused = co_await client.async_get_activity(of, activity_id(".."));
    EXPECT_EQ(refused.error(), errc::invalid_argument);
  });
}

TEST_P(OwnerActivities, AreWaitedFor) {
  put("a1", activity_state::in_progress);
  put("a2", activity_state::complete);
  with_client([&](client& client) -> awaitable<void> {
    std::vector<activity_id> both;
    both.emplace_back("a1");
    both.emplace_back("a2");
    const auto progress = [&](const activity& now) {
      if (now.id != "a1" || now.done()) return;
      server.put_activity(of, {.id = "a1",
                               .type = "t",
                               .state = activity_state::complete,
                               .result = activity_result::failure,
                               .completion_percent = 100,
                               .failure_reason = failure_reason::shell});
    };
    auto options =
        wait_options().initial_delay(0ms).max_delay(0ms).timeout(10min).on_progress(progress);
    auto report = co_await client.async_wait_for_activities(of, both, options);
    EXPECT_EQ(report.value().outcome, wait_outcome::failure);
    EXPECT_EQ(report->activities.at(0).failure_reason, failure_reason::shell);
    EXPECT_EQ(report->activities.at(1).id, "a2");
  });
}

TEST_P(OwnerActivities, HaveALog) {
  put("a1", activity_state::in_progress);
  server.put_log(of, "a1", {"one", "two"});
  server.cut_log(of, "a1", 1);
  client_config config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 1ms, .max_delay = 2ms};
  testing::with_client(config, [&](client& client) -> awaitable<void> {
    auto opened = co_await client.async_open_activity_log(of, activity_id("a1"));
    activity_log log = std::move(opened).value();
    for (const char* message : {"one", "two"}) {
      auto line = co_await log.async_next();
      EXPECT_EQ(line.value()->message, message);
    }
    server.append_log(of, "a1", "three");
    auto line = co_await log.async_next();
    EXPECT_EQ(line.value()->message, "three");
    server.seal_log(of, "a1");
    auto end = co_await log.async_next();
    EXPECT_EQ(end.value(), std::nullopt);
  });
}

TEST_P(OwnerActivities, AreNotThereWithoutTheirOwner) {
  const project_id none("none");
  activity_scope missing = none;
  if (of.kind() == activity_scope::owner::environment)
    missing = activity_scope(project(), environment_id("none"));
  if (of.kind() == activity_scope::owner::integration)
    missing = activity_scope(project(), integration_id("none"));
  with_client([&](client& client) -> awaitable<void> {
    auto all = client.activities(missing);
    auto first = co_await all.async_next();
    EXPECT_EQ(first.error(), errc::not_found);
    EXPECT_EQ(first.error().details().path_template, list);
    server.forbid(project().str());
    auto forbidden = client.activities(of);
    first = co_await forbidden.async_next();
    EXPECT_EQ(first.error(), errc::forbidden);
  });
}

TEST_P(OwnerActivities, AreRefusedForAnIdThatIsNone) {
  activity_scope refused = project_id("");
  if (of.kind() == activity_scope::owner::environment)
    refused = activity_scope(project(), environment_id(".."));
  if (of.kind() == activity_scope::owner::integration)
    refused = activity_scope(project(), integration_id("\n"));
  with_client([&](client& client) -> awaitable<void> {
    auto all = client.activities(refused);
    auto first = co_await all.async_next();
    EXPECT_EQ(first.error(), errc::invalid_argument);
    auto opened = co_await client.async_open_activity_log(refused, activity_id("a"));
    EXPECT_EQ(opened.error(), errc::invalid_argument);
    auto waited = co_await client.async_wait_for_activities(refused, activity_id("a"));
    EXPECT_EQ(waited.error(), errc::invalid_argument);
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

}  // namespace owner_activities_test
}  // namespace upsun::testing
