#include "testing/fleet_integrations.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/codec.hpp>

#include <iterator>
#include <set>
#include <string>
#include <variant>

#include "testing/requested_change.hpp"

namespace upsun::testing {
namespace fleet_integrations_test {

namespace json = boost::json;

struct FleetIntegrations : ::testing::Test {
  const fleet_model fleet{{.organizations = 2, .projects = 60, .broken_every = 6},
                          std::chrono::sys_days(std::chrono::year(2026) / 11 / 30)};
  const fleet_integrations all{fleet, "/v1", "https://region.invalid"};
};

TEST_F(FleetIntegrations, FitTheContractAndTheChecks) {
  std::set<std::size_t> kinds;
  for (std::size_t p = 0; p < fleet.projects(); ++p) {
    for (std::size_t i = 0; i < fleet.integrations(p); ++i) {
      const std::string text = all.integration(p, i);
      ASSERT_EQ(text.find("{{"), std::string::npos) << text;
      ASSERT_EQ(text.find("2001-"), std::string::npos) << text;
      const auto read = decode_integration(text, {.policy = decode_policy::strict});
      ASSERT_TRUE(read) << read.error();
      EXPECT_EQ(read->id, fleet.integration_id(p, i));
      EXPECT_EQ(read->type, fleet_kinds[fleet.kind(p, i)]);
      EXPECT_EQ(complaints_about(*read), "") << text;
      EXPECT_GT(read->updated_at, read->created_at);
      if (const auto* gitlab = std::get_if<gitlab_settings>(&read->settings)) {
        EXPECT_EQ(gitlab->token_expires_at, fleet.token_expiry(p, i));
      }
      kinds.insert(fleet.kind(p, i));
    }
  }
  EXPECT_EQ(kinds.size(), std::size(fleet_kinds));
}

TEST_F(FleetIntegrations, HaveLinksOfTheirOwn) {
  std::size_t project = 0;
  while (fleet.integrations(project) == 0) ++project;
  const json::value links = json::parse(all.integration(project, 0)).at("_links");
  const std::string path = "/v1/projects/" + fleet.project_id(project) + "/integrations/" +
                           fleet.integration_id(project, 0);
  EXPECT_EQ(links.at("self").at("href").as_string(), "https://region.invalid" + path);
  EXPECT_EQ(links.at("#validate").at("href").as_string(), path + "/validate");
}

TEST_F(FleetIntegrations, AreListed) {
  for (std::size_t p = 0; p < fleet.projects(); ++p) {
    const json::array list = json::parse(all.list(p)).as_array();
    ASSERT_EQ(list.size(), fleet.integrations(p) + (fleet.is_broken(p) ? 1 : 0));
    for (std::size_t i = 0; i < fleet.integrations(p); ++i)
      EXPECT_EQ(list[i], json::parse(all.integration(p, i)));
    const auto read = decode_integrations(all.list(p));
    const bool last_fails = !read->empty() && !read->back();
    EXPECT_EQ(last_fails, fleet.is_broken(p));
  }
}

TEST_F(FleetIntegrations, HaveNoRepositoryTwice) {
  for (std::size_t p = 0; p < fleet.projects(); ++p) {
    std::multiset<std::string> sources;
    for (std::size_t i = 0; i < fleet.integrations(p); ++i) {
      std::string source = source_of(decode_integration(all.integration(p, i)).value());
      if (!source.empty()) sources.insert(std::move(source));
    }
    EXPECT_EQ(std::set<std::string>(sources.begin(), sources.end()).size(), sources.size());
  }
}

}  // namespace fleet_integrations_test
}  // namespace upsun::testing
