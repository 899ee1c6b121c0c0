#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <sstream>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"

namespace decode_test {

using namespace std::chrono_literals;
using upsun::decode_integration;
using upsun::integration;
using upsun::testing::fixture;

class DecodeEveryKind : public testing::TestWithParam<std::string_view> {};

std::string test_name(const testing::TestParamInfo<std::string_view>& kind) {
  std::string name(kind.param);
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, DecodeEveryKind, testing::ValuesIn(upsun::kind_names), test_name);

TEST_P(DecodeEveryKind, ReadsEveryMember) {
  const std::size_t kind = upsun::find_kind(GetParam()).value();
  EXPECT_EQ(decode_integration(fixture(GetParam(), "full")).value(),
            upsun::testing::expected_integrations().at(kind));
}

TEST_P(DecodeEveryKind, ReadsMembersInAnyOrder) {
  const boost::json::object document = boost::json::parse(fixture(GetParam(), "full")).as_object();
  const integration expected =
      upsun::testing::expected_integrations().at(upsun::find_kind(GetParam()).value());
  for (std::size_t first = 0; first < document.size(); ++first) {
    boost::json::object rotated;
    for (std::size_t i = 0; i < document.size(); ++i)
      rotated.insert(document.begin()[(first + i) % document.size()]);
    const std::string json = boost::json::serialize(rotated);
    const auto value = decode_integration(json);
    ASSERT_TRUE(value) << value.error() << json.substr(0, 100);
    EXPECT_EQ(*value, expected) << json.substr(0, 100);
  }
}

TEST_P(DecodeEveryKind, ReadsTheMinimalFormOfTheDocument) {
  const integration value = decode_integration(fixture(GetParam(), "minimal")).value();
  EXPECT_EQ(value.id, std::nullopt);
  EXPECT_EQ(value.type, GetParam());
  EXPECT_EQ(value.role, "admin");
  EXPECT_EQ(value.created_at, std::chrono::sys_days(2023y / 11 / 7) + 5h + 31min + 56s);
  EXPECT_EQ(value.updated_at, value.created_at);
  EXPECT_EQ(value.settings.index(), upsun::find_kind(GetParam()));
}

TEST_P(DecodeEveryKind, ReadsNullWhereverItIsLegal) {
  const integration value = decode_integration(fixture(GetParam(), "nulls")).value();
  EXPECT_EQ(value.id, std::nullopt);
  EXPECT_EQ(value.created_at, std::nullopt);
  EXPECT_EQ(value.updated_at, std::nullopt);
  EXPECT_EQ(value.role, std::nullopt);
  std::visit(
      [](const auto& settings) {
        upsun::detail::for_each_member(settings, [](std::string_view name, const auto& member) {
          if constexpr (requires { member.has_value(); }) {
            EXPECT_FALSE(member.has_value()) << name;
          }
        });
      },
      value.settings);
}

TEST_P(DecodeEveryKind, SkipsBulkyLinksAndUnknownMembers) {
  integration linked = decode_integration(fixture(GetParam(), "links")).value();
  EXPECT_EQ(linked.id,
            upsun::testing::expected_integrations().at(upsun::find_kind(GetParam()).value()).id);
  linked.id.reset();
  EXPECT_EQ(linked, decode_integration(fixture(GetParam(), "minimal")).value());
}

TEST_P(DecodeEveryKind, PrintsNoSecret) {
  for (const auto name : upsun::testing::fixture_names) {
    std::ostringstream out;
    out << decode_integration(fixture(GetParam(), name)).value();
    EXPECT_EQ(out.str().find("planted-secret"), std::string::npos) << name;
  }
}

TEST(Decode, ReadsTheDocumentationsExampleByteForByte) {
  // Its `type` is a placeholder, so it is of no known kind; with the kind's name it is a Bitbucket
  // integration.
  std::string text = fixture("bitbucket", "documentation");
  const integration placeholder = decode_integration(text).value();
  EXPECT_EQ(placeholder.type, "<string>");
  EXPECT_EQ(placeholder.id, "<string>");
  EXPECT_EQ(std::get<upsun::unknown_settings>(placeholder.settings).raw, text);

  text.replace(text.find(R"("type":"<string>")"), 17, R"("type":"bitbucket")");
  const integration value = decode_integration(text).value();
  const auto& settings = std::get<upsun::bitbucket_settings>(value.settings);
  EXPECT_EQ(value.created_at, std::chrono::sys_days(2023y / 11 / 7) + 5h + 31min + 56s);
  EXPECT_EQ(value.role, "<string>");
  EXPECT_TRUE(settings.fetch_branches && settings.prune_branches && settings.build_pull_requests &&
              settings.pull_requests_clone_parent_data && settings.resync_pull_requests);
  EXPECT_EQ(settings.environment_init_resources, upsun::init_resources::default_);
  EXPECT_EQ(settings.repository, "<string>");
  EXPECT_EQ(settings.app_credentials, upsun::bitbucket_app_credentials{"<string>"});
  EXPECT_EQ(settings.addon_credentials,
            (upsun::bitbucket_addon_credentials{"<string>", "<string>"}));
}

TEST(Decode, FindsTheTypeWhereverAndHoweverItIsWritten) {
  for (
      const char* json : {
          R"({"type":"health.slack","channel":"c"})",
          R"({"channel":"c","type":"health.slack"})",
          R"(  {  "channel" : "c" , "type" : "health.slack"  }  )",
          "\n{\t\"channel\"\r\n:\"c\",\"type\":\"health.slack\"}\n",
          R"({"x":{"type":"webhook"},"y":["type",{"type":"webhook"}],"z":"type","channel":"c","type":"health.slack"})",
          R"({"x":"\"type\":\"webhook\"","y":"\\","channel":"c","type":"health.slack"})",
          R"({"t\u0079pe":"health.slack","channel":"c"})",
          R"({"channel":"c","\u0074\u0079\u0070\u0065":"health\u002eslack"})",
          R"({"type":"health\u002Eslack","channel":"\u0063"})",
          R"({"ch\u0061nnel":"c","type":"health.slack"})",
      }) {
    const auto value = decode_integration(json);
    ASSERT_TRUE(value) << json << value.error();
    EXPECT_EQ(value->type, "health.slack") << json;
    ASSERT_TRUE(std::holds_alternative<upsun::slack_settings>(value->settings)) << json;
    EXPECT_EQ(std::get<upsun::slack_settings>(value->settings).channel, "c") << json;
  }
}

