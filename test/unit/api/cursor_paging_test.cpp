#include "api/cursor_paging.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/resources.hpp"

namespace upsun::api {
namespace cursor_paging_test {

/// The pages of the organizations of an API, each with items of its own unless a test says what is
/// on it.
struct CursorPaging : ::testing::Test {
  std::string base = "https://api.upsun.com";
  std::optional<cursor_paging> paging;
  std::size_t pages = 0;

  void start() {
    util::origin api;
    ASSERT_EQ(util::parse_origin(base, api), std::nullopt);
    paging.emplace(list_organizations({}), api);
  }
  std::string target() {
    const auto& next = paging->next();
    return next ? target_of(*next, base == "https://api.upsun.com" ? "" : "/api/v1")
                : next.error().message();
  }
  std::optional<error> take(const std::string& next, std::size_t items = 1) {
    if (!paging) start();
    const std::string id = items == 0 ? "" : "o" + std::to_string(++pages);
    return paging->take({{"self", "/organizations"}, {"next", next}}, items, id, id);
  }
  /// The target that a link leads to, or why it leads to none.
  std::string follow(const std::string& href) {
    if (const auto refused = take(href)) {
      EXPECT_EQ(*refused, errc::decode_failed);
      EXPECT_EQ(refused->phase(), phase::decode);
      EXPECT_TRUE(paging->over());
      return refused->details().cause;
    }
    EXPECT_FALSE(paging->over());
    return target();
  }
};

TEST_F(CursorPaging, BeginsWithTheFirstRequest) {
  start();
  EXPECT_FALSE(paging->over());
  EXPECT_EQ(target(), "/organizations?page%5Bsize%5D=100");
  EXPECT_EQ(target(), "/organizations?page%5Bsize%5D=100") << "the same again after a failure";
}

TEST_F(CursorPaging, BeginsWithTheErrorOfARequestThatIsRefused) {
  paging.emplace(list_organizations(organization_filter().page_size(0)), util::origin());
  EXPECT_FALSE(paging->over());
  EXPECT_EQ(paging->next().error(), errc::invalid_argument);
}

TEST_F(CursorPaging, EndsWithoutALink) {
  start();
  EXPECT_EQ(paging->take({}, 1, "o", "o"), std::nullopt);
  EXPECT_TRUE(paging->over());
  start();
  EXPECT_EQ(paging->take({{"previous", "/organizations?x"}}, 0, "", ""), std::nullopt);
  EXPECT_TRUE(paging->over());
}

TEST_F(CursorPaging, FollowsALinkAsItIs) {
  const std::string encoded = "/organizations?page%5Bsize%5D=1&page%5Bafter%5D=a%2Bb%3d";
  EXPECT_EQ(follow(encoded), encoded);
  EXPECT_EQ(target(), encoded) << "the same again after a failure";
  const auto& next = *paging->next();
  EXPECT_EQ(next.method, "GET");
  EXPECT_EQ(next.path_template, "/organizations") << "for errors and observers";
  EXPECT_TRUE(next.idempotent);
  EXPECT_EQ(follow("https://api.upsun.com/organizations?page[size]=1&page[after]=c"),
            "/organizations?page[size]=1&page[after]=c");
  EXPECT_EQ(follow("?page[after]=d"), "/organizations?page[after]=d");
  EXPECT_EQ(follow("organizations?e"), "/organizations?e");
  EXPECT_EQ(follow("https://API.upsun.com:443/elsewhere?f"), "/elsewhere?f");
}

TEST_F(CursorPaging, FollowsALinkBelowThePathOfTheBaseUrl) {
  base = "https://proxy.example/api/v1";
  EXPECT_EQ(follow("/api/v1/organizations?a"), "/api/v1/organizations?a");
  EXPECT_EQ(follow("/organizations?b"), "/api/v1/organizations?b") << "as the API itself writes it";
  EXPECT_EQ(follow("?c"), "/api/v1/organizations?c");
  EXPECT_EQ(follow("https://proxy.example/api/v1/organizations?d"), "/api/v1/organizations?d");
  EXPECT_EQ(follow("https://api.upsun.com/organizations?e"), "/api/v1/organizations?e");
}

TEST_F(CursorPaging, AsksTheApiForWhatOthersServeToo) {
  EXPECT_EQ(follow("https://eu-5.platform.sh/api/organizations?a"), "/organizations?a");
  EXPECT_EQ(follow("https://eu-5.platform.sh/users/u/extended-access?b"),
            "/users/u/extended-access?b");
  EXPECT_EQ(follow("http://api.upsun.com:8080/organizations/o/projects?c"),
            "/organizations/o/projects?c");
}

TEST_F(CursorPaging, RefusesALinkThatLeadsElsewhere) {
  const std::string elsewhere =
      "/_links/next: leads to elsewhere than the API, which must not see the token";
  for (const char* href :
       {"https://evil.example/page?2", "https://evil.example/organizationsx?2",
        "https://evil.example/oauth2/token", "https://api.upsun.com.evil.example/x",
        "http://api.upsun.com/x", "https://api.upsun.com:8443/x",
        "https://evil.example/organizations/../x"}) {
    start();
    EXPECT_EQ(follow(href), elsewhere) << href;
  }
  const std::string no_url = "/_links/next: is not the URL of a resource: ";
  for (const char* href :
       {"//evil.example/organizations", "ftp://api.upsun.com/organizations", "javascript:alert(1)",
        "file:///organizations", "/organizations#2", "https://token@api.upsun.com/organizations",
        "/organizations?a b", "/organizations\r\nHost: evil.example", "/organizations[1]",
        "/organizations/%2e%2e/x", "/a//b"}) {
    start();
    EXPECT_EQ(follow(href).substr(0, no_url.size()), no_url) << href;
  }
}

TEST_F(CursorPaging, ShowsNothingOfALinkThatItRefuses) {
  for (const char* href : {"https://evil.example/planted-secret", "/planted-secret#x"}) {
    start();
    EXPECT_EQ(follow(href).find("planted"), std::string::npos) << href;
  }
}

TEST_F(CursorPaging, RefusesACircle) {
  const std::string circle = "/_links/next: leads back to a page that was there before";
  EXPECT_EQ(follow("/organizations?page%5Bsize%5D=100"), circle) << "of one";
  start();
  EXPECT_EQ(follow("/organizations?b"), "/organizations?b");
  EXPECT_EQ(follow("?b"), circle) << "to itself";
  start();
  EXPECT_EQ(follow(""), circle) << "to itself, too";
  for (const char* back : {"/organizations?page%5Bsize%5D=100", "/organizations?b",
                           "https://eu-5.platform.sh/api/organizations?b"}) {
    start();
    EXPECT_EQ(follow("/organizations?b"), "/organizations?b");
    EXPECT_EQ(follow("/organizations?c"), "/organizations?c");
    EXPECT_EQ(follow(back), circle) << back;
  }
}

TEST_F(CursorPaging, RefusesPagesWithoutItemsThatNeverEnd) {
  const auto empty_pages = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_EQ(take("?" + std::to_string(++pages), 0), std::nullopt) << i;
  };
  empty_pages(cursor_paging::most_empty - 1);
  EXPECT_EQ(take("?x", 1), std::nullopt);
  empty_pages(cursor_paging::most_empty - 1);
  const auto refused = take("?y", 0);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->details().cause, "/_links/next: leads on behind 16 pages without items");
  EXPECT_TRUE(paging->over());
}

