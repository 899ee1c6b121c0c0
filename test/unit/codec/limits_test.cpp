#include <gtest/gtest.h>

#include <string>

#include <upsun/codec.hpp>

namespace limits_test {

using upsun::condition;
using upsun::decode_integration;
using upsun::errc;

/// A document whose unknown member nests arrays and objects in turn, `depth` deep with the document
/// itself.
std::string nested(std::size_t depth) {
  std::string open = R"({"type":"health.slack","channel":"c","x":)";
  std::string close = "}";
  for (std::size_t i = 1; i < depth; ++i) {
    open += i % 2 == 0 ? "[" : R"({"a":)";
    close.insert(0, i % 2 == 0 ? "]" : "}");
  }
  return open + "1" + close;
}

TEST(Limits, ADocumentMayBeAsDeepAsTheLimit) {
  EXPECT_TRUE(decode_integration(nested(64)));
  EXPECT_TRUE(decode_integration(nested(4), {.max_depth = 4}));
  EXPECT_TRUE(decode_integration(nested(1000), {.max_depth = 1000}));
}

TEST(Limits, ADeeperDocumentIsAnErrorThatNamesTheLimit) {
  for (const std::size_t limit : {std::size_t{4}, std::size_t{64}, std::size_t{1000}}) {
    const std::string json = nested(limit + 1);
    for (const auto policy : {upsun::decode_policy::strict, upsun::decode_policy::tolerant}) {
      const auto value = decode_integration(json, {.policy = policy, .max_depth = limit});
      ASSERT_FALSE(value) << limit;
      EXPECT_EQ(value.error(), errc::json_depth_limit);
      EXPECT_EQ(value.error(), condition::limit_exceeded);
      EXPECT_EQ(value.error(), condition::decode);
      EXPECT_EQ(value.error().phase(), upsun::phase::decode);
      ASSERT_NE(value.error().decode(), nullptr);
      EXPECT_EQ(value.error().decode()->expected, "at most " + std::to_string(limit) + " levels");
      EXPECT_TRUE(json[value.error().decode()->offset] == '{' ||
                  json[value.error().decode()->offset] == '[');
    }
  }
}

TEST(Limits, HoldForUnknownKindsToo) {
  EXPECT_EQ(decode_integration(R"({"type":"new","x":[[[1]]]})", {.max_depth = 3}).error(),
            errc::json_depth_limit);
  EXPECT_TRUE(decode_integration(R"({"type":"new","x":[[1]]})", {.max_depth = 3}));
}

TEST(Limits, AMillionBracketsAreRefusedCheaply) {
  for (const char* bracket : {"[", R"({"a":)", "[{\"type\":"}) {
    std::string json = R"({"x":)";
    for (int i = 0; i < 1'000'000; ++i) json += bracket;
    EXPECT_EQ(decode_integration(json).error(), errc::json_depth_limit);
  }
}

TEST(Limits, ALongerTextIsAnErrorThatNamesTheLimit) {
  const std::string json = R"({"type":"health.slack","channel":"c"})";
  EXPECT_TRUE(decode_integration(json, {.max_bytes = json.size()}));
  const auto value = decode_integration(json, {.max_bytes = json.size() - 1});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error(), errc::body_limit);
  EXPECT_EQ(value.error().details().cause, "the document has 37 bytes, the limit is 36");
}

TEST(Limits, HugeNumbersInUnknownMembersAreSkipped) {
  for (const char* number : {"1e308", "1e400", "-1e-400", "123456789012345678901234567890",
                             "0.000000000000000000000000000000000000000001", "-0"}) {
    EXPECT_TRUE(decode_integration(
        std::string(R"({"type":"health.slack","channel":"c","x":)").append(number).append("}")))
        << number;
  }
}

}  // namespace limits_test
