// The resources around integrations: the user, organizations, projects, environments, and what is
// shared. Over HTTP, by requests written by hand.

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/testing/sandbox.hpp>

#include <set>
#include <string>
#include <vector>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_account_test {

namespace http = boost::beast::http;
namespace json = boost::json;

std::string string_at(const json::value& of, std::string_view member) {
  return std::string(of.at(member).as_string());
}

/// Two organizations of the user's with ten projects each.
struct SandboxAccount : ::testing::Test {
  sandbox server{{.fleet = {.organizations = 2,
                            .projects = 30,
                            .shared_projects = 30,
                            .missing_every = 31,
                            .forbidden_organizations_every = 2}}};
  blocking_client client{peer_of(server)};

  json::value read(const std::string& target, unsigned status = 200) {
    const auto response = client.get(target, server.token());
    EXPECT_EQ(response.result_int(), status) << target << ' ' << response.body();
    const bool problem = status >= 400 && !target.starts_with("/projects");
    EXPECT_EQ(response[http::field::content_type],
              problem ? "application/problem+json" : "application/json");
    json::value body = json::parse(response.body());
    if (problem) {
      EXPECT_EQ(body.at("status"), status);
      EXPECT_FALSE(body.at("detail").as_string().empty());
    }
    return body;
  }
  std::string user() { return string_at(read("/users/me"), "id"); }
  std::string organization(std::size_t number) {
    return "/organizations/" + string_at(read("/organizations").at("items").at(number), "id");
  }
  /// A project of the first organization.
  std::string project() {
    return string_at(read(organization(0) + "/projects").at("items").at(1), "id");
  }
  std::set<std::string> members(const json::value& of) {
    std::set<std::string> names;
    for (const auto& each : of.as_object()) names.insert(std::string(each.key()));
    return names;
  }
  void expect_members(const json::value& of, const std::set<std::string>& required) {
    const auto present = members(of);
    for (const std::string& name : required) EXPECT_TRUE(present.contains(name)) << name;
    EXPECT_GT(present.size(), required.size()) << "the API has more than its document";
  }
};

TEST_F(SandboxAccount, HasAUser) {
  const json::value me = read("/users/me");
  expect_members(
      me, {"id", "deactivated", "namespace", "username", "email", "email_verified", "first_name",
           "last_name", "picture", "company", "website", "country", "created_at", "updated_at"});
  EXPECT_EQ(string_at(me, "id").size(), 36u);
  EXPECT_EQ(client.get("/users/me", "wrong").result_int(), 401u);
  EXPECT_EQ(client.get("/users/me/more", server.token()).result_int(), 404u);
}

TEST_F(SandboxAccount, ListsOrganizations) {
  const json::value all = read("/organizations");
  EXPECT_EQ(all.at("count"), 2);
  const json::value first = all.at("items").at(0);
  expect_members(first, {"id", "type", "owner_id", "namespace", "name", "label", "country",
                         "capabilities", "vendor", "status", "created_at", "updated_at", "_links"});
  const json::value mine = read("/users/" + user() + "/organizations");
  EXPECT_EQ(mine.at("items"), all.at("items"));
  EXPECT_FALSE(mine.as_object().contains("count"));
  read("/users/someone/organizations", 403);
}

TEST_F(SandboxAccount, LeavesOutDeletedOrganizationsUnlessTheyAreAskedFor) {
  const json::value deleted = read("/organizations?filter[status][in]=deleted");
  ASSERT_EQ(deleted.at("count"), 1);
  EXPECT_EQ(string_at(deleted.at("items").at(0), "status"), "deleted");
  EXPECT_EQ(read("/organizations?filter%5Bstatus%5D%5Bin%5D=active,deleted").at("count"), 3);
  EXPECT_EQ(read("/organizations?filter[name][in]=birch,none").at("count"), 1);
  read("/organizations?filter[colour][in]=red", 400);
}

TEST_F(SandboxAccount, FindsAnOrganizationByItsIdOrName) {
  const json::value first = read(organization(0));
  EXPECT_EQ(string_at(first, "name"), "alder");
  EXPECT_EQ(read("/organizations/name=alder"), first);
  EXPECT_EQ(read("/organizations/name%3Dalder"), first);
  read("/organizations/name=none", 404);
  read("/organizations/alder", 404);
  EXPECT_EQ(read("/organizations/name=alder/projects").at("items"),
            read(organization(0) + "/projects").at("items"));
}

