#include <gtest/gtest.h>

#include <string>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"

namespace malformed_test {

using upsun::decode_integration;
using upsun::decode_policy;
using upsun::errc;
using upsun::testing::fixture;

TEST(Malformed, EveryPrefixOfEveryDocumentIsAnError) {
  for (const auto kind : upsun::kind_names) {
    for (const auto name : upsun::testing::fixture_names) {
      const std::string json = fixture(kind, name);
      ASSERT_TRUE(decode_integration(json));
      for (std::size_t length = 0; length < json.size(); ++length) {
        // Exactly as long as the prefix, so that a sanitizer sees a read beyond it.
        const std::vector<char> prefix(json.begin(),
                                       json.begin() + static_cast<std::ptrdiff_t>(length));
        const auto value = decode_integration({prefix.data(), prefix.size()});
        ASSERT_FALSE(value) << kind << '/' << name << " cut at " << length;
        ASSERT_EQ(value.error(), errc::decode_failed);
        ASSERT_LE(value.error().decode()->offset, length);
      }
    }
  }
}

TEST(Malformed, AnEndTooEarlyIsCalledThat) {
  const auto value = decode_integration(R"({"type":"health.slack","channel":"c)");
  ASSERT_FALSE(value);
  EXPECT_EQ(*value.error().decode(),
            (upsun::decode_mismatch{"/channel", "more JSON", "end of input", 35}));
  EXPECT_EQ(*decode_integration("").error().decode(),
            (upsun::decode_mismatch{"", "more JSON", "end of input", 0}));
  EXPECT_EQ(*decode_integration(" \n").error().decode(),
            (upsun::decode_mismatch{"", "more JSON", "end of input", 2}));
}

TEST(Malformed, TextAfterTheDocumentIsAnError) {
  const std::string json = R"({"type":"health.slack","channel":"c"})";
  for (const char* tail : {"x", "{}", ",", "}", "\"", "\xef\xbb\xbf", "null"}) {
    const auto value = decode_integration(json + " " + tail);
    ASSERT_FALSE(value) << tail;
    EXPECT_EQ(*value.error().decode(),
              (upsun::decode_mismatch{"", "end of input", "more text", json.size() + 1}))
        << tail;
  }
  EXPECT_FALSE(decode_integration(json + std::string(1, '\0')));
  EXPECT_TRUE(decode_integration(json + " \t\r\n"));
}

TEST(Malformed, WhatIsNoJsonIsAnErrorUnderEveryPolicy) {
  const std::string documents[] = {
      std::string(R"({"type":"health.slack","channel":"c",})"),
      R"({"type":"health.slack" "channel":"c"})",
      R"({"type":"health.slack","channel" "c"})",
      R"({"type":"health.slack",,"channel":"c"})",
      R"({"type":"health.slack","channel":'c'})",
      R"({"type":"health.slack","channel":c})",
      R"({type:"health.slack","channel":"c"})",
      R"({"type":"health.slack","channel":"c","x":01})",
      R"({"type":"health.slack","channel":"c","x":+1})",
      R"({"type":"health.slack","channel":"c","x":.5})",
      R"({"type":"health.slack","channel":"c","x":1.})",
      R"({"type":"health.slack","channel":"c","x":1e})",
      R"({"type":"health.slack","channel":"c","x":-})",
      R"({"type":"health.slack","channel":"c","x":NaN})",
      R"({"type":"health.slack","channel":"c","x":Infinity})",
      R"({"type":"health.slack","channel":"c","x":tru})",
      R"({"type":"health.slack","channel":"c","x":nulls})",
      R"({"type":"health.slack","channel":"c","x":[1,]})",
      R"({"type":"health.slack","channel":"c","x":[1}})",
      R"({"type":"health.slack","channel":"c","x":{"a"}})",
      R"({"type":"health.slack","channel":"c" /* comment */})",
      R"({"type":"health.slack","channel":"\x41"})",
      R"({"type":"health.slack","channel":"\u12"})",
      R"({"type":"health.slack","channel":"\u12g4"})",
      R"({"type":"health.slack","channel":"\ud80"})",
      R"({"type":"health.slack","channel":"\udc00)",
      R"({"type":"health.slack","channel":"\ud800\u004"})",
      R"({"type":"health.slack","channel":"\udce9","x":tru})",
      R"({"type":"health.slack","channel":"c","x":1e99999999999x})",
      R"({"type":"health.slack","channel":"c","x":1e+})",
      std::string("{\"type\":\"health.slack\",\"channel\":\"a\nb\"}"),
      std::string(R"({"type":"health.slack","channel":"a)") + '\0' + R"(b"})",
      std::string("\xef\xbb\xbf{\"type\":\"health.slack\",\"channel\":\"c\"}"),
  };
  for (const auto& json : documents) {
    for (const auto policy : {decode_policy::strict, decode_policy::tolerant}) {
      const auto value = decode_integration(json, {.policy = policy});
      ASSERT_FALSE(value) << json;
      EXPECT_EQ(value.error(), errc::decode_failed) << json;
      EXPECT_NE(value.error().decode(), nullptr) << json;
    }
  }
}

TEST(Malformed, ABadByteIsNamedByPlaceAndOffset) {
  const auto value =
      decode_integration(R"({"type":"health.slack","_links":{"self":[1,{"href":?}]}})");
  EXPECT_EQ(value.error().decode()->pointer, "/_links/self/1/href");
  EXPECT_EQ(value.error().decode()->expected, "JSON");
  EXPECT_EQ(value.error().decode()->offset, 51U);
}

// In members that are kept and in those that are skipped, in values and in keys.
TEST(Malformed, TextThatIsNotUtf8IsAnError) {
  for (const std::string bad :
       {"\x80", "\xff", "\xc3", "\xc3(", "\xc0\xaf", "\xe2\x82", "\xe0\x80\xaf", "\xed\xa0\x80",
        "\xf0\x9f\x9a", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(decode_integration(R"({"type":"health.slack","channel":")" + bad + "\"}")) << bad;
    EXPECT_FALSE(decode_integration(R"({"type":"health.slack","channel":"c","x":")" + bad + "\"}"))
        << bad;
    EXPECT_FALSE(decode_integration(R"({"type":"health.slack","channel":"c",")" + bad + "\":1}"))
        << bad;
    EXPECT_FALSE(decode_integration(R"({"type":"new","x":{")" + bad + "\":1}}")) << bad;
  }
  for (const std::string good :
       {"\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x9a\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(std::get<upsun::slack_settings>(
                  decode_integration(R"({"type":"health.slack","channel":")" + good + "\"}")
                      .value()
                      .settings)
                  .channel,
              good);
  }
}

// No outcome is demanded but one: to come back, without reading where it must not (seen by the
// sanitizers).
TEST(Malformed, EveryChangeOfOneByteIsSurvived) {
  const std::string replacements = "\"\\{}[]:,0-x\x80\n";
  for (const auto kind : {"bitbucket", "blackfire", "syslog", "webhook"}) {
    const std::string json = fixture(kind, "full");
    for (std::size_t i = 0; i < json.size(); ++i) {
      for (const char c : replacements) {
        std::string changed = json;
        changed[i] = c;
        for (const auto policy : {decode_policy::strict, decode_policy::tolerant}) {
          const auto value = decode_integration(changed, {.policy = policy});
          if (!value) {
            ASSERT_LE(value.error().decode()->offset, changed.size());
          } else {
            ASSERT_EQ(
                decode_integration(upsun::encode_integration(*value), {.policy = policy}).value(),
                *value)
                << changed;
          }
        }
      }
    }
  }
}

}  // namespace malformed_test
