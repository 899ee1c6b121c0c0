#include "codec/links.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace upsun::codec {
namespace links_test {

constexpr std::array<std::string_view, 3> names{"self", "#validate", "#hook"};

auto decode(std::string_view json, const decode_options& options = {}) {
  return decode_links(json, options, names);
}

error refusal(std::string_view json) {
  const auto decoded = decode(json);
  EXPECT_FALSE(decoded) << json;
  return decoded ? error() : decoded.error();
}

TEST(Links, AreFoundByName) {
  const std::string text =
      R"({"type":"x","_links":{"#hook":{"href":"/h"},"self":{"href":"https://eu.example/p"},"#edit":{"href":"/e"}},"id":"y"})";
  const auto found = decode(text).value();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].value().name, "self");
  EXPECT_EQ(found[0].value().href, "https://eu.example/p");
  EXPECT_EQ(found[0].value().offset, text.find("\"https"));
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2].value().href, "/h");
}

TEST(Links, AreUnescaped) {
  EXPECT_EQ(
      decode(R"({"_links":{"self":{"href":"https:\/\/eu.example\u002fp\n"}}})").value()[0]->href,
      "https://eu.example/p\n");
}

TEST(Links, StandBesideEscapesThatAreNoCharacters) {
  const auto found =
      decode(
          R"({"payload":"\udce9","x":1e99999999999,"_links":{"\ud800":1,"self":{"href":"/a\udce9"},"#hook":{"href":"/h"}}})")
          .value();
  EXPECT_EQ(found[0]->href, "/a\xef\xbf\xbd") << "which no URL may hold";
  EXPECT_EQ(found[2]->href, "/h");
}

TEST(Links, StandBesideSchemasThatAreSkipped) {
  const auto found =
      decode(
          R"({"_links":{"self":{"meta":{"href":"/no","_links":{"#hook":{"href":"/no"}},"s":"}\"{"},"href":"/yes"},
                               "#edit":{"meta":{"#validate":{"href":"/no"}},"href":"/e"}}})")
          .value();
  EXPECT_EQ(found[0]->href, "/yes");
  EXPECT_FALSE(found[1]);
  EXPECT_FALSE(found[2]);
}

TEST(Links, AreAbsentWithoutBeingWrong) {
  for (const char* text :
       {"{}", R"({"_links":null})", R"({"_links":{}})", R"({"_links":{"self":null}})",
        R"({"x":{"_links":{"self":{"href":"/"}}}})"}) {
    const auto found = decode(text);
    ASSERT_TRUE(found) << text;
    for (const auto& each : *found) EXPECT_FALSE(each) << text;
  }
}

TEST(Links, AreRefusedWithTheirPlaceWhenTheyAreSomethingElse) {
  EXPECT_EQ(*refusal("[1]").decode(), (decode_mismatch{"", "object", "array", 0}));
  EXPECT_EQ(*refusal(R"({"_links":[]})").decode(),
            (decode_mismatch{"/_links", "object", "array", 10}));
  EXPECT_EQ(*refusal(R"({"_links":{"self":"/x"}})").decode(),
            (decode_mismatch{"/_links/self", "object", "string", 18}));
  EXPECT_EQ(*refusal(R"({"_links":{"#validate":{}}})").decode(),
            (decode_mismatch{"/_links/#validate/href", "string", "missing", 23}));
  EXPECT_EQ(*refusal(R"({"_links":{"#hook":{"href":7}}})").decode(),
            (decode_mismatch{"/_links/#hook/href", "string", "number", 27}));
}

TEST(Links, AreRefusedInWhatIsNoJson) {
  for (const char* text :
       {"", " ", "<html>", R"({"_links":{"self":{"href":"/x"}})",
        R"({"_links":{"self":{"href":"/x","meta":{]}}})", R"({"_links":{}} x)"}) {
    EXPECT_EQ(refusal(text), errc::decode_failed) << text;
  }
}

TEST(Links, KeepTheLimitsOfDecoding) {
  const std::string deep = R"({"_links":{"self":{"meta":[[[[]]]],"href":"/x"}}})";
  EXPECT_TRUE(decode(deep));
  EXPECT_EQ(decode(deep, {.max_depth = 6}).error(), errc::json_depth_limit);
  EXPECT_EQ(decode(deep, {.max_bytes = 20}).error(), errc::body_limit);
}

}  // namespace links_test
}  // namespace upsun::codec