TEST_F(SandboxAccount, ListsTheProjectsOfAnOrganization) {
  const std::string list = organization(0) + "/projects";
  const json::value all = read(list + "?page[size]=100");
  const std::size_t count = all.at("items").as_array().size();
  EXPECT_EQ(all.at("count"), count);
  EXPECT_TRUE(all.at("facets").at("plans").is_object());
  const json::value second = all.at("items").at(1);
  expect_members(second, {"id", "organization_id", "subscription_id", "vendor", "region", "title",
                          "type", "plan", "timezone", "default_branch", "status", "trial_plan",
                          "project_ui", "created_at", "updated_at", "_links"});
  EXPECT_EQ(string_at(second, "id").size(), 13u);
  EXPECT_EQ(read(list + "/" + string_at(second, "id")), second);
  EXPECT_EQ(read(list + "?filter[title][contains]=Blog&page[size]=100").at("count"), 1);
  EXPECT_EQ(read(list + "?filter[id][in]=" + string_at(second, "id")).at("items").at(0), second);
  read(list + "/none", 404);
  read("/organizations/none/projects", 404);
  EXPECT_EQ(client.get(list + "/x/y", server.token()).result_int(), 404u);
}

TEST_F(SandboxAccount, HidesProjects) {
  const std::string second = organization(1);
  EXPECT_EQ(string_at(read(second), "name"), "birch");
  read(second + "/projects", 403);
  read(second + "/projects/" + project(), 403);
}

TEST_F(SandboxAccount, RefusesWhatIsNoPage) {
  const std::string list = organization(0) + "/projects";
  const std::string next =
      string_at(read("/organizations?page[size]=1").at("_links").at("next"), "href");
  const std::string of_another_list = next.substr(next.rfind('=') + 1);
  for (const std::string& query :
       {std::string("page[size]=0"), std::string("page[size]=101"),
        std::string("page[after]=aaaaaaaaaaaaa"), "page[after]=" + of_another_list,
        "page[before]=" + of_another_list}) {
    read(list + "?" + query, 400);
  }
}

TEST_F(SandboxAccount, TakesNothingButGets) {
  for (const std::string& target : {std::string("/users/me"), std::string("/organizations"),
                                    "/projects/" + project() + "/environments"}) {
    client.send("POST " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                server.token() + "\r\n\r\n");
    const auto response = client.receive();
    EXPECT_EQ(response.result_int(), 405u);
    EXPECT_EQ(response[http::field::allow], "GET, HEAD");
  }
}

TEST_F(SandboxAccount, DescribesAProject) {
  const std::string id = project();
  const json::value body = read("/projects/" + id);
  expect_members(body,
                 {"id", "created_at", "updated_at", "attributes", "title", "description", "owner",
                  "namespace", "organization", "default_branch", "status", "timezone", "region",
                  "repository", "default_domain", "subscription", "maintenance"});
  EXPECT_EQ(string_at(body, "id"), id);
  EXPECT_EQ("/organizations/" + string_at(body, "organization"), organization(0));
  const json::value capabilities = read("/projects/" + id + "/capabilities");
  expect_members(capabilities, {"tasks", "metrics", "logs_forwarding", "guaranteed_resources",
                                "images", "instance_limit", "build_resources", "object_storage",
                                "data_retention", "autoscaling", "integrations"});
  EXPECT_EQ(capabilities.at("integrations").at("config").at("health.slack").at("enabled"), true);
  read("/projects/none", 404);
  read("/projects/none/capabilities", 404);
}

TEST_F(SandboxAccount, HasEnvironments) {
  const std::string list = "/projects/" + project() + "/environments";
  const json::value all = read(list);
  ASSERT_EQ(all.as_array().size(), 3u);
  expect_members(all.at(2), {"id",
                             "created_at",
                             "updated_at",
                             "name",
                             "machine_name",
                             "title",
                             "attributes",
                             "type",
                             "parent",
                             "default_domain",
                             "has_domains",
                             "clone_parent_on_create",
                             "is_pr",
                             "deployment_target",
                             "has_remote",
                             "status",
                             "http_access",
                             "enable_smtp",
                             "restrict_robots",
                             "edge_hostname",
                             "deployment_state",
                             "sizing",
                             "resources_overrides",
                             "max_instance_count",
                             "last_active_at",
                             "last_backup_at",
                             "project",
                             "is_main",
                             "is_dirty",
                             "has_staged_activities",
                             "can_rolling_deploy",
                             "supports_rolling_deployments",
                             "has_code",
                             "head_commit",
                             "merge_info",
                             "has_deployment",
                             "supports_restrict_robots"});
  EXPECT_EQ(string_at(all.at(2), "id"), "feature/x");
  EXPECT_EQ(read(list + "/feature%2Fx"), all.at(2));
  EXPECT_EQ(client.get(list + "/feature/x", server.token()).result_int(), 404u);
  EXPECT_EQ(client.get(list + "/none", server.token()).result_int(), 404u);
}

