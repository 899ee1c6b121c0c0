#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"

namespace decode_test {

using namespace std::chrono_literals;
using upsun::decode_integration;
using upsun::integration;
using upsun::testing::fixture;

class DecodeEveryKind : public ::testing::TestWithParam<std::string_view> {};

std::string test_name(const ::testing::TestParamInfo<std::string_view>& kind) {
  std::string name(kind.param);
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, DecodeEveryKind, ::testing::ValuesIn(upsun::kind_names), test_name);

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
      {R"("id":1.50,)", "1.50"},
      {R"("id":42.0,)", "42"},
      {R"("id":4.2e1,)", "42"},
      {R"("id":0e99999999999,)", "0"}};
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

// As JSON Schema counts them: 514.0 is an integer.
TEST(Decode, ReadsIntegersWithAFractionOfZerosOrAnExponent) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"514.0", 514},
      {"514.000000000000000000000000000000", 514},
      {"1e3", 1000},
      {"1E+3", 1000},
      {"5.14e2", 514},
      {"51400e-2", 514},
      {"-0.0", 0},
      {"0e99999999999", 0},
      {"0.0e-99999999999", 0},
      {"-2.5e1", -25},
      {"9223372036854775807.0", std::numeric_limits<std::int64_t>::max()},
      {"9.223372036854775807e18", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808.00", std::numeric_limits<std::int64_t>::min()},
  };
  for (const auto& [text, value] : cases) {
    std::string syslog = fixture("syslog", "minimal");
    syslog.replace(syslog.find("6514"), 4, text);
    syslog.replace(syslog.find(R"("facility":)") + 11, 1, std::string(text) + " ");
    const auto read = decode_integration(syslog, {.policy = upsun::decode_policy::strict});
    ASSERT_TRUE(read) << syslog << read.error();
    EXPECT_EQ(std::get<upsun::syslog_settings>(read->settings).port, value) << text;
    EXPECT_EQ(std::get<upsun::syslog_settings>(read->settings).facility, value) << text;
  }
  std::string gitlab = fixture("gitlab", "full");
  gitlab.replace(gitlab.find(R"("rotate_token_validity_in_weeks":52)") + 33, 2, "5.2e1");
  EXPECT_EQ(std::get<upsun::gitlab_settings>(decode_integration(gitlab).value().settings)
                .rotate_token_validity_in_weeks,
            52);
  EXPECT_EQ(upsun::decode_accepted_change(R"({"code":201.0})", 200).code, 201);
}

/// What Boost.JSON refuses although RFC 8259 allows it.
const std::string grammatical[] = {
    R"("\udce9")",
    R"("\ud83d")",
    R"("\ud83d x")",
    R"("\ud83d\n")",
    R"("\ud83d\ud83d\ude80")",
    R"("\ude80\ud83d")",
    R"("\uD800\u0041 and more text, so that the parser does not come to the end of it")",
    R"({"\udfff":1})",
    R"([[{"a":["\udc00",{"\udbff":"\ud800"}]}]])",
    "1e99999999999",
    "-1E+99999999999",
    "1.5e-99999999999",
    "0e2147483648",
    "18446744073709551616e2147483647",
    "[1e000000000000000000000400]",
};