TEST(Decode, KeepsAKindItDoesNotKnowAsRawText) {
  const std::string_view raw =
      R"({ "type":"health.carrier-pigeon", "id":"abc", "created_at":"2026-01-02T03:04:05Z","role":null, "coop":{"birds":[1,2.5,null]} })";
  const integration value =
      decode_integration(std::string("\n ").append(raw).append("\r\n\t ")).value();
  EXPECT_EQ(value.type, "health.carrier-pigeon");
  EXPECT_EQ(value.id, "abc");
  EXPECT_EQ(value.created_at, std::chrono::sys_days(2026y / 1 / 2) + 3h + 4min + 5s);
  EXPECT_EQ(value.updated_at, std::nullopt);
  EXPECT_EQ(std::get<upsun::unknown_settings>(value.settings).raw, raw);
}

TEST(Decode, ReadsOfAnUnknownKindOnlyCommonMembersThatFit) {
  const integration value =
      decode_integration(
          R"({"id":{"a":1},"created_at":"yesterday","updated_at":5,"role":["admin"],"type":"new","id":"second","role":"third"})")
          .value();
  EXPECT_EQ(value.id, std::nullopt);
  EXPECT_EQ(value.created_at, std::nullopt);
  EXPECT_EQ(value.updated_at, std::nullopt);
  EXPECT_EQ(value.role, std::nullopt);
  EXPECT_EQ(value.type, "new");
}

TEST(Decode, ReadsRetiredKindsAsUnknown) {
  EXPECT_TRUE(std::holds_alternative<upsun::unknown_settings>(
      decode_integration(R"({"type":"hipchat","room":"r"})").value().settings));
  EXPECT_TRUE(std::holds_alternative<upsun::unknown_settings>(
      decode_integration(R"({"type":"otlp","url":"u"})").value().settings));
}

