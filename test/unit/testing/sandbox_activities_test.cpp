#include "testing/sandbox_activities.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/codec.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "testing/sandbox_clock.hpp"

namespace upsun::testing {
namespace sandbox_activities_test {

namespace json = boost::json;
using namespace std::chrono_literals;

const integration_ref of(project_id("p"), integration_id("i"));
const timestamp start = std::chrono::sys_days(2026y / 1 / 1);

int status_of(const reply_ptr& reply) { return std::stoi(reply->text.substr(9, 3)); }
std::string body_of(const reply_ptr& reply) { return reply->text.substr(reply->body_at); }

struct SandboxActivities : ::testing::Test {
  sandbox_activities all{{100ms, 400ms}, "/v1"};

  std::string add(timestamp when = start, std::string_view type = "integration.add") {
    return std::string(json::parse(all.add(of, type, when)).at("id").as_string());
  }
  activity read(const std::string& id, timestamp now) {
    return decode_activity(body_of(all.read(of, id, now))).value();
  }
  std::vector<std::string> list(const std::string& query, timestamp now = start) {
    const reply_ptr reply = all.list(of, query, now);
    EXPECT_EQ(status_of(reply), 200) << reply->text;
    std::vector<std::string> ids;
    const auto read = decode_activities(body_of(reply));
    for (const auto& each : read.value()) ids.push_back(each.value().id);
    return ids;
  }
};

TEST_F(SandboxActivities, ProgressWithTime) {
  const std::string id = add();
  EXPECT_EQ(read(id, start).state, activity_state::pending);
  EXPECT_EQ(read(id, start).completion_percent, 0);
  EXPECT_EQ(read(id, start + 99ms).state, activity_state::pending);
  const activity begun = read(id, start + 100ms);
  EXPECT_EQ(begun.state, activity_state::in_progress);
  EXPECT_EQ(begun.completion_percent, 1);
  EXPECT_EQ(begun.started_at, start + 100ms);
  EXPECT_FALSE(begun.result);
  EXPECT_EQ(read(id, start + 300ms).completion_percent, 50);
  EXPECT_EQ(read(id, start + 499ms).completion_percent, 99);
  const activity ended = read(id, start + 1h);
  EXPECT_EQ(ended.state, activity_state::complete);
  EXPECT_TRUE(ended.succeeded());
  EXPECT_EQ(ended.completed_at, start + 500ms);
  EXPECT_EQ(ended.integration, "i");
}

TEST_F(SandboxActivities, FailOnDemandInTheirOrder) {
  all.fail_next(1);
  const std::string first = add();
  const std::string second = add();
  EXPECT_EQ(read(first, start + 1s).result, activity_result::failure);
  EXPECT_EQ(read(second, start + 1s).result, activity_result::success);
}

TEST_F(SandboxActivities, AreListedFromTheNewest) {
  const auto a = add(start);
  const auto b = add(start);
  const auto c = add(start + 1s);
  EXPECT_EQ(list(""), (std::vector{c, b, a}));
  EXPECT_EQ(body_of(all.list(activity_scope(project_id("p"), integration_id("other")), "", start)),
            "[]");
}

TEST_F(SandboxActivities, AreFiltered) {
  const auto a = add(start, "integration.add");
  const auto b = add(start + 1s, "integration.update");
  const auto c = add(start + 2s, "integration.update");
  EXPECT_EQ(list("type=integration.update"), (std::vector{c, b}));
  EXPECT_EQ(list("type%5B0%5D=integration.update&type%5B1%5D=integration.add"),
            (std::vector{c, b, a}));
  EXPECT_EQ(list("state=complete", start + 2s), (std::vector{b, a}));
  EXPECT_EQ(list("state%5B0%5D=pending&state%5B1%5D=in_progress", start + 2s), (std::vector{c}));
  EXPECT_EQ(list("result=success", start + 2s), (std::vector{b, a}));
  EXPECT_EQ(list("result=failure", start + 2s), std::vector<std::string>{});
  EXPECT_EQ(list("starts_at=2026-01-01T00%3A00%3A01%2B00%3A00"), (std::vector{b, a}))
      << "inclusive";
  EXPECT_EQ(list("count=1&unknown=x"), (std::vector{c}));
}

TEST_F(SandboxActivities, AreListedByPagesOfTwentyFive) {
  for (int i = 0; i < 30; ++i) add(start + std::chrono::seconds(i));
  EXPECT_EQ(list("").size(), 25u);
  EXPECT_EQ(list("count=28").size(), 28u);
  EXPECT_EQ(list("starts_at=2026-01-01T00:00:05Z").size(), 6u);
}

TEST_F(SandboxActivities, RefuseAQueryThatIsNotValid) {
  for (const char* query :
       {"count=0", "count=x", "count=", "count=-1", "starts_at=yesterday", "type=%zz"}) {
    EXPECT_EQ(status_of(all.list(of, query, start)), 400) << query;
  }
}

TEST_F(SandboxActivities, AreCancelledUntilTheyHaveEnded) {
  const auto a = add();
  const auto b = add();
  const auto cancelled = all.cancel(of, a, start + 300ms);
  EXPECT_EQ(status_of(cancelled), 200);
  EXPECT_EQ(json::parse(body_of(cancelled)).at("_embedded").at("activities").at(0).at("state"),
            "cancelled");
  const activity seen = read(a, start + 1h);
  EXPECT_EQ(seen.state, activity_state::cancelled);
  EXPECT_EQ(seen.completion_percent, 50);
  EXPECT_EQ(seen.cancelled_at, start + 300ms);
  EXPECT_EQ(status_of(all.cancel(of, a, start + 300ms)), 400);
  EXPECT_EQ(status_of(all.cancel(of, b, start + 500ms)), 400) << "it is complete";
  EXPECT_EQ(status_of(all.cancel(of, "none", start)), 404);
}

TEST_F(SandboxActivities, OfferTheirCancellationWhileItIsPossible) {
  const auto id = add();
  const auto links = json::parse(body_of(all.read(of, id, start))).at("_links");
  EXPECT_EQ(links.at("#cancel").at("href").as_string(),
            "/v1/projects/p/integrations/i/activities/" + id + "/cancel");
  EXPECT_FALSE(json::parse(body_of(all.read(of, id, start + 1h)))
                   .at("_links")
                   .as_object()
                   .contains("#cancel"));
}

TEST_F(SandboxActivities, AreServedAsTheyWerePut) {
  all.put(of, {.id = "a1", .type = "t", .state = activity_state::staged, .created_at = start});
  all.put(of, {.id = "a2", .type = "t", .state = activity_state::scheduled});
  all.put_raw(of, "a3", start + 1s, R"({"id":"a3"})");
  EXPECT_EQ(read("a1", start + 1h).state, activity_state::staged);
  EXPECT_EQ(body_of(all.read(of, "a3", start)), R"({"id":"a3"})");
  const auto listed = json::parse(body_of(all.list(of, "", start)));
  EXPECT_EQ(listed.at(0).at("id"), "a3");
  EXPECT_EQ(listed.at(1).at("id"), "a1");
  EXPECT_EQ(listed.at(2).at("created_at"), json::value());
  all.put(of, {.id = "a1", .type = "t", .state = activity_state::pending});
  EXPECT_EQ(read("a1", start).state, activity_state::pending);
  all.forget(of);
  EXPECT_EQ(status_of(all.read(of, "a1", start)), 404);
}

TEST_F(SandboxActivities, BelongToAProjectAnEnvironmentOrAnIntegration) {
  const project_id project("p");
  const environment_ref environment(project, environment_id("feature/x"));
  const std::pair<activity_scope, std::string> owners[] = {
      {project, "/v1/projects/p"},
      {environment, "/v1/projects/p/environments/feature%2Fx"},
      {of, "/v1/projects/p/integrations/i"},
  };
  const upsun::activity made{.id = "a", .type = "t", .created_at = start};
  for (const auto& [owner, path] : owners) {
    EXPECT_EQ(body_of(all.list(owner, "", start)), "[]") << path;
    all.put(owner, made);
    const json::value body = json::parse(body_of(all.read(owner, "a", start)));
    EXPECT_EQ(body.at("project"), "p");
    EXPECT_EQ(body.at("_links").at("log").at("href").as_string(), path + "/activities/a/log");
    EXPECT_EQ(json::parse(body_of(all.list(owner, "type=t", start))).as_array().size(), 1u);
  }
  EXPECT_EQ(status_of(all.cancel(environment, "a", start)), 200);
  EXPECT_EQ(all.find(project, "a", start)->state, activity_state::pending);
  EXPECT_EQ(all.find(environment, "a", start)->state, activity_state::cancelled);
  EXPECT_EQ(all.find(of, "a", start)->state, activity_state::pending);
  all.forget(of);
  EXPECT_FALSE(all.find(of, "a", start));
  EXPECT_TRUE(all.find(project, "a", start));
}

TEST(SandboxClock, StandsStillUnlessItIsTheSystems) {
  sandbox_clock manual(true);
  const timestamp before = manual.now();
  EXPECT_EQ(manual.now(), before);
  manual.advance(3s);
  EXPECT_EQ(manual.now(), before + 3s);
  sandbox_clock running(false);
  running.advance(1h);
  EXPECT_GE(running.now(), std::chrono::system_clock::now() + 1h - 1min);
}

}  // namespace sandbox_activities_test
}  // namespace upsun::testing
