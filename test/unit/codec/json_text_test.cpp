#include "codec/json_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace json_text_test {

using upsun::codec::find_member;
using upsun::codec::find_type;
using upsun::codec::is_json;
using upsun::codec::locate;
using upsun::codec::split_array;
using upsun::codec::split_object;
using upsun::codec::type_name;
using texts = std::vector<std::string_view>;
using members = std::vector<std::pair<std::string_view, std::string_view>>;

struct type_case {
  const char* json;
  std::string_view type;
};

TEST(FindType, FindsTheMemberOfTheOutermostObject) {
  const type_case cases[] = {
      {R"({"type":"a"})", "a"},
      {R"({"x":1,"type" : "a","type":"b"})", "a"},
      {R"({"x":{"type":"n"},"y":[{"type":"n"}],"type":"a"})", "a"},
      {R"({"x":"type","type":"a"})", "a"},
      {R"({"x":"\"type\":\"n\"","type":"a"})", "a"},
      {R"({"x":"\\","type":"a"})", "a"},
      {R"({"x":"\\\"","type":"a"})", "a"},
      {R"({"x":"{[","type":"a"})", "a"},
      {R"({"type":""})", ""},
  };
  for (const auto& [json, type] : cases) EXPECT_EQ(find_type(json), type) << json;
}

TEST(FindType, FindsNothingElse) {
  for (const char* json : {"", "{", "{\"", "{\"type", "{\"type\"", "{\"type\":", "{\"type\":5}",
                           "{\"type\":{\"type\":\"n\"}}", "[{\"type\":\"n\"}]", "\"type\":\"n\"",
                           "{}", "{\"types\":\"n\"}", "{\"t\\u0079pe\":\"n\"}",
                           "{\"type\":\"\\u006e\"}", "}}}{\"x\":\"type\"}", "{\"x\":\"\\"}) {
    EXPECT_EQ(find_type(json), "") << json;
  }
}

TEST(SplitArray, GivesTheTextOfEveryElement) {
  EXPECT_EQ(split_array("[]"), texts{});
  EXPECT_EQ(split_array(" [ ] \n"), texts{});
  EXPECT_EQ(split_array("[1]"), texts{"1"});
  EXPECT_EQ(split_array(R"([{"a":[1,2]},"x,]",[[],{}],null])"),
            (texts{R"({"a":[1,2]})", R"("x,]")", "[[],{}]", "null"}));
  EXPECT_EQ(split_array(R"(["\"","\\","\\\",]"])"), (texts{R"("\"")", R"("\\")", R"("\\\",]")"}));
}

TEST(SplitArray, RefusesWhatIsNoArrayWithNothingBehindIt) {
  for (const char* text :
       {"", " ", "{}", "1", "[", "[1", "[1,2", "]", "[]]", "[1] 2", "[{]", "[\"]", "[}"})
    EXPECT_FALSE(split_array(text)) << text;
}

TEST(SplitArray, LeavesWhatIsWithinAnElementToItsReader) {
  EXPECT_EQ(split_array("[1 2]"), texts{"1 2"});
  EXPECT_EQ(split_array("[,]"), (texts{"", ""}));
  EXPECT_EQ(split_array("[1,]"), (texts{"1", ""}));
}

TEST(SplitObject, GivesTheNameAndTheTextOfEveryMember) {
  EXPECT_EQ(split_object("{}"), members{});
  EXPECT_EQ(split_object(" { } \n"), members{});
  EXPECT_EQ(split_object(R"({"a":1})"), (members{{"a", "1"}}));
  EXPECT_EQ(split_object(R"( { "a" : [1,{"b":"}"}] , "c":"x,}" ,"":null,"a":{} })"),
            (members{{"a", R"([1,{"b":"}"}] )"}, {"c", R"("x,}" )"}, {"", "null"}, {"a", "{} "}}));
  EXPECT_EQ(split_object(R"({"a\"b":"\\","\u0061":"\""})"),
            (members{{R"(a\"b)", R"("\\")"}, {R"(\u0061)", R"("\"")"}}));
}

TEST(SplitObject, RefusesWhatIsNoObjectWithNothingBehindIt) {
  for (const char* text : {"", " ", "[]", "1", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
                           "{\"a\":1,}", "{a:1}", "{\"a\" 1}", "{}}", "{\"a\":1} 2", "{,}", "{\"a"})
    EXPECT_FALSE(split_object(text)) << text;
}

TEST(IsJson, TakesWhatTheGrammarAllows) {
  for (const char* json : {"1", "{}", R"(["\udce9"])", "1e99999999999", " null "})
    EXPECT_TRUE(is_json(json)) << json;
  for (const char* other : {"", "<html>", "{", "1 2", R"(["\udce"])"})
    EXPECT_FALSE(is_json(other)) << other;
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

TEST(JsonText, IsNeverReadBeyondItsEnd) {
  const std::string text = R"({"a":[{"b":"\"c"},[1,2]],"d":{"e":null}})";
  for (std::size_t from = 0; from < text.size(); ++from) {
    for (std::size_t to = from; to < text.size(); ++to) {
      const std::string part =
          text.substr(from, to - from);  // of its own, so that sanitizers see its end
      (void)split_array(part);
      (void)split_object(part);
      (void)find_member(part, "d");
      (void)find_type(part);
    }
  }
}

TEST(TypeName, IsThatOfTheFirstCharacter) {
  EXPECT_EQ(type_name(" {}"), "object");
  EXPECT_EQ(type_name("[1]"), "array");
  EXPECT_EQ(type_name("\n\"1\""), "string");
  EXPECT_EQ(type_name("-1"), "number");
  EXPECT_EQ(type_name("true"), "boolean");
  EXPECT_EQ(type_name("false"), "boolean");
  EXPECT_EQ(type_name("null"), "null");
}

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

}  // namespace json_text_test
