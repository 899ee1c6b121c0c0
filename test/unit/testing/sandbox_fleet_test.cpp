// The sandbox's fleet over HTTP: what a plain client finds that reads everything page by page.

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <upsun/testing/sandbox.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_fleet_test {

namespace http = boost::beast::http;
namespace json = boost::json;
using namespace std::chrono_literals;

std::string text_at(const json::value& of, std::string_view member) {
  return std::string(of.at(member).as_string());
}
bool has(const json::value& of, std::string_view member) { return of.as_object().contains(member); }

/// A fleet, and a client that reads it.
struct served_fleet {
  explicit served_fleet(sandbox_fleet fleet, sandbox_options options = {}) {
    options.fleet = fleet;
    server.emplace(options);
    client.emplace(peer_of(*server));
  }

  blocking_client::response get(const std::string& target) {
    return client->get(target, server->token());
  }
  json::value read(const std::string& target, unsigned status = 200) {
    const auto response = get(target);
    EXPECT_EQ(response.result_int(), status) << target << ' ' << response.body();
    return json::parse(response.body());
  }
  blocking_client::response send(const std::string& method, const std::string& target,
                                 const std::string& body = {}) {
    client->send(method + ' ' + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                 server->token() + "\r\nContent-Type: application/json\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n" + body);
    return client->receive();
  }
  /// All items of a list, page by page.
  std::vector<json::value> all(std::string target) {
    std::vector<json::value> items;
    for (;;) {
      const json::value page = read(target);
      for (const json::value& each : page.at("items").as_array()) items.push_back(each);
      if (!has(page.at("_links"), "next")) return items;
      target = text_at(page.at("_links").at("next"), "href");
    }
  }
  std::string user() { return "/users/" + text_at(read("/users/me"), "id"); }
  /// The ids of all projects that lists give.
  std::vector<std::string> projects() {
    std::vector<std::string> ids;
    for (const json::value& organization : all("/organizations")) {
      const std::string target = "/organizations/" + text_at(organization, "id") + "/projects";
      if (get(target).result_int() == 403) continue;
      for (const json::value& project : all(target)) ids.push_back(text_at(project, "id"));
    }
    return ids;
  }

  std::optional<sandbox> server;
  std::optional<blocking_client> client;
};

TEST(SandboxFleet, IsWhatItsAccountSays) {
  served_fleet fleet({.organizations = 9,
                      .projects = 250,
                      .integrations = 5,
                      .shared_projects = 40,
                      .page_size = 7,
                      .forbidden_every = 11,
                      .missing_every = 13,
                      .suspended_every = 17,
                      .broken_every = 5,
                      .invalid_every = 6,
                      .forbidden_organizations_every = 4});
  sandbox_fleet_account found;
  std::set<std::string> own;
  const auto walk = [&](const json::value& project, const std::string& id) {
    const std::string target = "/projects/" + id;
    const auto response = fleet.get(target + "/integrations");
    if (response.result_int() == 404) {
      found.missing.push_back(id);
      EXPECT_EQ(fleet.get(target).result_int(), 404u);
      return;
    }
    const json::value details = fleet.read(target);
    if (response.result_int() == 403) {
      const bool suspended = text_at(details.at("status"), "code") == "suspended";
      (suspended ? found.suspended : found.forbidden).push_back(id);
      return;
    }
    const json::value list = json::parse(response.body());
    for (const json::value& each : list.as_array()) {
      if (!has(each, "type")) {
        ++found.broken;
        continue;
      }
      ++found.integrations;
      ++found.by_kind[text_at(each, "type")];
      ++found.by_organization[text_at(project, "organization_id")];
      if (has(each, "token_expires_at") && each.at("token_expires_at").is_string())
        found.token_expiries.push_back(parse_timestamp(text_at(each, "token_expires_at")).value());
      const std::string validate = text_at(each.at("_links").at("#validate"), "href");
      if (fleet.send("POST", validate).result_int() == 400) ++found.invalid;
    }
  };
  for (const json::value& organization : fleet.all("/organizations")) {
    ++found.organizations;
    const std::string id = text_at(organization, "id");
    const std::string target = "/organizations/" + id + "/projects";
    if (fleet.get(target).result_int() == 403) {
      found.forbidden_organizations.push_back(id);
      continue;
    }
    for (const json::value& project : fleet.all(target)) {
      ++found.projects;
      EXPECT_EQ(text_at(project, "organization_id"), id);
      own.insert(text_at(project, "id"));
      walk(project, text_at(project, "id"));
    }
  }
  std::size_t twice = 0;
  for (const json::value& item :
       fleet.all(fleet.user() + "/extended-access?filter[resource_type]=project")) {
    if (own.contains(text_at(item, "resource_id"))) {
      ++twice;
      continue;
    }
    ++found.shared_projects;
    walk(item, text_at(item, "resource_id"));
  }
  EXPECT_EQ(twice, 10u);
  std::sort(found.token_expiries.begin(), found.token_expiries.end());

  const sandbox_fleet_account expected = fleet.server->account();
  EXPECT_EQ(found.organizations, expected.organizations);
  EXPECT_EQ(found.projects, expected.projects);
  EXPECT_EQ(found.shared_projects, expected.shared_projects);
  EXPECT_EQ(found.forbidden_organizations, expected.forbidden_organizations);
  EXPECT_EQ(found.forbidden, expected.forbidden);
  EXPECT_EQ(found.missing, expected.missing);
  EXPECT_EQ(found.suspended, expected.suspended);
  EXPECT_EQ(found.integrations, expected.integrations);
  EXPECT_EQ(found.by_kind, expected.by_kind);
  EXPECT_EQ(found.by_organization, expected.by_organization);
  EXPECT_EQ(found.broken, expected.broken);
  EXPECT_EQ(found.invalid, expected.invalid);
  EXPECT_EQ(found.token_expiries, expected.token_expiries);
  EXPECT_GT(found.broken * found.invalid * found.shared_projects, 0u);
  EXPECT_GT(found.forbidden.size() * found.missing.size() * found.suspended.size(), 0u);
}

TEST(SandboxFleet, OfAMillionProjectsIsThereAtOnce) {
  served_fleet fleet({.organizations = 100, .projects = 1'000'000, .absolute_links = true});
  const std::string name = "/organizations/name=larch-4/projects";
  const json::value first = fleet.read(name + "?page[size]=100");
  EXPECT_GT(first.at("count").to_number<std::size_t>(), 1'000u);
  const std::string url = fleet.server->url();
  const std::string next = text_at(first.at("_links").at("next"), "href");
  ASSERT_TRUE(next.starts_with(url)) << next;
  const json::value second = fleet.read(next.substr(url.size()));
  EXPECT_EQ(second.at("items").as_array().size(), 100u);
  const std::string id = text_at(second.at("items").at(50), "id");
  EXPECT_EQ(fleet.get("/projects/" + id + "/integrations").result_int(), 200u);
}

TEST(SandboxFleet, AsksToComeAgainAndLetsTheRetryPass) {
  served_fleet fleet(
      {.organizations = 1, .projects = 2, .throttle_every = 3, .throttle_seconds = 7s});
  EXPECT_EQ(fleet.get("/users/me").result_int(), 200u);
  EXPECT_EQ(fleet.get("/users/me").result_int(), 200u);
  const auto refused = fleet.get("/users/me");
  EXPECT_EQ(refused.result_int(), 429u);
  EXPECT_EQ(refused[http::field::retry_after], "7");
  EXPECT_EQ(fleet.get("/users/me").result_int(), 200u);
  EXPECT_EQ(fleet.get("/organizations").result_int(), 200u) << "the retry did not count";
  EXPECT_EQ(fleet.get("/organizations").result_int(), 200u);
  EXPECT_EQ(fleet.get("/organizations").result_int(), 429u);
}

TEST(SandboxFleet, KeepsWhatWasChanged) {
  served_fleet fleet({.organizations = 1, .projects = 40, .integrations = 4, .broken_every = 1});
  for (const std::string& id : fleet.projects()) {
    const std::string list = "/projects/" + id + "/integrations";
    const json::array before = fleet.read(list).as_array();
    if (before.size() < 3) continue;  // one of them is broken
    const std::string item = list + "/" + text_at(before[0], "id");
    EXPECT_EQ(fleet.send("DELETE", item).result_int(), 200u);
    EXPECT_EQ(fleet.get(item).result_int(), 404u);
    json::array after = fleet.read(list).as_array();
    EXPECT_EQ(after.size(), before.size() - 1);
    EXPECT_NE(std::find(after.begin(), after.end(), before[1]), after.end()) << "as it was";
    const std::string body = R"({"type":"health.slack","channel":"#new","token":"t"})";
    const json::value made = json::parse(fleet.send("POST", list, body).body());
    const std::string added = list + "/" + text_at(made.at("_embedded").at("entity"), "id");
    EXPECT_EQ(fleet.send("PATCH", added, R"({"channel":"#newer"})").result_int(), 200u);
    EXPECT_EQ(text_at(fleet.read(added), "channel"), "#newer");
    EXPECT_EQ(fleet.read(added + "/activities").as_array().size(), 2u);
    EXPECT_EQ(fleet.read(list).as_array().size(), before.size());
    return;
  }
  FAIL() << "no project has two integrations";
}

TEST(SandboxFleet, TakesWhatATestPutsThere) {
  served_fleet fleet({.organizations = 1, .projects = 20, .integrations = 3});
  const std::vector<std::string> projects = fleet.projects();
  const auto read_list = [&](const std::string& id) {
    return fleet.read("/projects/" + id + "/integrations").as_array();
  };
  const std::size_t before = read_list(projects[0]).size();
  fleet.server->put(projects[0], "mine", {.type = "health.slack", .settings = slack_settings{}});
  EXPECT_EQ(read_list(projects[0]).size(), before + 1);
  fleet.server->forbid(projects[1]);
  EXPECT_EQ(fleet.get("/projects/" + projects[1]).result_int(), 403u);
  fleet.server->put("another", "mine", {.type = "health.slack", .settings = slack_settings{}});
  EXPECT_EQ(fleet.read("/projects/another/integrations").as_array().size(), 1u);
  EXPECT_EQ(text_at(fleet.read("/projects/another"), "id"), "another");
  EXPECT_EQ(fleet.projects().size(), 20u);
}

TEST(SandboxFleet, GivesAnIntegrationThatCanBeReadFromTheTest) {
  served_fleet fleet({.organizations = 1, .projects = 20});
  std::size_t compared = 0;
  for (const std::string& project : fleet.projects()) {
    const json::value list = fleet.read("/projects/" + project + "/integrations");
    for (const json::value& each : list.as_array()) {
      const std::string id = text_at(each, "id");
      EXPECT_EQ(fleet.server->get(project, id).type, text_at(each, "type"));
      const std::string target = "/projects/" + project + "/integrations/" + id;
      const auto response = fleet.get(target);
      EXPECT_EQ(json::parse(response.body()), each);
      fleet.client->send(
          get_request(target, fleet.server->token(),
                      "If-None-Match: " + std::string(response[http::field::etag]) + "\r\n"));
      EXPECT_EQ(fleet.client->receive().result_int(), 304u);
      ++compared;
    }
    if (compared > 10) break;
    EXPECT_THROW((void)fleet.server->get(project, "none"), std::out_of_range);
  }
  EXPECT_GT(compared, 0u);
  EXPECT_THROW(sandbox({.fleet = {.organizations = 1, .page_size = 0}}), std::invalid_argument);
}

}  // namespace sandbox_fleet_test
}  // namespace upsun::testing
