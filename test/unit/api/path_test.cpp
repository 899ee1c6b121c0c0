#include "api/path.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::api {
namespace path_test {

std::string encoded(std::string_view segment) {
  std::string path = "/x/";
  EXPECT_EQ(refuse_segment(segment), std::nullopt);
  append_segment(path, segment);
  return path.substr(3);
}

TEST(Path, KeepsUnreservedCharacters) {
  const std::string unreserved = "abcxyzABCXYZ0189-._~";
  EXPECT_EQ(encoded(unreserved), unreserved);
}

TEST(Path, EncodesEverythingElse) {
  EXPECT_EQ(encoded("feature/a b"), "feature%2Fa%20b");
  EXPECT_EQ(encoded("%2F"), "%252F");
  EXPECT_EQ(encoded("?#[]@!$&'()*+,;=:"), "%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A");
  EXPECT_EQ(encoded("\"<>\\^`{|}"), "%22%3C%3E%5C%5E%60%7B%7C%7D");
  EXPECT_EQ(encoded("\xc3\xa4\xff"), "%C3%A4%FF");
}

TEST(Path, KeepsDotsThatAreNotTheWholeSegment) {
  EXPECT_EQ(encoded("..."), "...");
  EXPECT_EQ(encoded(".a"), ".a");
  EXPECT_EQ(encoded("../a"), "..%2Fa");
}

TEST(Path, RefusesSegmentsThatWouldNameAnotherResource) {
  using namespace std::string_literals;
  for (const std::string& segment :
       {""s, "."s, ".."s, "a\0b"s, "a\r\n"s, "\t"s, "a\x1f"s, "a\x7f"s}) {
    const auto problem = refuse_segment(segment);
    ASSERT_TRUE(problem) << segment;
    EXPECT_TRUE(problem->starts_with("is ") || problem->starts_with("holds ")) << *problem;
  }
}

}  // namespace path_test
}  // namespace upsun::api
