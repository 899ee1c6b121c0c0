#include "api/activity_paging.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace upsun::api {
namespace activity_paging_test {

using namespace std::chrono_literals;
using page = activity_paging::page;

/// A moment by its second.
timestamp at(int second) {
  return std::chrono::sys_days(2026y / 1 / 1) + std::chrono::seconds(second);
}

result<activity> dated(std::string id, std::optional<timestamp> created) {
  return activity{.id = std::move(id), .created_at = created};
}
result<activity> numbered(int i, int second) { return dated("a" + std::to_string(i), at(second)); }
result<activity> broken() { return error(errc::decode_failed); }

/// What came of a whole list.
struct outcome {
  std::vector<std::string> ids;
  std::size_t broken = 0;
  std::size_t pages = 0;
  std::size_t most_remembered = 0;
};

/// Reads a list to its end, or fails after a thousand pages.
outcome read(activity_paging paging, const std::function<page(const activity_filter&)>& server) {
  outcome read;
  while (!paging.over()) {
    if (++read.pages > 1000) {
      ADD_FAILURE() << "no end";
      return read;
    }
    for (const auto& each : paging.take(server(paging.next()))) {
      if (each) {
        read.ids.push_back(each->id);
      } else {
        ++read.broken;
      }
    }
    read.most_remembered = std::max(read.most_remembered, paging.remembered());
  }
  return read;
}

/// As the API does: the newest first, none newer than asked for, so many at once.
struct server {
  page all;
  std::size_t usual = 25;
  std::size_t most = 1000;

