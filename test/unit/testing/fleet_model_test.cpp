#include "testing/fleet_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>

namespace upsun::testing {
namespace fleet_model_test {

using namespace std::chrono_literals;

const timestamp born = std::chrono::sys_days(2026y / 11 / 30);

fleet_model fleet_of(sandbox_fleet options) { return {options, born}; }

TEST(FleetModel, SpreadsProjectsUnevenlyOverTheOrganizations) {
  const fleet_model fleet = fleet_of({.organizations = 20, .projects = 5'000});
  std::set<std::size_t> sizes;
  EXPECT_EQ(fleet.first_project(0), 0u);
  for (std::size_t of = 0; of < 20; ++of) {
    ASSERT_LE(fleet.first_project(of), fleet.first_project(of + 1));
    sizes.insert(fleet.first_project(of + 1) - fleet.first_project(of));
  }
  EXPECT_EQ(fleet.first_project(20), 5'000u);
  EXPECT_GT(sizes.size(), 10u);
  for (std::size_t p = 0; p < 5'000; ++p) {
    const std::size_t of = fleet.organization_of(p);
    ASSERT_TRUE(fleet.first_project(of) <= p && p < fleet.first_project(of + 1)) << p;
  }
}

TEST(FleetModel, PutsProjectsIntoOrganizationsAlsoWhereSomeHaveNone) {
  const fleet_model fleet = fleet_of({.organizations = 7, .projects = 5});
  for (std::size_t p = 0; p < 5; ++p) {
    const std::size_t of = fleet.organization_of(p);
    EXPECT_TRUE(fleet.first_project(of) <= p && p < fleet.first_project(of + 1)) << p;
  }
}

TEST(FleetModel, FindsWhatItNames) {
  const fleet_model fleet =
      fleet_of({.organizations = 40, .projects = 500, .integrations = 4, .shared_projects = 30});
  std::set<std::string> ids;
  for (std::size_t of = 0; of < 44; ++of) {  // the deleted one and other people's as well
    const std::string id = fleet.organization_id(of);
    EXPECT_EQ(id.size(), 26u);
    EXPECT_EQ(fleet.find_organization(id), of);
    EXPECT_EQ(fleet.find_organization("name=" + fleet.organization_name(of)), of);
    ids.insert(id);
  }
  for (std::size_t p = 0; p < 530; ++p) {
    const std::string id = fleet.project_id(p);
    EXPECT_EQ(fleet.find_project(id), p);
    ids.insert(id);
    for (std::size_t i = 0; i < fleet.integrations(p); ++i) {
      EXPECT_EQ(fleet.find_integration(p, fleet.integration_id(p, i)), i);
      ids.insert(fleet.integration_id(p, i));
    }
    EXPECT_FALSE(fleet.find_integration(p, fleet.integration_id(p, fleet.integrations(p))));
    EXPECT_FALSE(fleet.find_integration(p, fleet.integration_id(p + 1, 0)));
  }
  EXPECT_EQ(ids.size(), 44 + 530 + fleet.account().integrations);
  EXPECT_FALSE(fleet.find_organization(fleet.organization_id(44)));
  EXPECT_FALSE(fleet.find_project(fleet.project_id(530)));
  for (const char* none : {"", "x", "name=", "name=alder-1", "name=alder-0", "name=alder-",
                           "name=alder-4", "name=Alder", "01HCQFH3D55DBM7Y4TE5GYT97F"}) {
    EXPECT_FALSE(fleet.find_organization(none)) << none;
  }
}

TEST(FleetModel, FollowsFromTheSeed) {
  const sandbox_fleet options{.organizations = 3, .projects = 9};
  const fleet_model one = fleet_of(options), same = fleet_of(options);
  sandbox_fleet reseeded = options;
  reseeded.seed = 2;
  const fleet_model other = fleet_of(reseeded);
  EXPECT_EQ(one.project_id(4), same.project_id(4));
  EXPECT_EQ(one.user_id(), same.user_id());
  EXPECT_NE(one.project_id(4), other.project_id(4));
  EXPECT_NE(one.organization_id(1), other.organization_id(1));
  EXPECT_NE(one.user_id(), other.user_id());
}

TEST(FleetModel, StrikesEachNth) {
  const fleet_model fleet = fleet_of({.organizations = 6,
                                      .projects = 60,
                                      .forbidden_every = 2,
                                      .missing_every = 5,
                                      .suspended_every = 3,
                                      .forbidden_organizations_every = 3});
  EXPECT_EQ(fleet.state(0), project_state::readable);
  EXPECT_EQ(fleet.state(1), project_state::forbidden);
  EXPECT_EQ(fleet.state(2), project_state::suspended);
  EXPECT_EQ(fleet.state(4), project_state::missing);
  EXPECT_EQ(fleet.state(5), project_state::suspended) << "before forbidden";
  EXPECT_EQ(fleet.state(14), project_state::missing) << "before suspended";
  EXPECT_FALSE(fleet.hides_projects(1));
  EXPECT_TRUE(fleet.hides_projects(2));
}

TEST(FleetModel, HasAllKindsAndTokensThatExpire) {
  const sandbox_fleet_account found =
      fleet_of({.organizations = 4, .projects = 200, .integrations = 8, .invalid_every = 10})
          .account();
  EXPECT_EQ(found.by_kind.size(), 18u);
  EXPECT_GT(found.by_kind.at("webhook"), found.by_kind.at("splunk"));
  EXPECT_NEAR(static_cast<double>(found.integrations) / 200, 8, 2);
  EXPECT_NEAR(static_cast<double>(found.invalid), static_cast<double>(found.integrations) / 10, 30);
  ASSERT_FALSE(found.token_expiries.empty());
  EXPECT_TRUE(std::is_sorted(found.token_expiries.begin(), found.token_expiries.end()));
  EXPECT_LT(found.token_expiries.front(), born + 240h);
  EXPECT_GT(found.token_expiries.back(), born + 720h);
  EXPECT_LT(found.token_expiries.size(), found.by_kind.at("gitlab")) << "some do not expire";
}

TEST(FleetModel, CountsOnlyWhatCanBeRead) {
  const fleet_model fleet = fleet_of({.organizations = 5,
                                      .projects = 100,
                                      .integrations = 3,
                                      .shared_projects = 20,
                                      .forbidden_every = 7,
                                      .forbidden_organizations_every = 4});
  const sandbox_fleet_account found = fleet.account();
  const std::size_t hidden = fleet.first_project(4) - fleet.first_project(3);
  EXPECT_EQ(found.organizations, 5u);
  EXPECT_EQ(found.forbidden_organizations, std::vector{fleet.organization_id(3)});
  EXPECT_EQ(found.projects, 100 - hidden);
  EXPECT_EQ(found.shared_projects, 20u);
  EXPECT_FALSE(found.by_organization.contains(fleet.organization_id(3)));
  EXPECT_TRUE(found.by_organization.contains(fleet.organization_id(7))) << "other people's";
  std::size_t sum = 0;
  for (const auto& each : found.by_organization) sum += each.second;
  EXPECT_EQ(sum, found.integrations);
  for (const std::string& id : found.forbidden)
    EXPECT_EQ(fleet.state(*fleet.find_project(id)), project_state::forbidden);
}

TEST(FleetModel, IsEmptyWithoutOrganizations) {
  const fleet_model none = fleet_of({.shared_projects = 5});
  EXPECT_EQ(none.projects(), 0u);
  EXPECT_FALSE(none.find_project(none.project_id(0)));
  EXPECT_EQ(none.account().shared_projects, 0u);
}

TEST(FleetModel, DescribesProjectsOfGivenIds) {
  const fleet_model named({"b", "a"}, {.environments = 2}, born);
  EXPECT_EQ(named.own_organizations(), 1u);
  EXPECT_EQ(named.project_id(1), "a");
  EXPECT_EQ(named.find_project("b"), 0u);
  EXPECT_FALSE(named.find_project("c"));
  EXPECT_EQ(named.options().environments, 2u);
}

TEST(FleetModel, RefusesWhatIsOutOfRange) {
  for (const sandbox_fleet& wrong :
       {sandbox_fleet{.organizations = 1'000'001}, sandbox_fleet{.integrations = 10'001},
        sandbox_fleet{.page_size = 0}, sandbox_fleet{.page_size = 101},
        sandbox_fleet{.throttle_seconds = -1s}}) {
    EXPECT_THROW(fleet_of(wrong), std::invalid_argument);
  }
}

}  // namespace fleet_model_test
}  // namespace upsun::testing