TEST_F(SandboxAccount, ListsWhatIsShared) {
  const std::string list = "/users/" + user() + "/extended-access";
  const json::value page = read(list + "?filter[resource_type]=project&page[size]=100");
  const json::array items = page.at("items").as_array();
  EXPECT_GT(items.size(), 30u) << "some are the user's own";
  const json::value first = items.at(0);
  for (const char* name : {"user_id", "resource_id", "resource_type", "organization_id",
                           "permissions", "granted_at", "updated_at"}) {
    EXPECT_TRUE(first.as_object().contains(name)) << name;
  }
  read("/organizations/" + string_at(first, "organization_id"), 403);
  EXPECT_EQ(client.get("/projects/" + string_at(first, "resource_id"), server.token()).result_int(),
            404u)
      << "the 31st project of all";
  EXPECT_EQ(read(list + "?page[size]=100").at("items").as_array().size(), items.size() + 2)
      << "with the organizations";
  EXPECT_EQ(
      read(list + "?filter[resource_type][in]=project").at("_links").as_object().contains("next"),
      true);
  read("/users/someone/extended-access", 403);
}

TEST_F(SandboxAccount, NamesWhatIsSharedByReferences) {
  const json::value page =
      read("/users/" + user() + "/extended-access?filter[resource_type]=project&page[size]=100");
  const json::object& links = page.at("_links").as_object();
  EXPECT_TRUE(links.contains("ref:projects:1")) << "25 by each";
  std::set<std::string> named;
  for (const char* link : {"ref:projects:0", "ref:projects:1"}) {
    const json::value map = read(string_at(links.at(link), "href"));
    for (const auto& each : map.as_object()) {
      named.insert(std::string(each.key()));
      if (each.value().is_null()) continue;
      EXPECT_EQ(string_at(each.value(), "id"), each.key());
      EXPECT_FALSE(each.value().at("title").as_string().empty());
    }
  }
  std::set<std::string> listed;
  for (const json::value& each : page.at("items").as_array())
    listed.insert(string_at(each, "resource_id"));
  EXPECT_EQ(named, listed);
  const std::string first = string_at(page.at("items").at(0), "resource_id");
  EXPECT_TRUE(read(string_at(links.at("ref:projects:0"), "href")).at(first).is_null())
      << "it is gone";
  const json::value organizations = read(string_at(links.at("ref:organizations:0"), "href"));
  EXPECT_TRUE(
      organizations.as_object().contains(string_at(page.at("items").at(0), "organization_id")));
}

TEST_F(SandboxAccount, ChecksTheSignaturesOfReferences) {
  const json::value page = read("/users/" + user() + "/extended-access?page[size]=2");
  const std::string href = string_at(page.at("_links").at("ref:projects:0"), "href");
  read(href);
  std::string ids = href, signature = href;
  ids.insert(ids.find('=') + 1, "a");
  signature.back() = signature.back() == 'a' ? 'b' : 'a';
  read(ids, 403);
  read(signature, 403);
  read("/ref/organizations" + href.substr(href.find('?')), 403);
  read("/ref/projects", 400);
  read(href.substr(0, href.find("&sig")), 400);
  EXPECT_EQ(client.get("/ref/users?in=a&sig=b", server.token()).result_int(), 404u);
}

TEST(SandboxWithoutFleet, HasOneOrganizationOfItsProjects) {
  sandbox server({.path_prefix = "/v1", .projects = 3});
  server.put("zoo/1", "mine", {.type = "health.slack", .settings = slack_settings{}});
  blocking_client client(peer_of(server));
  const auto read = [&](const std::string& target) {
    return json::parse(client.get(target, server.token()).body());
  };
  const json::value organizations = read("/v1/organizations");
  ASSERT_EQ(organizations.at("count"), 1);
  const std::string list =
      string_at(organizations.at("items").at(0).at("_links").at("self"), "href") + "/projects";
  EXPECT_TRUE(list.starts_with("/v1/organizations/"));
  const json::value first = read(list + "?page[size]=3");
  EXPECT_EQ(first.at("count"), 4);
  EXPECT_EQ(string_at(first.at("items").at(2), "id"), "project-2");
  const json::value second = read(string_at(first.at("_links").at("next"), "href"));
  EXPECT_EQ(string_at(second.at("items").at(0), "id"), "zoo/1");
  EXPECT_EQ(string_at(read("/v1/projects/zoo%2F1"), "id"), "zoo/1");
  EXPECT_EQ(read("/v1/projects/project-0/environments").as_array().size(), 3u);
  server.forbid("project-0");
  EXPECT_EQ(client.get("/v1/projects/project-0", server.token()).result_int(), 403u);
  EXPECT_EQ(server.account().organizations, 0u) << "there is no fleet";
}

}  // namespace sandbox_account_test
}  // namespace upsun::testing
