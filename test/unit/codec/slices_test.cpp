#include "codec/slices.hpp"

#include <gtest/gtest.h>

#include <string>

namespace slices_test {

using upsun::codec::cut_array;
using upsun::codec::find_member;
using slices = std::vector<std::string_view>;

TEST(CutArray, GivesTheTextOfEveryElement) {
  EXPECT_EQ(cut_array("[]"), slices{});
  EXPECT_EQ(cut_array(" [ ] \n"), slices{});
  EXPECT_EQ(cut_array("[1]"), slices{"1"});
  EXPECT_EQ(cut_array(R"([{"a":[1,2]},"x,]",[[],{}],null])"),
            (slices{R"({"a":[1,2]})", R"("x,]")", "[[],{}]", "null"}));
  EXPECT_EQ(cut_array(R"(["\"","\\","\\\",]"])"), (slices{R"("\"")", R"("\\")", R"("\\\",]")"}));
}

TEST(CutArray, RefusesWhatIsNoArrayWithNothingBehindIt) {
  for (const char* text :
       {"", " ", "{}", "1", "[", "[1", "[1,2", "]", "[]]", "[1] 2", "[{]", "[\"]", "[}"})
    EXPECT_FALSE(cut_array(text)) << text;
}

TEST(CutArray, LeavesWhatIsWithinAnElementToItsReader) {
  EXPECT_EQ(cut_array("[1 2]"), slices{"1 2"});
  EXPECT_EQ(cut_array("[,]"), (slices{"", ""}));
  EXPECT_EQ(cut_array("[1,]"), (slices{"1", ""}));
}

TEST(FindMember, GivesTheTextOfAValueOfTheOutermostObject) {
  const std::string text = R"( { "x" : {"a":1} , "a" : [ "}" , 2 ], "b":"\"","c":true } )";
  EXPECT_EQ(find_member(text, "x"), R"({"a":1} )");
  EXPECT_EQ(find_member(text, "a"), R"([ "}" , 2 ])");
  EXPECT_EQ(find_member(text, "b"), R"("\"")");
  EXPECT_EQ(find_member(text, "c"), "true ");
  EXPECT_EQ(find_member(text, "d"), "");
}

TEST(FindMember, FindsNothingInWhatIsNoObject) {
  for (const char* text : {"", "[]", "1", "\"a\"", "{}", "{", "{\"a\"", "{a:1}"})
    EXPECT_EQ(find_member(text, "a"), "") << text;
}

TEST(Slices, TakeNothingBeyondTheEnd) {
  const std::string text = R"({"a":[{"b":"\"c"},[1,2]],"d":{"e":null}})";
  for (std::size_t from = 0; from < text.size(); ++from) {
    for (std::size_t to = from; to < text.size(); ++to) {
      const std::string part =
          text.substr(from, to - from);  // of its own, so that sanitizers see its end
      (void)cut_array(part);
      (void)find_member(part, "d");
    }
  }
}

}  // namespace slices_test