  page operator()(const activity_filter& filter) const {
    const std::size_t size =
        std::min(filter.count() ? static_cast<std::size_t>(*filter.count()) : usual, most);
    page response;
    bool reached = !filter.starts_at();
    for (const auto& each : all) {
      if (each && each->created_at) reached = reached || *each->created_at <= *filter.starts_at();
      if (reached && response.size() < size) response.push_back(each);
    }
    return response;
  }
};

/// `count` activities, `together` of each moment.
page activities(int count, int together = 1) {
  page made;
  for (int i = 0; i < count; ++i) made.push_back(numbered(i, 100'000 - i / together));
  return made;
}

void expect_each_once(const outcome& read, std::size_t count) {
  EXPECT_EQ(read.ids.size(), count);
  EXPECT_EQ(std::set<std::string>(read.ids.begin(), read.ids.end()).size(), count);
}

TEST(ActivityPaging, AsksFirstForWhatTheFilterSays) {
  const activity_paging paging(activity_filter().type("t").count(3).starts_at(at(7)));
  EXPECT_FALSE(paging.over());
  EXPECT_EQ(paging.next().types(), std::vector<std::string>{"t"});
  EXPECT_EQ(paging.next().count(), 3);
  EXPECT_EQ(paging.next().starts_at(), at(7));
}

TEST(ActivityPaging, GoesOnFromTheLastCreatedAt) {
  activity_paging paging(activity_filter().type("t"));
  EXPECT_EQ(paging.take({numbered(1, 9), numbered(2, 5)}).size(), 2u);
  EXPECT_EQ(paging.next().starts_at(), at(5));
  EXPECT_EQ(paging.next().types(), std::vector<std::string>{"t"});
  EXPECT_FALSE(paging.next().count());
  const auto fresh = paging.take({numbered(2, 5), numbered(3, 4)});
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_EQ(fresh[0]->id, "a3");
}

TEST(ActivityPaging, AsksForTheSamePageAgainAfterAFailure) {
  activity_paging paging({});
  static_cast<void>(paging.take({numbered(1, 9), numbered(2, 5)}));
  EXPECT_EQ(paging.next().starts_at(), at(5));
  EXPECT_EQ(paging.next().starts_at(), at(5));
}

TEST(ActivityPaging, ReadsAListOfAnyLengthOnceInItsOrder) {
  for (const int count : {0, 1, 2, 24, 25, 26, 49, 50, 51, 60, 130}) {
    const auto all = activities(count);
    const auto read = activity_paging_test::read(activity_paging({}), server{all});
    ASSERT_EQ(read.ids.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(read.ids[i], all[i]->id);
    EXPECT_LE(read.pages, static_cast<std::size_t>(count) / 24 + 3) << count;
    EXPECT_LE(read.most_remembered, 1u) << count;
  }
}

TEST(ActivityPaging, NeitherLosesNorRepeatsEqualMomentsAcrossPages) {
  for (const int together : {2, 3, 7, 24, 25, 26, 40, 60, 200}) {
    for (const int count : {together, 2 * together + 1, 5 * together}) {
      SCOPED_TRACE(std::to_string(count) + " in groups of " + std::to_string(together));
      expect_each_once(read(activity_paging({}), server{activities(count, together)}),
                       static_cast<std::size_t>(count));
    }
  }
}

TEST(ActivityPaging, FindsItsWayThroughPagesSmallerThanWhatSharesAMoment) {
  for (const int count : {1, 2, 3}) {
    for (int together = 1; together < 10; ++together) {
      SCOPED_TRACE(std::to_string(together) + " by pages of " + std::to_string(count));
      expect_each_once(
          read(activity_paging(activity_filter().count(count)), server{activities(30, together)}),
          30);
    }
  }
}

TEST(ActivityPaging, EndsWithAPageShorterThanAskedFor) {
  const auto read = activity_paging_test::read(activity_paging(activity_filter().count(10)),
                                               server{activities(23)});
  expect_each_once(read, 23);
  EXPECT_EQ(read.pages, 3u);
}

TEST(ActivityPaging, TakesNoServersOwnLimitForTheEnd) {
  expect_each_once(
      read(activity_paging(activity_filter().count(500)), server{activities(130), 25, 50}), 130);
}

TEST(ActivityPaging, EndsWithAnEmptyPage) {
  activity_paging paging({});
  static_cast<void>(paging.take({numbered(1, 9)}));
  EXPECT_TRUE(paging.take({}).empty());
  EXPECT_TRUE(paging.over());
}

TEST(ActivityPaging, PassesByWhatTheServerGivesNoWayToReach) {
  const server stingy{activities(200, 100), 25,
                      40};  // two moments of 100 each, of which 40 can be had
  const auto read = activity_paging_test::read(activity_paging({}), stingy);
  expect_each_once(read, 80);
}

TEST(ActivityPaging, EndsWithAServerThatAlwaysGivesTheSamePage) {
  for (const int together : {1, 25}) {
    const auto same = activities(25, together);
    const auto read = activity_paging_test::read(activity_paging({}),
                                                 [&](const activity_filter&) { return same; });
    expect_each_once(read, 25);
    EXPECT_LE(read.pages, 4u);
  }
}

TEST(ActivityPaging, LeavesOutWhatIsNewerThanAskedFor) {
  activity_paging paging({});
  static_cast<void>(paging.take({numbered(1, 9), numbered(2, 5)}));
  const auto fresh = paging.take({numbered(7, 8), numbered(2, 5), numbered(1, 9), numbered(3, 3)});
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_EQ(fresh[0]->id, "a3");
}

TEST(ActivityPaging, TakesTimesThatGoBackWithinAPage) {
  activity_paging paging({});
  EXPECT_EQ(paging.take({numbered(1, 5), numbered(2, 3), numbered(3, 4)}).size(), 3u);
  EXPECT_EQ(paging.next().starts_at(), at(4));
  const auto fresh = paging.take({numbered(3, 4), numbered(2, 3), numbered(4, 2)});
  ASSERT_EQ(fresh.size(), 1u);
  EXPECT_EQ(fresh[0]->id, "a4");
}

TEST(ActivityPaging, EndsWithAServerThatInventsActivitiesOfOneMoment) {
  int made = 0;
  activity_paging paging({});
  std::size_t pages = 0;
  while (!paging.over() && ++pages < 100) {
    page response;
    const std::size_t size =
        paging.next().count() ? static_cast<std::size_t>(*paging.next().count()) : 25;
    for (std::size_t i = 0; i < size; ++i) response.push_back(numbered(++made, 5));
    static_cast<void>(paging.take(std::move(response)));
  }
  EXPECT_TRUE(paging.over());
  EXPECT_LE(pages, 12u);
}

TEST(ActivityPaging, EndsWithAServerThatGivesOneActivityEverOlderTimes) {
  int moment = 100'000;
  const auto read = activity_paging_test::read(
      activity_paging({}), [&](const activity_filter&) { return page{numbered(1, --moment)}; });
  EXPECT_EQ(read.ids, std::vector<std::string>{"a1"});
}

TEST(ActivityPaging, GoesOnFromNoTimeThatCannotBeAskedFor) {
  const timestamp dawn = std::chrono::sys_days(0y / 1 / 1);
  activity_paging paging({});
  EXPECT_EQ(paging.take({dated("x", dawn), dated("y", dawn - 1us)}).size(), 2u);
  EXPECT_EQ(paging.next().starts_at(), dawn);
  const auto read = activity_paging_test::read(activity_paging({}), [&](const activity_filter&) {
    return page{dated("x", dawn), dated("y", dawn)};
  });
  EXPECT_EQ(read.ids.size(), 2u);
}

TEST(ActivityPaging, RemembersLittleOfAServerThatKeepsNoOrder) {
  int made = 0;
  activity_paging paging({});
  for (int pages = 0; pages < 500; ++pages) {
    page response;
    for (int i = 0; i < 99; ++i) response.push_back(numbered(++made, 1));
    response.push_back(numbered(++made, 1000 - pages));
    EXPECT_EQ(paging.take(std::move(response)).size(), 100u);
    ASSERT_FALSE(paging.over());
    ASSERT_LE(paging.remembered(), activity_paging::most_remembered);
  }
}

TEST(ActivityPaging, GivesAnActivityOnceThatStandsTwiceInAPage) {
  activity_paging paging({});
  EXPECT_EQ(paging.take({numbered(1, 9), numbered(1, 9), numbered(2, 8)}).size(), 2u);
}

TEST(ActivityPaging, TakesAMissingCreatedAtForThatOfThePlace) {
  activity_paging paging({});
  EXPECT_EQ(paging.take({dated("x", {}), numbered(1, 9), dated("y", {})}).size(), 3u);
  EXPECT_EQ(paging.next().starts_at(), at(9));
  const auto fresh = paging.take({numbered(1, 9), dated("y", {}), dated("z", {}), numbered(2, 8)});
  ASSERT_EQ(fresh.size(), 2u);
  EXPECT_EQ(fresh[0]->id, "z");
}

TEST(ActivityPaging, EndsWhereNothingHasACreatedAt) {
  activity_paging paging({});
  EXPECT_EQ(paging.take({dated("x", {}), dated("y", {})}).size(), 2u);
  EXPECT_TRUE(paging.over());
}

TEST(ActivityPaging, SaysThatAFullPageWithoutACreatedAtLeadsNoFurther) {
  activity_paging paging({});
  page full;
  for (int i = 0; i < 25; ++i) full.push_back(dated("a" + std::to_string(i), {}));
  const auto fresh = paging.take(std::move(full));
  ASSERT_EQ(fresh.size(), 26u);
  EXPECT_EQ(fresh.back().error(), errc::decode_failed);
  EXPECT_NE(fresh.back().error().message().find("created_at"), std::string::npos);
  EXPECT_TRUE(paging.over());
}

TEST(ActivityPaging, GivesABrokenElementOnceWhereverAPageEnds) {
  for (std::size_t size = 2; size < 12; ++size) {
    page all = activities(20);
    all.insert(all.begin() + 9, broken());
    all.insert(all.begin() + 10, broken());
    all.push_back(broken());
    const auto read = activity_paging_test::read(activity_paging({}), server{all, size});
    SCOPED_TRACE(size);
    expect_each_once(read, 20);
    EXPECT_EQ(read.broken, 3u);
  }
}

}  // namespace activity_paging_test
}  // namespace upsun::api
