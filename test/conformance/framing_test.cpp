// What the parser makes of every response of the table, however it is cut.

#include <gtest/gtest.h>

#include <set>

#include "conformance/framing_cases.hpp"

namespace upsun::http::test {
namespace framing_test {

TEST(Framing, HasACaseForEachWayAResponseGoesWrong) {
  std::set<std::string> names;
  for (const framing_case& each : framing_cases())
    EXPECT_TRUE(names.insert(each.name).second) << each.name << " is there twice";
  EXPECT_GE(names.size(), 120u);
}

TEST(Framing, JudgesEachResponseTheSameHoweverItIsCut) {
  for (const framing_case& each : framing_cases()) {
    SCOPED_TRACE(each.name);
    const parse_outcome got = parse_however_cut(each.bytes, each.end, each.limits);
    EXPECT_EQ(got.failure, each.verdict.refused) << got;
    if (each.verdict.refused) continue;
    EXPECT_EQ(got.status, parse_status::complete) << got;
    EXPECT_EQ(got.http_status, each.verdict.status);
    EXPECT_EQ(got.body, each.verdict.body);
    EXPECT_EQ(got.reusable, each.verdict.reusable);
  }
}

TEST(Framing, WaitsForTheRestOfEachGoodResponse) {
  for (const framing_case& each : framing_cases()) {
    if (each.verdict.refused) continue;
    SCOPED_TRACE(each.name);
    response_parser parser(each.limits);
    for (std::size_t size = 1; size < each.bytes.size(); ++size) {
      const parse_outcome part = parse(parser, {std::string_view(each.bytes).substr(0, size)});
      EXPECT_NE(part.status, parse_status::failed) << size;
      EXPECT_TRUE(part.status == parse_status::need_more || !each.verdict.reusable)
          << size;  // what came after the end
    }
  }
}

}  // namespace framing_test
}  // namespace upsun::http::test
