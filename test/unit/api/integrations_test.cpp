#include "api/integrations.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::api {
namespace integrations_test {

const project_id project("a/b");
const integration_ref ref(project_id("p"), integration_id("c d%"));

void expect_refused(const result<operation>& refused, const std::string& method,
                    const std::string& cause) {
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), errc::invalid_argument);
  EXPECT_EQ(refused.error().phase(), phase::admission);
  EXPECT_EQ(refused.error().details().method, method);
  EXPECT_FALSE(refused.error().details().path_template.empty());
  EXPECT_NE(refused.error().details().cause.find(cause), std::string::npos) << refused.error();
}

TEST(GetIntegration, EncodesItsIdsAsPathSegments) {
  const auto get = get_integration({project_id(project), integration_id("c d%")});
  ASSERT_TRUE(get);
  EXPECT_EQ(target_of(*get, ""), "/projects/a%2Fb/integrations/c%20d%25");
  EXPECT_EQ(get->path_template, "/projects/{projectId}/integrations/{integrationId}");
  EXPECT_EQ(get->method, "GET");
  EXPECT_TRUE(get->idempotent);
  EXPECT_TRUE(get->body.empty());
  EXPECT_FALSE(get->may_answer_nothing);
}

TEST(GetIntegration, SaysWhichIdIsRefused) {
  expect_refused(get_integration({project_id(".."), integration_id("x")}), "GET",
                 "the project id is a dot segment");
  expect_refused(get_integration({project_id("x"), integration_id("")}), "GET",
                 "the integration id is empty");
}

TEST(ListIntegrations, AsksForTheCollection) {
  const auto list = list_integrations(project);
  ASSERT_TRUE(list);
  EXPECT_EQ(list->method, "GET");
  EXPECT_EQ(target_of(*list, ""), "/projects/a%2Fb/integrations");
  EXPECT_EQ(list->path_template, "/projects/{projectId}/integrations");
  EXPECT_TRUE(list->idempotent);
  EXPECT_FALSE(list->may_answer_nothing);
  expect_refused(list_integrations(project_id("")), "GET", "the project id is empty");
}

TEST(CreateIntegration, PostsTheInputToTheCollection) {
  const auto create = create_integration(project, webhook_input("https://acme.example"));
  ASSERT_TRUE(create);
  EXPECT_EQ(create->method, "POST");
  EXPECT_EQ(target_of(*create, ""), "/projects/a%2Fb/integrations");
  EXPECT_EQ(create->body, R"({"type":"webhook","url":"https://acme.example"})");
  EXPECT_FALSE(create->idempotent);
  EXPECT_TRUE(create->may_answer_nothing);
  expect_refused(create_integration(project_id("."), webhook_input("u")), "POST", "the project id");
  expect_refused(create_integration(project, syslog_input().port(-1)), "POST", "port is -1");
}

TEST(UpdateIntegration, PatchesTheItem) {
  const auto update = update_integration(ref, webhook_patch().shared_key(nullptr));
  ASSERT_TRUE(update);
  EXPECT_EQ(update->method, "PATCH");
  EXPECT_EQ(target_of(*update, ""), "/projects/p/integrations/c%20d%25");
  EXPECT_EQ(update->body, R"({"shared_key":null})");
  EXPECT_FALSE(update->idempotent);
  EXPECT_TRUE(update->may_answer_nothing);
  expect_refused(
      update_integration(integration_ref(project, integration_id("\n")), webhook_patch()), "PATCH",
      "the integration id holds a control character");
  expect_refused(update_integration(ref, syslog_patch().facility(24)), "PATCH", "facility is 24");
}

TEST(DeleteIntegration, NamesTheItemAndMayBeRepeated) {
  const auto remove = delete_integration(ref);
  ASSERT_TRUE(remove);
  EXPECT_EQ(remove->method, "DELETE");
  EXPECT_EQ(target_of(*remove, ""), "/projects/p/integrations/c%20d%25");
  EXPECT_TRUE(remove->body.empty());
  EXPECT_TRUE(remove->idempotent);
  EXPECT_TRUE(remove->may_answer_nothing);
  expect_refused(delete_integration(integration_ref(project, integration_id(".."))), "DELETE",
                 "the integration id");
}

TEST(ListActivities, AsksWithTheFilterAsAQuery) {
  const auto all = list_activities(ref, {});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->method, "GET");
  EXPECT_EQ(all->path_template, "/projects/{projectId}/integrations/{integrationId}/activities");
  EXPECT_EQ(target_of(*all, "/v1"), "/v1/projects/p/integrations/c%20d%25/activities");
  const auto some = list_activities(ref, activity_filter().state(activity_state::pending).count(3));
  EXPECT_EQ(target_of(*some, ""),
            "/projects/p/integrations/c%20d%25/activities?state=pending&count=3");
  expect_refused(list_activities(ref, activity_filter().count(0)), "GET",
                 "the filter's count is 0");
  expect_refused(list_activities(integration_ref(project, integration_id("")), {}), "GET",
                 "the integration id is empty");
}

TEST(GetActivity, NamesTheActivityWithinItsIntegration) {
  const auto get = get_activity(ref, activity_id("a/1"));
  ASSERT_TRUE(get);
  EXPECT_EQ(get->method, "GET");
  EXPECT_EQ(target_of(*get, ""), "/projects/p/integrations/c%20d%25/activities/a%2F1");
  EXPECT_TRUE(get->idempotent);
  expect_refused(get_activity(ref, activity_id("..")), "GET", "the activity id is a dot segment");
}

TEST(CancelActivity, PostsNothingAndIsNotRepeated) {
  const auto cancel = cancel_activity(ref, activity_id("a1"));
  ASSERT_TRUE(cancel);
  EXPECT_EQ(cancel->method, "POST");
  EXPECT_EQ(target_of(*cancel, ""), "/projects/p/integrations/c%20d%25/activities/a1/cancel");
  EXPECT_TRUE(cancel->body.empty());
  EXPECT_FALSE(cancel->idempotent);
  EXPECT_TRUE(cancel->may_answer_nothing);
  expect_refused(cancel_activity(ref, activity_id("")), "POST", "the activity id is empty");
}

}  // namespace integrations_test
}  // namespace upsun::api