TEST_F(CursorPaging, RefusesTheSameItemsAgain) {
  start();
  EXPECT_EQ(paging->take({{"next", "?2"}}, 9, "a", "z"), std::nullopt);
  EXPECT_EQ(paging->take({{"next", "?3"}}, 9, "a", "y"), std::nullopt);
  EXPECT_EQ(paging->take({{"next", "?4"}}, 0, "", ""), std::nullopt);
  const auto refused = paging->take({{"next", "?5"}}, 9, "a", "y");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->details().cause, "/_links/next: leads to the same items again");
}

TEST_F(CursorPaging, TakesTheSameItemsOnTheLastPage) {
  start();
  EXPECT_EQ(paging->take({{"next", "?2"}}, 1, "a", "a"), std::nullopt);
  EXPECT_EQ(paging->take({}, 1, "a", "a"), std::nullopt);
  EXPECT_TRUE(paging->over());
}

// An item that breaks the contract has no id to compare.
TEST_F(CursorPaging, GoesOnBehindPagesOfBrokenItems) {
  start();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(paging->take({{"next", "?" + std::to_string(i)}}, 1, "", ""), std::nullopt) << i;
}

TEST_F(CursorPaging, RefusesMorePagesThanAnyListHas) {
  for (std::size_t i = 1; i < cursor_paging::most_pages; ++i)
    ASSERT_EQ(take("?" + std::to_string(i)), std::nullopt) << i;
  const auto refused = take("?x");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->details().cause, "/_links/next: leads to more than 100000 pages");
  EXPECT_TRUE(paging->over());
}

}  // namespace cursor_paging_test
}  // namespace upsun::api
