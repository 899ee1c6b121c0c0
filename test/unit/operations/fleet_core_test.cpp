#include "operations/fleet_core.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/make_error.hpp"

namespace upsun::operations {
namespace fleet_core_test {

using namespace std::chrono_literals;
using time_point = fleet_core::time_point;

const time_point start = time_point() + 1h;

util::origin api() {
  util::origin where;
  EXPECT_EQ(util::parse_origin("https://api.example", where), std::nullopt);
  return where;
}

organization some_organization(std::size_t number) {
  organization made;
  made.id = "o" + std::to_string(number);
  made.name = "name-" + std::to_string(number);
  return made;
}

organization_project some_project(const std::string& id) {
  organization_project made;
  made.id = id;
  made.title = "Title of " + id;
  made.status = project_status::active;
  return made;
}

template <class T>
page<T> page_of(std::vector<result<T>> items, const std::string& next = {}) {
  page<T> made{.items = std::move(items)};
  if (!next.empty()) made.links["next"] = next;
  return made;
}

page<organization_project> projects(const std::vector<std::string>& ids,
                                    const std::string& next = {}) {
  page<organization_project> made = page_of<organization_project>({}, next);
  for (const std::string& id : ids) made.items.emplace_back(some_project(id));
  return made;
}

error rate_limited(std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  error_details details;
  details.status = 429;
  if (retry_after) details.retry_after = *retry_after;
  return {errc::rate_limited, std::move(details)};
}

std::string target_of(const fleet_core::fetch& due) {
  return due.what ? api::target_of(*due.what, "") : due.what.error().message();
}

/// A walk with what its tests do again and again.
struct walk {
  explicit walk(std::size_t window, fleet_filter of = fleet_filter().shared(false),
                std::optional<fleet_position> from = std::nullopt)
      : filter(std::move(of)),
        core(filter, api(), window, from ? std::move(*from) : begin_of(filter, "/organizations")) {}

  fleet_core::fetch fetch(fleet_fetch wanted) {
    auto due = core.begin_fetch(now);
    EXPECT_TRUE(due) << "no fetch is due";
    if (!due) return {0, wanted, errc::cancelled};
    EXPECT_EQ(due->brings, wanted);
    return std::move(*due);
  }
  /// The organizations of the only page.
  void find(std::size_t count) {
    const auto due = fetch(fleet_fetch::organizations);
    page<organization> all;
    for (std::size_t i = 0; i < count; ++i) all.items.emplace_back(some_organization(i));
    core.arrived(due.list, std::move(all), now);
  }
  void bring(page<organization_project> got) {
    const auto due = fetch(fleet_fetch::projects);
    core.arrived(due.list, std::move(got), now);
  }
  /// Begins all projects that may be begun; their ids, by their numbers.
  std::vector<std::string> begin() {
    std::vector<std::string> ids;
    while (auto next = core.next(begun, now)) {
      ids.push_back(next->id);
      ++begun;
    }
    return ids;
  }
  void end(std::size_t number) { core.ended(number, nullptr, true); }

