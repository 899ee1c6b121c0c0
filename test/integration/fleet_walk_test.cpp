#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

/// What a handler has seen.
struct seen {
  std::map<std::string, std::size_t> by_kind{};
  std::map<std::string, std::size_t> by_organization{};
  std::set<std::string> ids{};  // of projects and integrations
  std::set<std::string> failed_projects{};
  std::size_t integrations = 0;
  std::size_t broken = 0;

  void add(const fleet_project& of, const result<integration>& got) {
    if (got) {
      ++integrations;
      ++by_kind[got->type];
      ++by_organization[of.organization_id];
      EXPECT_TRUE(ids.insert(of.id + "/" + got->id.value_or("")).second) << "handed on twice";
    } else if (got.error() == condition::decode) {
      ++broken;
    } else {
      EXPECT_TRUE(failed_projects.insert(of.id).second) << of.id << " failed twice";
    }
  }
};

sandbox_options with(const sandbox_fleet& fleet) {
  sandbox_options options;
  options.fleet = fleet;
  options.tls = false;
  options.http = http_version::automatic;
  options.threads = 2;
  return options;
}

client_config walking_config(const sandbox& server) {
  client_config config = config_for(server);
  return config;
}

std::set<std::string> ids_of(const fleet_report& report, unread_reason reason) {
  std::set<std::string> ids;
  for (const unread_part& each : report.unread) {
    if (each.reason == reason)
      ids.insert(each.project_id.empty() ? each.organization_id : each.project_id);
  }
  return ids;
}

std::set<std::string> all_of(std::vector<std::string> ids,
                             const std::vector<std::string>& more = {}) {
  ids.insert(ids.end(), more.begin(), more.end());
  return {ids.begin(), ids.end()};
}

void expect_account(const fleet_report& report, const seen& got, const sandbox_fleet_account& all) {
  EXPECT_FALSE(report.stopped_by.code()) << report.stopped_by.message();
  EXPECT_EQ(report.resume, "");
  EXPECT_EQ(report.organizations, all.organizations);
  EXPECT_EQ(report.projects, all.projects + all.shared_projects);
  EXPECT_EQ(report.shared, all.shared_projects);
  EXPECT_EQ(report.integrations, all.integrations);
  EXPECT_EQ(report.broken, all.broken);
  EXPECT_EQ(got.integrations, all.integrations);
  EXPECT_EQ(got.broken, all.broken);
  EXPECT_EQ(got.by_kind, all.by_kind);
  EXPECT_EQ(got.by_organization, all.by_organization);
  EXPECT_EQ(ids_of(report, unread_reason::forbidden),
            all_of(all.forbidden, all.forbidden_organizations));
  EXPECT_EQ(ids_of(report, unread_reason::not_found), all_of(all.missing));
  EXPECT_EQ(ids_of(report, unread_reason::suspended), all_of(all.suspended));
  EXPECT_EQ(report.failed, 0u);
}

TEST(FleetWalk, ReachesAnExactAccountOfAFleetWithFaultsOfEveryKind) {
  const sandbox server(with({.organizations = 20,
                             .projects = 500,
                             .integrations = 8,
                             .shared_projects = 40,
                             .forbidden_every = 17,
                             .missing_every = 23,
                             .suspended_every = 29,
                             .broken_every = 31,
                             .forbidden_organizations_every = 7}));
  seen got;
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    auto report = co_await api.async_for_each_integration(
        fleet(),
        [&](const fleet_project& of, const result<integration>& one) { got.add(of, one); });
    EXPECT_TRUE(report) << report.error().message();
    if (report) expect_account(*report, got, server.account());
  });
}

}  // namespace
}  // namespace upsun::testing
