#include "codec/find_type.hpp"

#include <gtest/gtest.h>

namespace find_type_test {

using upsun::codec::find_type;

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

}  // namespace find_type_test
