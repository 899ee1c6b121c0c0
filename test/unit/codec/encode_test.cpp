#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <chrono>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"

namespace encode_test {

using namespace std::chrono_literals;
using upsun::decode_integration;
using upsun::encode_integration;
using upsun::integration;
using upsun::testing::fixture;

boost::json::object parsed(const std::string& text) { return boost::json::parse(text).as_object(); }

/// Equal, or the same moment written in two ways.
void expect_same_meaning(const boost::json::value& written, const boost::json::value& read,
                         const std::string& name) {
  if (read.is_string() && name.ends_with("_at")) {
    EXPECT_EQ(upsun::parse_timestamp(written.as_string().c_str()),
              upsun::parse_timestamp(read.as_string().c_str()))
        << name;
  } else {
    EXPECT_EQ(written, read) << name;
  }
}

TEST(Encode, GivesBackWhatDecodeReadForEveryKind) {
  for (const auto kind : upsun::kind_names) {
    for (const auto name : upsun::testing::fixture_names) {
      const integration value = decode_integration(fixture(kind, name)).value();
      EXPECT_EQ(decode_integration(encode_integration(value)).value(), value)
          << kind << '/' << name;
    }
  }
}

TEST(Encode, WritesEveryMemberTheServerSent) {
  for (const auto kind : upsun::kind_names) {
    for (const auto name : {"minimal", "full"}) {
      const auto read = parsed(fixture(kind, name));
      const auto written =
          parsed(encode_integration(decode_integration(fixture(kind, name)).value()));
      EXPECT_EQ(written.size(), read.size()) << kind << '/' << name;
      for (const auto& member : read) {
        ASSERT_TRUE(written.contains(member.key())) << kind << '/' << name << ": " << member.key();
        expect_same_meaning(written.at(member.key()), member.value(), std::string(member.key()));
      }
    }
  }
}

TEST(Encode, WritesNullWhereTheApiDoesAndLeavesOtherEmptyMembersOut) {
  const auto bitbucket = parsed(encode_integration({.settings = upsun::bitbucket_settings()}));
  EXPECT_TRUE(bitbucket.at("created_at").is_null());
  EXPECT_TRUE(bitbucket.at("updated_at").is_null());
  for (const char* absent :
       {"id", "role", "app_credentials", "addon_credentials", "pull_requests_max_pages"})
    EXPECT_FALSE(bitbucket.contains(absent)) << absent;
  EXPECT_TRUE(
      parsed(encode_integration({.settings = upsun::github_settings()})).at("base_url").is_null());
  EXPECT_TRUE(parsed(encode_integration({.settings = upsun::gitlab_settings()}))
                  .at("token_expires_at")
                  .is_null());
  EXPECT_TRUE(parsed(encode_integration({.settings = upsun::email_settings()}))
                  .at("from_address")
                  .is_null());
  EXPECT_TRUE(parsed(encode_integration({.settings = upsun::webhook_settings()}))
                  .at("shared_key")
                  .is_null());
  EXPECT_FALSE(
      parsed(encode_integration({.settings = upsun::syslog_settings()})).contains("redaction"));
}

TEST(Encode, WritesTheTextItReadOfAKindItDoesNotKnow) {
  const std::string raw = R"({ "type" : "new", "n":1.50, "n":2 })";
  EXPECT_EQ(encode_integration(decode_integration(raw).value()), raw);
}

TEST(Encode, TakesTheTypeFromTheSettings) {
  const integration value{.type = "github", .settings = upsun::slack_settings{"c"}};
  EXPECT_EQ(encode_integration(value),
            R"({"created_at":null,"updated_at":null,"type":"health.slack","channel":"c"})");
}

TEST(Encode, WritesTimestampsAsTheApiDoes) {
  const integration value{
      .created_at = std::chrono::sys_days(2026y / 12 / 13) + 16h + 6min + 8s + 81312us,
      .settings = upsun::slack_settings{}};
  EXPECT_NE(encode_integration(value).find(R"("created_at":"2026-12-13T16:06:08.081312+00:00")"),
            std::string::npos);
}

TEST(Encode, EscapesWhatJsonDemands) {
  std::string every_byte;
  for (char c = 0; c < 0x7f; ++c) every_byte += c;
  every_byte += "\x7f\xc3\xa9\xe2\x80\xa8\xf0\x9f\x9a\x80";
  const integration value{
      .id = every_byte, .type = "health.slack", .settings = upsun::slack_settings{"\"\\/\n"}};
  const std::string text = encode_integration(value);
  EXPECT_NE(text.find(R"("channel":"\"\\/\n")"), std::string::npos) << text;
  EXPECT_EQ(decode_integration(text).value(), value);
}

TEST(Encode, EscapesKeysOfMaps) {
  upsun::httplog_settings settings;
  settings.extra = {{"a\"b", "c\\d"}, {"", ""}};
  settings.headers = {{"X-\n", upsun::secret("s\"")}};
  const integration value{.type = "httplog", .settings = settings};
  EXPECT_EQ(decode_integration(encode_integration(value)).value(), value);
}

TEST(Encode, HoldsTheSecrets) {
  EXPECT_NE(
      encode_integration({.settings = upsun::pagerduty_settings{upsun::secret("planted-secret")}})
          .find("planted-secret"),
      std::string::npos);
}

}  // namespace encode_test
