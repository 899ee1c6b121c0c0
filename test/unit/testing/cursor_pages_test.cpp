#include "testing/cursor_pages.hpp"

#include <gtest/gtest.h>
#include <boost/json/array.hpp>

#include <string>
#include <variant>
#include <vector>

#include "testing/url_text.hpp"

namespace upsun::testing {
namespace cursor_pages_test {

namespace json = boost::json;
using numbers = std::vector<std::size_t>;

constexpr std::string_view filterable[] = {"id", "title"};

/// Items 10 to 29, whose titles say whether they are even.
struct CursorPages : ::testing::Test {
  const opaque_ids cursors{4};
  const page_source source{10, 30, [](std::size_t i) {
                             return json::object{{"id", std::to_string(i)},
                                                 {"title", i % 2 == 0 ? "an even one" : "odd"},
                                                 {"number", i}};
                           }};

  std::variant<page_request, std::string> read(const std::string& query) const {
    return read_page_request(query, 8, filterable, cursors);
  }
  item_page page(const std::string& query) const {
    return make_page(source, std::get<page_request>(read(query)), "/list", cursors);
  }
  /// The target of a link, or nothing.
  static std::string link(const item_page& of, std::string_view name) {
    const json::value* found = of.body.at("_links").as_object().if_contains(name);
    return found == nullptr ? "" : std::string(found->at("href").as_string());
  }
  item_page follow(const item_page& of, std::string_view name) const {
    const std::string target = link(of, name);
    return page(target.substr(target.find('?') + 1));
  }
  numbers all(const std::string& query) const {
    numbers found;
    for (item_page at = page(query);; at = follow(at, "next")) {
      found.insert(found.end(), at.shown.begin(), at.shown.end());
      if (link(at, "next").empty()) return found;
    }
  }
};

TEST_F(CursorPages, GoForwardToTheEndAndBack) {
  const item_page first = page("");
  EXPECT_EQ(first.shown, (numbers{10, 11, 12, 13, 14, 15, 16, 17}));
  EXPECT_EQ(first.count, 20u);
  EXPECT_EQ(first.body.at("items").at(7).at("number"), 17);
  EXPECT_EQ(link(first, "self"), "/list");
  EXPECT_EQ(link(first, "previous"), "");
  const item_page second = follow(first, "next");
  EXPECT_EQ(second.shown, (numbers{18, 19, 20, 21, 22, 23, 24, 25}));
  const item_page last = follow(second, "next");
  EXPECT_EQ(last.shown, (numbers{26, 27, 28, 29}));
  EXPECT_EQ(link(last, "next"), "");
  EXPECT_EQ(follow(last, "previous").shown, second.shown);
  EXPECT_EQ(follow(follow(last, "previous"), "previous").shown, first.shown);
  EXPECT_EQ(link(follow(follow(last, "previous"), "previous"), "previous"), "");
  EXPECT_EQ(follow(second, "self").shown, second.shown);
  EXPECT_EQ(follow(follow(last, "previous"), "self").shown, second.shown);
}

TEST_F(CursorPages, HaveTheSizeThatIsAskedFor) {
  EXPECT_EQ(page("page[size]=1").shown, numbers{10});
  EXPECT_EQ(page("page%5Bsize%5D=3").shown, (numbers{10, 11, 12}));
  const item_page whole = page("page[size]=20");
  EXPECT_EQ(whole.shown.size(), 20u);
  EXPECT_EQ(link(whole, "next"), "") << "it is full, and the last";
  EXPECT_EQ(all("page[size]=3").size(), 20u);
  EXPECT_EQ(page("page[size]=100").shown.size(), 20u);
}

TEST_F(CursorPages, ShowWhatMatches) {
  EXPECT_EQ(page("filter[id][in]=12,29,7").shown, (numbers{12, 29}));
  EXPECT_EQ(page("filter[id][in]=12%2C29").count, 2u);
  EXPECT_EQ(page("filter%5Bid%5D=12").shown, numbers{12});
  EXPECT_EQ(page("filter[id][eq]=12").shown, numbers{12});
  EXPECT_EQ(page("filter[id][starts]=2&page[size]=2").count, 10u);
  EXPECT_EQ(page("filter[id][ends]=5").shown, (numbers{15, 25}));
  EXPECT_EQ(page("filter[title][contains]=even&filter[id][starts]=1").shown,
            (numbers{10, 12, 14, 16, 18}));
  EXPECT_EQ(page("filter[title][ne]=odd").count, 10u);
  EXPECT_EQ(page("filter[id][nin]=10,11").count, 18u);
  EXPECT_EQ(page("filter[id]=none").shown, numbers{});
  EXPECT_EQ(link(page("filter[id]=none"), "next"), "");
}

TEST_F(CursorPages, KeepTheirFiltersFromPageToPage) {
  EXPECT_EQ(all("filter[title][contains]=an even&page[size]=3"),
            (numbers{10, 12, 14, 16, 18, 20, 22, 24, 26, 28}));
  const item_page first = page("filter[title]=odd&page[size]=9&sort=-id");
  EXPECT_EQ(first.count, 10u);
  EXPECT_EQ(follow(first, "next").shown, numbers{29});
  EXPECT_EQ(follow(follow(first, "next"), "previous").shown, first.shown);
  EXPECT_NE(link(first, "next").find("sort=-id"), std::string::npos);
}

TEST_F(CursorPages, IgnoreWhatHasNoMeaning) { EXPECT_EQ(page("sort=title&x&=&y=1").count, 20u); }

TEST_F(CursorPages, SayWhatIsWrong) {
  const std::string cursor = cursors.encode(12);
  for (const std::string& query : std::vector<std::string>{
           "page[size]=0", "page[size]=101", "page[size]=", "page[size]=x", "page[size]=-1",
           "page[size]=5x", "page[after]=", "page[after]=12", "page[before]=zzz",
           "page[after]=" + cursor + "&page[before]=" + cursor, "filter[none][in]=1",
           "filter[id][like]=1", "filter[id][in=1", "filter[id=1", "filter[id][in][x]=1",
           "filter[id]=%zz"}) {
    const auto outcome = read(query);
    const auto* wrong = std::get_if<std::string>(&outcome);
    ASSERT_NE(wrong, nullptr) << query;
    EXPECT_FALSE(wrong->empty()) << query;
  }
}

}  // namespace cursor_pages_test
}  // namespace upsun::testing
