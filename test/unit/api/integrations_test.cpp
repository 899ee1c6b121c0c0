#include "api/integrations.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "api/activities.hpp"

namespace upsun::api {
namespace integrations_test {

const project_id project("a/b");
const integration_ref ref(project_id("p"), integration_id("c d%"));
const environment_ref environment(project, environment_id("feature/x"));
const integration_ref no_project(project_id(".."), integration_id("x"));
const integration_ref no_id(project_id("p"), integration_id(""));

TEST(Operations, SendWhatTheApiDocuments) {
  struct expectation {
    result<operation> made;
    std::string_view method;
    std::string_view path_template;
    std::string_view target;
    bool idempotent = true;
    response_body expects = response_body::required;
    std::string_view body{};
  };
  constexpr std::string_view collection = "/projects/{projectId}/integrations";
  constexpr std::string_view item = "/projects/{projectId}/integrations/{integrationId}";
  constexpr std::string_view activities =
      "/projects/{projectId}/integrations/{integrationId}/activities";
  constexpr std::string_view one_activity =
      "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}";
  constexpr std::string_view cancellation =
      "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}/cancel";
  const std::vector<expectation> table{
      {get_integration(ref), "GET", item, "/v1/projects/p/integrations/c%20d%25"},
      {list_integrations(project), "GET", collection, "/v1/projects/a%2Fb/integrations"},
      {create_integration(project, webhook_input("https://acme.example")), "POST", collection,
       "/v1/projects/a%2Fb/integrations", false, response_body::optional,
       R"({"type":"webhook","url":"https://acme.example"})"},
      {update_integration(ref, webhook_patch().shared_key(nullptr)), "PATCH", item,
       "/v1/projects/p/integrations/c%20d%25", false, response_body::optional,
       R"({"shared_key":null})"},
      {delete_integration(ref), "DELETE", item, "/v1/projects/p/integrations/c%20d%25", true,
       response_body::optional},
      {list_activities(ref, {}), "GET", activities,
       "/v1/projects/p/integrations/c%20d%25/activities"},
      {list_activities(ref, activity_filter().state(activity_state::pending).count(3)), "GET",
       activities, "/v1/projects/p/integrations/c%20d%25/activities?state=pending&count=3"},
      {get_activity(ref, activity_id("a/1")), "GET", one_activity,
       "/v1/projects/p/integrations/c%20d%25/activities/a%2F1"},
      {cancel_activity(ref, activity_id("a1")), "POST", cancellation,
       "/v1/projects/p/integrations/c%20d%25/activities/a1/cancel", false, response_body::optional},
      {list_activities(project, {}), "GET", "/projects/{projectId}/activities",
       "/v1/projects/a%2Fb/activities"},
      {get_activity(environment, activity_id("a1")), "GET",
       "/projects/{projectId}/environments/{environmentId}/activities/{activityId}",
       "/v1/projects/a%2Fb/environments/feature%2Fx/activities/a1"},
      {cancel_activity(project, activity_id("a1")), "POST",
       "/projects/{projectId}/activities/{activityId}/cancel",
       "/v1/projects/a%2Fb/activities/a1/cancel", false, response_body::optional}};
  for (const expectation& each : table) {
    SCOPED_TRACE(each.target);
    ASSERT_TRUE(each.made);
    EXPECT_EQ(each.made->method, each.method);
    EXPECT_EQ(each.made->path_template, each.path_template);
    EXPECT_EQ(target_of(*each.made, "/v1"), each.target);
    EXPECT_EQ(each.made->idempotent, each.idempotent);
    EXPECT_EQ(each.made->expects, each.expects);
    EXPECT_EQ(each.made->body, each.body);
  }
}

TEST(Operations, SayWhichIdOrInputIsRefused) {
  struct expectation {
    result<operation> made;
    std::string_view method;
    std::string_view cause;
  };
  const integration_ref control(project, integration_id("\n"));
  const std::vector<expectation> table{
      {get_integration(no_project), "GET", "the project id is a dot segment"},
      {get_integration(no_id), "GET", "the integration id is empty"},
      {list_integrations(project_id("")), "GET", "the project id is empty"},
      {create_integration(project_id("."), webhook_input("u")), "POST", "the project id"},
      {create_integration(project, syslog_input().port(-1)), "POST", "port is -1"},
      {update_integration(control, webhook_patch()), "PATCH",
       "the integration id holds a control character"},
      {update_integration(ref, syslog_patch().facility(24)), "PATCH", "facility is 24"},
      {delete_integration({project_id("p"), integration_id("..")}), "DELETE",
       "the integration id is a dot segment"},
      {list_activities(no_id, {}), "GET", "the integration id is empty"},
      {list_activities(ref, activity_filter().count(0)), "GET", "the filter's count is 0"},
      {get_activity(ref, activity_id("..")), "GET", "the activity id is a dot segment"},
      {cancel_activity(ref, activity_id("")), "POST", "the activity id is empty"},
      {list_activities(environment_ref(project, environment_id("")), {}), "GET",
       "the environment id is empty"}};
  for (const expectation& each : table) {
    SCOPED_TRACE(each.cause);
    ASSERT_FALSE(each.made);
    EXPECT_EQ(each.made.error(), errc::invalid_argument);
    EXPECT_EQ(each.made.error().phase(), phase::admission);
    EXPECT_EQ(each.made.error().details().method, each.method);
    EXPECT_FALSE(each.made.error().details().path_template.empty());
    EXPECT_NE(each.made.error().details().cause.find(each.cause), std::string::npos);
  }
}

}  // namespace integrations_test
}  // namespace upsun::api