TEST(Decode, SkipsWhatIsGrammaticalAndCannotBeRepresented) {
  for (const std::string& odd : grammatical) {
    for (const auto policy : {upsun::decode_policy::strict, upsun::decode_policy::tolerant}) {
      for (const std::string& json :
           {R"({"type":"health.slack","channel":"c","payload":)" + odd + "}",
            R"({"payload":)" + odd + R"(,"\udce9":)" + odd +
                R"(,"channel":"c","type":"health.slack"})"}) {
        const auto value = decode_integration(json, {.policy = policy});
        ASSERT_TRUE(value) << json << value.error();
        EXPECT_EQ(std::get<upsun::slack_settings>(value->settings).channel, "c") << json;
      }
      const std::string list =
          R"([{"type":"health.slack","channel":"a"},{"type":"health.slack","channel":"b","x":)" +
          odd + "}," + odd + R"(,{"type":"new","x":)" + odd + "}]";
      const auto all = upsun::decode_integrations(list, {.policy = policy});
      ASSERT_TRUE(all) << list << all.error();
      ASSERT_EQ(all->size(), 4U) << list;
      EXPECT_EQ(std::get<upsun::slack_settings>((*all)[0]->settings).channel, "a") << list;
      EXPECT_EQ(std::get<upsun::slack_settings>((*all)[1]->settings).channel, "b") << list;
      EXPECT_EQ((*all)[2].error().decode()->pointer.substr(0, 2), "/2") << "no integration";
      EXPECT_EQ(std::get<upsun::unknown_settings>((*all)[3]->settings).raw,
                R"({"type":"new","x":)" + odd + "}")
          << "the text as it came";
    }
    const std::string activities =
        R"([{"id":"a","type":"t","state":"complete","completion_percent":100,"payload":)" + odd +
        "}]";
    EXPECT_TRUE(upsun::decode_activities(activities).value().at(0)) << activities;
    const auto change = upsun::decode_accepted_change(
        R"({"x":)" + odd +
            R"(,"status":"created","_embedded":{"entity":{"type":"health.slack","channel":"c","x":)" +
            odd + R"(},"activities":)" + activities + "}}",
        201);
    EXPECT_EQ(change.status, "created") << odd;
    EXPECT_TRUE(change.entity && change.activities.size() == 1 && change.unread.empty()) << odd;
  }
}

TEST(Decode, ReadsHalfASurrogatePairAsTheReplacementCharacter) {
  const std::string replacement = "\xef\xbf\xbd";
  const std::pair<const char*, std::string> cases[] = {
      {R"(\udce9)", replacement},
      {R"(a\udce9b)", "a" + replacement + "b"},
      {R"(\ud83d)", replacement},
      {R"(\ud83dx)", replacement + "x"},
      {R"(\ud83d\ud83d\ude80)", replacement + "\xf0\x9f\x9a\x80"},
      {R"(\ude80\ud83d)", replacement + replacement},
      {R"(\ud83d\u0041)", replacement + "A"},
      {R"(\\ud83d\udce9)", "\\ud83d" + replacement},
      {R"(\ufffd\uDFFF)", replacement + replacement},
  };
  for (const auto& [text, read] : cases) {
    const auto value =
        decode_integration(std::string(R"({"id":")") + text +
                           R"(","type":"health.slack","role":"x","channel":")" + text + "\"}");
    ASSERT_TRUE(value) << text << value.error();
    EXPECT_EQ(std::get<upsun::slack_settings>(value->settings).channel, read) << text;
    EXPECT_EQ(value->id, read) << text;
  }
  const auto keys = decode_integration(
      R"({"type":"newrelic","url":"u","tls_verify":true,"excluded_services":["\udce9","b"],"extra":{"a\udce9":"1","b":"\ud800"}})");
  const auto& logs = std::get<upsun::newrelic_settings>(keys.value().settings);
  EXPECT_EQ(logs.extra,
            (std::map<std::string, std::string>{{"a" + replacement, "1"}, {"b", replacement}}));
  EXPECT_EQ(logs.excluded_services, (std::vector<std::string>{replacement, "b"}));
  EXPECT_EQ(decode_integration(R"({"type":"\udce9"})").value().type, replacement);
  EXPECT_EQ(
      upsun::decode_activity(
          R"({"id":"a","type":"t","state":"complete","completion_percent":100,"log":"caf\udce9\n"})")
          .value()
          .log,
      "caf" + replacement + "\n");
}

// Two that become equal are no choice either.
TEST(Decode, RefusesKeysThatBecomeEqual) {
  const auto value = decode_integration(
      R"({"type":"newrelic","url":"u","tls_verify":true,"excluded_services":[],"extra":{"\ud800":"1","\ud801":"2"}})",
      {.policy = upsun::decode_policy::strict});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().decode()->found, "the same name again");
}

TEST(Decode, PlacesAreThoseOfTheTextAsItCame) {
  const std::string json = R"({"x":"\udce9","y":1e99999999999,"type":"health.slack","channel":12})";
  const auto value = decode_integration(json, {.policy = upsun::decode_policy::strict});
  EXPECT_EQ(*value.error().decode(),
            (upsun::decode_mismatch{"/channel", "string", "number", json.find("12}")}));
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