  fleet_filter filter;
  fleet_core core;
  time_point now = start;
  std::size_t begun = 0;
};

using ids = std::vector<std::string>;

TEST(FleetCore, FindsOrganizationsThenProjects) {
  walk one(4);
  EXPECT_FALSE(one.core.exhausted());
  one.find(2);
  const auto first = one.fetch(fleet_fetch::projects);
  EXPECT_EQ(target_of(first), "/organizations/o0/projects?page%5Bsize%5D=100");
  const auto second = one.fetch(fleet_fetch::projects);
  EXPECT_EQ(target_of(second), "/organizations/o1/projects?page%5Bsize%5D=100");
  EXPECT_FALSE(one.core.begin_fetch(one.now));
  one.core.arrived(second.list, projects({"a"}), one.now);
  one.core.arrived(first.list, projects({"b"}), one.now);
  EXPECT_EQ(one.begin(), (ids{"a", "b"}));
  EXPECT_FALSE(one.core.exhausted());
  one.end(0);
  one.end(1);
  EXPECT_TRUE(one.core.exhausted());
  EXPECT_EQ(one.core.report().organizations, 2u);
  EXPECT_EQ(one.core.report().projects, 2u);
}

TEST(FleetCore, LooksUpOrganizationsByIdOrName) {
  fleet_filter named;
  named.shared(false).organization("01J63DB1F1ATWZY5QMNTH5ACV2").organization("acme");
  named.organization("acme-international-limited");  // as long as an id
  walk one(8, named);
  EXPECT_EQ(target_of(one.fetch(fleet_fetch::organization)),
            "/organizations/01J63DB1F1ATWZY5QMNTH5ACV2");
  EXPECT_EQ(target_of(one.fetch(fleet_fetch::organization)), "/organizations/name=acme");
  EXPECT_EQ(target_of(one.fetch(fleet_fetch::organization)),
            "/organizations/name=acme-international-limited");
}

TEST(FleetCore, IsExhaustedWhenThereIsNothing) {
  walk one(4);
  one.find(0);
  EXPECT_TRUE(one.core.exhausted());
  EXPECT_EQ(one.core.report().organizations, 0u);
}

TEST(FleetCore, FetchesTheNextPageOnlyWhileTheQueueIsShort) {
  walk one(2);
  one.find(1);
  one.bring(projects({"a", "b", "c", "d", "e"}, "/organizations/o0/projects?page[after]=e"));
  EXPECT_FALSE(one.core.begin_fetch(one.now)) << "five wait, and two may be under way";
  EXPECT_EQ(one.begin(), (ids{"a", "b"}));
  const auto due = one.fetch(fleet_fetch::projects);
  EXPECT_EQ(target_of(due), "/organizations/o0/projects?page[after]=e") << "as it was given";
  EXPECT_FALSE(one.core.next(9, one.now)) << "the page counts as under way";
}

TEST(FleetCore, AsksAgainForWhatWasThrottledAfterAPauseAndByHalfAsMany) {
  walk one(4);
  one.find(1);
  one.bring(projects({"a", "b", "c", "d", "e", "f"}));
  EXPECT_EQ(one.begin().size(), 4u);
  EXPECT_TRUE(one.core.postpones(0, rate_limited(7s), one.now));
  EXPECT_EQ(one.core.wake(), start + 7s);
  one.end(1);
  one.end(2);
  one.end(3);
  EXPECT_TRUE(one.begin().empty());
  one.now = start + 7s - 1ms;
  EXPECT_TRUE(one.begin().empty());
  one.now = start + 7s;
  EXPECT_EQ(one.begin(), (ids{"a", "e", "f"})) << "first what was refused";
  EXPECT_EQ(one.core.wake(), time_point::max());
  for (std::size_t i = 4; i < 7; ++i) one.end(i);
  EXPECT_TRUE(one.core.exhausted());
  EXPECT_EQ(one.core.report().projects, 6u);
}

TEST(FleetCore, GivesUpWhatIsThrottledAgainAndAgain) {
  walk one(1);
  one.find(1);
  one.bring(projects({"a"}));
  std::chrono::seconds waited{0};
  for (std::size_t i = 0; i < walk_pace::most_tries; ++i) {
    ASSERT_EQ(one.begin(), ids{"a"});
    ASSERT_TRUE(one.core.postpones(i, rate_limited(), one.now));
    waited += std::chrono::duration_cast<std::chrono::seconds>(one.core.wake() - one.now);
    one.now = one.core.wake();
  }
  EXPECT_EQ(waited, 1s + 2s + 4s + 8s + 16s + 32s + 32s + 32s);
  ASSERT_EQ(one.begin(), ids{"a"});
  const error last = rate_limited();
  EXPECT_FALSE(one.core.postpones(walk_pace::most_tries, last, one.now));
  one.core.ended(walk_pace::most_tries, &last, true);
  EXPECT_EQ(one.core.report().failed, 1u);
  EXPECT_EQ(one.core.report().unread.at(0).project_id, "a");
  EXPECT_TRUE(one.core.exhausted());
}

TEST(FleetCore, AsksAgainForAPageThatWasThrottled) {
  walk one(4);
  const auto due = one.fetch(fleet_fetch::organizations);
  one.core.arrived(due.list, result<page<organization>>(rate_limited(3s)), one.now);
  EXPECT_FALSE(one.core.begin_fetch(one.now));
  EXPECT_FALSE(one.core.exhausted());
  one.now += 3s;
  one.find(1);
  const auto list = one.fetch(fleet_fetch::projects);
  one.core.arrived(list.list, result<page<organization_project>>(rate_limited()), one.now);
  one.now += 1s;
  one.bring(projects({"a"}));
  EXPECT_EQ(one.begin(), ids{"a"});
}

TEST(FleetCore, NamesWhatCannotBeReadWithTheReason) {
  walk one(8);
  one.find(2);
  const auto first = one.fetch(fleet_fetch::projects);
  const auto second = one.fetch(fleet_fetch::projects);
  one.core.arrived(first.list, result<page<organization_project>>(errc::forbidden), one.now);
  page<organization_project> some = projects({"a", "b", "c", "d"});
  some.items.at(1)->status = project_status::suspended;
  some.items.emplace_back(errc::decode_failed);
  one.core.arrived(second.list, std::move(some), one.now);
  EXPECT_EQ(one.begin().size(), 4u);
  const std::vector<error> failures{errc::not_found, errc::forbidden, errc::forbidden,
                                    errc::server_error};
  for (std::size_t i = 0; i < failures.size(); ++i) one.core.ended(i, &failures[i], true);
  const fleet_report& report = one.core.report();
  EXPECT_EQ(report.projects, 4u);
  EXPECT_EQ(report.not_found, 1u);
  EXPECT_EQ(report.suspended, 1u);
  EXPECT_EQ(report.forbidden, 2u) << "a list and a project";
  EXPECT_EQ(report.failed, 2u) << "an item and a project";
  std::vector<std::string> named;
  for (const unread_part& each : report.unread)
    named.push_back(each.organization_id + "/" + each.project_id);
  EXPECT_EQ(named, (ids{"o0/", "o1/", "o1/a", "o1/b", "o1/c", "o1/d"}));
  EXPECT_TRUE(one.core.exhausted());
}

TEST(FleetCore, CountsWhatItCannotName) {
  walk one(1);
  page<organization> broken;
  broken.items.assign(fleet_report::most_named + 5, errc::decode_failed);
  one.core.arrived(one.fetch(fleet_fetch::organizations).list, std::move(broken), one.now);
  EXPECT_EQ(one.core.report().failed, fleet_report::most_named + 5);
  EXPECT_EQ(one.core.report().unread.size(), fleet_report::most_named);
}

access_grant some_grant(const std::string& project, const std::string& organization) {
  access_grant made;
  made.resource_id = project;
  made.organization_id = organization;
  return made;
}

TEST(FleetCore, VisitsSharedProjectsLastAndOnceWithWhatTheirReferencesSay) {
  walk one(8, fleet_filter());
  const auto who = one.fetch(fleet_fetch::user);
  user me;
  me.id = "me";
  one.core.arrived(who.list, result<user>(me), one.now);
  one.find(1);
  one.bring(projects({"own"}));
  EXPECT_EQ(one.begin(), ids{"own"});
  const auto grants = one.fetch(fleet_fetch::grants);
  EXPECT_EQ(target_of(grants), "/users/me/extended-access?filter%5Bresource_type%5D=project");
  page<access_grant> some;
  some.items = {some_grant("own", "o0"), some_grant("x", "foreign"), some_grant("y", "foreign")};
  some.links = {{"ref:projects:0", "/ref/projects?in=x&sig=1"},
                {"ref:projects:1", "/ref/projects?in=y&sig=2"}};
  one.core.arrived(grants.list, std::move(some), one.now);
  EXPECT_TRUE(one.begin().empty()) << "their titles are not known so far";
  const auto second = one.fetch(fleet_fetch::references);
  EXPECT_EQ(target_of(second), "/ref/projects?in=y&sig=2") << "as it was given";
  one.core.arrived(second.list, result<fleet_core::references>(errc::forbidden), one.now);
  auto next = one.core.next(1, one.now);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->id, "x");
  EXPECT_TRUE(next->shared);
  EXPECT_EQ(next->organization_id, "foreign");
  EXPECT_EQ(one.core.report().forbidden, 1u) << "the references, without which there are no titles";
}

TEST(FleetCore, PositionIsWhatIsNotDone) {
  walk one(2);
  one.find(2);
  one.bring(projects({"a", "b", "c"}, "/organizations/o0/projects?page[after]=c"));
  EXPECT_EQ(one.begin(), (ids{"a", "b"}));
  one.end(1);
  const fleet_position at = one.core.position();
  ASSERT_EQ(at.lists.size(), 1u);
  EXPECT_EQ(at.lists[0].of.id, "o0");
  EXPECT_EQ(at.lists[0].page, "/organizations/o0/projects?page%5Bsize%5D=100");
  EXPECT_EQ(at.lists[0].done, std::set<std::string>{"b"});
  ASSERT_EQ(at.found.size(), 1u);
  EXPECT_EQ(at.found[0].name, "name-1");
  EXPECT_FALSE(at.organizations);

  const std::string token = to_token(at, one.filter);
  EXPECT_EQ(token.find('\n'), std::string::npos);
  auto read = parse_token(token, one.filter);
  ASSERT_TRUE(read) << read.error().message();
  walk rest(2, one.filter, std::move(*read));
  rest.bring(projects({"a", "b", "c"}));
  EXPECT_EQ(rest.begin(), (ids{"a", "c"}));
  rest.bring(projects({"d"}));
  rest.end(0);
  rest.end(1);
  EXPECT_EQ(rest.begin(), ids{"d"});
  rest.end(2);
  EXPECT_TRUE(rest.core.exhausted());
  EXPECT_EQ(rest.core.report().organizations, 1u) << "the other was counted before";
}

TEST(FleetCore, FailuresAfterAStopAreLeftToTheWalkThatGoesOn) {
  walk one(4);
  one.find(1);
  const auto due = one.fetch(fleet_fetch::projects);
  one.core.stop();
  one.core.arrived(due.list, result<page<organization_project>>(errc::cancelled), one.now);
  EXPECT_FALSE(one.core.fetching());
  EXPECT_TRUE(one.core.report().unread.empty());
  EXPECT_EQ(one.core.position().lists.size(), 1u);
}

TEST(FleetPosition, TokensOfOtherFiltersAndOtherTextsAreRefused) {
  const fleet_filter filter = fleet_filter().kind("webhook");
  const std::string token = to_token(begin_of(filter, "/organizations"), filter);
  EXPECT_TRUE(parse_token(token, filter));
  const auto other = parse_token(token, fleet_filter().kind("script"));
  EXPECT_NE(other.error().details().cause.find("belongs to another filter"), std::string::npos);
  std::string elsewhere = token;
  elsewhere.replace(elsewhere.find("\"/organizations\""), 16, "\"//evil.example\"");
  EXPECT_FALSE(parse_token(elsewhere, filter));
  for (std::size_t length = 0; length < token.size(); ++length)
    EXPECT_FALSE(parse_token(token.substr(0, length), filter)) << length;
}

}  // namespace fleet_core_test
}  // namespace upsun::operations