TEST(Decode, MatchesKindsByCase) {
  EXPECT_TRUE(std::holds_alternative<upsun::unknown_settings>(
      decode_integration(R"({"type":"Health.Slack","channel":"c"})").value().settings));
}

struct id_case {
  const char* member;
  std::optional<std::string> id;
};

TEST(Decode, ReadsAnIdThatIsTextOrNumberOrNotThere) {
  const id_case cases[] = {
      {R"("id":"abc",)", "abc"},
      {R"("id":"",)", ""},
      {R"("id":null,)", std::nullopt},
      {"", std::nullopt},
      {R"("id":42,)", "42"},
      {R"("id":0,)", "0"},
      {R"("id":-7,)", "-7"},
      {R"("id":18446744073709551615,)", "18446744073709551615"},
      {R"("id":123456789012345678901234567890,)", "123456789012345678901234567890"},
      {R"("id":1.50,)", "1.50"}};
  for (const auto& [member, id] : cases) {
    const std::string json =
        std::string("{").append(member).append(R"("type":"health.slack","channel":"c"})");
    EXPECT_EQ(decode_integration(json).value().id, id) << json;
  }
}

TEST(Decode, ReadsARoleThatIsBlankOrNullOrNotThere) {
  EXPECT_EQ(decode_integration(R"({"role":"","type":"health.slack","channel":"c"})").value().role,
            "");
  EXPECT_EQ(decode_integration(R"({"role":" ","type":"health.slack","channel":"c"})").value().role,
            " ");
  EXPECT_EQ(decode_integration(R"({"role":null,"type":"health.slack","channel":"c"})").value().role,
            std::nullopt);
  EXPECT_EQ(decode_integration(R"({"type":"health.slack","channel":"c"})").value().role,
            std::nullopt);
}

TEST(Decode, KeepsValuesOfEnumsItDoesNotKnow) {
  std::string json = fixture("syslog", "minimal");
  json.replace(json.find(R"("tls","facility")"), 5, R"("quic")");
  const auto settings = std::get<upsun::syslog_settings>(decode_integration(json).value().settings);
  EXPECT_EQ(settings.protocol.known(), std::nullopt);
  EXPECT_EQ(settings.protocol.str(), "quic");
  EXPECT_EQ(settings.message_format, upsun::syslog_format::rfc5424);
}

TEST(Decode, ReadsIntegersToTheirLimits) {
  std::string json = fixture("syslog", "minimal");
  const auto with_port = [&json](std::string_view port) {
    std::string changed = json;
    changed.replace(changed.find("6514"), 4, port);
    return std::get<upsun::syslog_settings>(decode_integration(changed).value().settings).port;
  };
  EXPECT_EQ(with_port("0"), 0);
  EXPECT_EQ(with_port("-0"), 0);
  EXPECT_EQ(with_port("-1"), -1);
  EXPECT_EQ(with_port("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(with_port("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
}

TEST(Decode, ReadsEscapesAndLongTexts) {
  const std::string longer(100'000, 'x');
  const std::string json = R"({"type":"health.slack","channel":")" + longer +
                           R"(\u00e9\"\\\/\b\f\n\r\t\ud83d\ude80)" + longer + R"(\u0000"})";
  EXPECT_EQ(std::get<upsun::slack_settings>(decode_integration(json).value().settings).channel,
            longer + "\xc3\xa9\"\\/\b\f\n\r\t\xf0\x9f\x9a\x80" + longer + std::string(1, '\0'));
}

TEST(Decode, ReadsEscapedKeysOfMaps) {
  const std::string json =
      R"({"type":"blackfire","environments_credentials":{"r\u00e9lease/\"1\"":{"server_uuid":"u","server_token":"t"},"":{"server_token":"s","server_uuid":"v"}},"continuous_profiling":true})";
  const auto settings =
      std::get<upsun::blackfire_settings>(decode_integration(json).value().settings);
  EXPECT_EQ(settings.environments_credentials.size(), 2U);
  EXPECT_EQ(settings.environments_credentials.at("r\xc3\xa9lease/\"1\"").server_uuid, "u");
  EXPECT_EQ(settings.environments_credentials.at("").server_uuid, "v");
}

}  // namespace decode_test
