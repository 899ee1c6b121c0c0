#include "codec/locate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace locate_test {

using upsun::codec::locate;

TEST(Locate, NamesThePlaceOfAValueByItsPath) {
  const std::string json = R"({"a":[1,{"b/c~":"text","":null}],"\u0064":{"e":[[true]]},"f":2})";
  const auto pointer_to = [&json](std::string_view token) {
    return locate(json, json.find(token)).pointer;
  };
  EXPECT_EQ(pointer_to("{"), "");
  EXPECT_EQ(pointer_to("[1"), "/a");
  EXPECT_EQ(pointer_to("1,"), "/a/0");
  EXPECT_EQ(pointer_to("{\"b"), "/a/1");
  EXPECT_EQ(pointer_to("\"text"), "/a/1/b~1c~0");
  EXPECT_EQ(pointer_to("null"), "/a/1/");
  EXPECT_EQ(pointer_to("{\"e"), "/d");
  EXPECT_EQ(pointer_to("true"), "/d/e/0/0");
  EXPECT_EQ(pointer_to("2}"), "/f");
}

TEST(Locate, NamesWhatABracketCloses) {
  const std::string json = R"({"a":{"b":1},"c":[1,2]})";
  EXPECT_EQ(locate(json, json.find('}')).pointer, "/a");
  EXPECT_EQ(locate(json, json.find(']')).pointer, "/c");
  EXPECT_EQ(locate(json, json.size() - 1).pointer, "");
}

TEST(Locate, GivesTheBeginOfTheToken) {
  const std::string json = R"({"a": "x\"y", "b": 12.5e3 , "c": [ true ]})";
  EXPECT_EQ(locate(json, json.find("y\"")).token_begin, json.find("\"x"));
  EXPECT_EQ(locate(json, json.find("e3") + 1).token_begin, json.find("12.5"));
  EXPECT_EQ(locate(json, json.find("true")).token_begin, json.find("true"));
  EXPECT_EQ(locate(json, json.find("\"b")).token_begin, json.find("\"b"));
  EXPECT_EQ(locate(json, json.find('[')).token_begin, json.find('['));
}

TEST(Locate, CopesWithAnything) {
  for (const std::string json : {"", "}", "]]]", "{\"", "{\"a", "{\"a\\", "[,,,", "{{{",
                                 "{\"\\ud800\":", "\"", ":::", "{\"a\":1}}}}"}) {
    for (std::size_t i = 0; i <= json.size() + 1; ++i)
      EXPECT_LE(locate(json, i).token_begin, json.size()) << json;
  }
}

}  // namespace locate_test
