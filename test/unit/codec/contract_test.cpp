#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "codec/contract.hpp"
#include "fixtures.hpp"

namespace contract_test {

using upsun::decode_integration;
using upsun::decode_mismatch;
using upsun::decode_policy;
using upsun::errc;
using upsun::integration;
using upsun::testing::fixture;

/// A document, and what is wrong with it at the place marked by `@`.
struct breach {
  std::string json;
  std::string pointer;
  std::string expected;
  std::string found;
};

/// The document without its mark.
std::string unmarked(const breach& b) {
  std::string json = b.json;
  return json.erase(json.find('@'), 1);
}

decode_mismatch mismatch_of(const breach& b) {
  return {b.pointer, b.expected, b.found, b.json.find('@')};
}

std::vector<breach> breaches() {
  const std::string slack = R"({"type":"health.slack","channel":"c",)";
  const std::string email = R"({"type":"health.email","from_address":null,)";
  const std::string blackfire = R"({"type":"blackfire","continuous_profiling":true,)";
  const std::string httplog =
      R"({"type":"httplog","url":"u","tls_verify":true,"excluded_services":[],"extra":{},)";
  const std::string syslog =
      R"({"type":"syslog","extra":{},"host":"h","protocol":"tls","message_format":"rfc5424","tls_verify":true,"excluded_services":[],"facility":1,)";
  return {
      // Of another JSON type.
      {R"({"type":"health.slack","channel":@12})", "/channel", "string", "number"},
      {R"({"type":"health.slack","channel":@-1.5e3 })", "/channel", "string", "number"},
      {R"({"type":"health.slack","channel":@true})", "/channel", "string", "boolean"},
      {R"({"channel": @false, "type":"health.slack"})", "/channel", "string", "boolean"},
      {R"({"type":"health.slack","channel":@["c"]})", "/channel", "string", "array"},
      {R"({"type":"health.slack","channel":@{"c":1}})", "/channel", "string", "object"},
      {slack + R"("role":@5})", "/role", "string", "number"},
      {slack + R"("role":@[]})", "/role", "string", "array"},
      {slack + R"("id":@true})", "/id", "string", "boolean"},
      {slack + R"("id":@{}})", "/id", "string", "object"},
      {slack + R"("created_at":@1702483568})", "/created_at", "RFC 3339 timestamp", "number"},
      {email + R"("recipients":@"#admins"})", "/recipients", "array", "string"},
      {email + R"("recipients":@{}})", "/recipients", "array", "object"},
      {email + R"("recipients":["a",@null]})", "/recipients/1", "string", "null"},
      {email + R"("recipients":["a","b\n" , @[ ], "c"]})", "/recipients/2", "string", "array"},
      {email + R"("recipients":["a","b",@7]})", "/recipients/2", "string", "number"},
      {blackfire + R"("environments_credentials":@[]})", "/environments_credentials", "object",
       "array"},
      {blackfire + R"("environments_credentials":@"x"})", "/environments_credentials", "object",
       "string"},
      {blackfire + R"("environments_credentials":{"a/b~c":@"x"}})",
       "/environments_credentials/a~1b~0c", "object", "string"},
      {blackfire + R"("environments_credentials":{"m":{"server_uuid":"u","server_token":@1}}})",
       "/environments_credentials/m/server_token", "string", "number"},
      {blackfire + R"("environments_credentials":{},"supported_runtimes":@"php"})",
       "/supported_runtimes", "array", "string"},
      {httplog + R"("headers":{"X":@["planted-secret"]}})", "/headers/X", "string", "array"},
      {httplog + R"("headers":{},"redaction":@"yes"})", "/redaction", "boolean", "string"},
      {R"({"type":"webhook","shared_key":@7})", "/shared_key", "string", "number"},
      {R"({"type":"bitbucket","fetch_branches":@"true"})", "/fetch_branches", "boolean", "string"},
      {R"({"type":"bitbucket","fetch_branches":@1})", "/fetch_branches", "boolean", "number"},
      {R"({"type":"bitbucket","environment_init_resources":@3})", "/environment_init_resources",
       "string", "number"},
      {R"({"type":"bitbucket","app_credentials":@"key"})", "/app_credentials", "object", "string"},
      {R"({"type":"bitbucket","app_credentials":@["key"]})", "/app_credentials", "object", "array"},

      // Null where it is illegal.
      {R"({"type":"health.slack","channel":@null})", "/channel", "string", "null"},
      {R"({"type":"bitbucket","prune_branches":@null})", "/prune_branches", "boolean", "null"},
      {R"({"type":"bitbucket","environment_init_resources":@null})", "/environment_init_resources",
       "string", "null"},
      {R"({"type":"bitbucket","app_credentials":{"key":@null}})", "/app_credentials/key", "string",
       "null"},
      {R"({"type":"gitlab","base_url":@null})", "/base_url", "string", "null"},
      {R"({"type":"health.pagerduty","routing_key":@null})", "/routing_key", "string", "null"},
      {syslog + R"("port":@null})", "/port", "64-bit integer", "null"},
      {email + R"("recipients":@null})", "/recipients", "array", "null"},
      {httplog + R"("headers":@null})", "/headers", "object", "null"},
      {httplog + R"("headers":{"X":@null}})", "/headers/X", "string", "null"},

      // Missing.
      {R"({"type":"health.slack"@})", "/channel", "string", "missing"},
      {R"({ "type":"health.slack", "chanel":"c" @} )", "/channel", "string", "missing"},
      {R"({"type":"health.slack","x":{"channel":"c"}@})", "/channel", "string", "missing"},
      {R"({"x":1,"type":"health.slack"@})", "/channel", "string", "missing"},
      {R"({"role":"r","id":"i","type":"health.slack"@})", "/channel", "string", "missing"},
      {R"({"type":"bitbucket","app_credentials":{@}})", "/app_credentials/key", "string",
       "missing"},
      {R"({"type":"bitbucket","addon_credentials":{"addon_key":"a"@}})",
       "/addon_credentials/client_key", "string", "missing"},
      {blackfire + R"("environments_credentials":{"a":{"server_token":"t"@}}})",
       "/environments_credentials/a/server_uuid", "string", "missing"},
      {R"({"type":"health.email","from_address":null@})", "/recipients", "array", "missing"},
      {syslog + R"("x":1@})", "/port", "64-bit integer", "missing"},

      // Not that integer, not that timestamp.
      {syslog + R"("port":@1.5})", "/port", "64-bit integer", "number with a fraction"},
      {syslog + R"("port":@514.01})", "/port", "64-bit integer", "number with a fraction"},
      {syslog + R"("port":@15e-1})", "/port", "64-bit integer", "number with a fraction"},
      {syslog + R"("port":@1e-99999999999})", "/port", "64-bit integer", "number with a fraction"},
      {syslog + R"("port":@1e400})", "/port", "64-bit integer", "number out of range"},
      {syslog + R"("port":@-1E99999999999})", "/port", "64-bit integer", "number out of range"},
      {syslog + R"("port":@9223372036854775808.0})", "/port", "64-bit integer",
       "number out of range"},
      {syslog + R"("port":@9.3e18})", "/port", "64-bit integer", "number out of range"},
      {slack + R"("id":@1e400})", "/id", "string", "number out of range"},
      {slack + R"("id":@1e99999999999})", "/id", "string", "number out of range"},
      {syslog + R"("port":@9223372036854775808})", "/port", "64-bit integer",
       "number out of range"},
      {syslog + R"("port":@18446744073709551616 })", "/port", "64-bit integer",
       "number out of range"},
      {syslog + R"("port":@-9223372036854775809})", "/port", "64-bit integer",
       "number out of range"},
      {syslog + R"("port":@123456789012345678901234567890123456789012345678901234567890})", "/port",
       "64-bit integer", "number out of range"},
      {syslog + R"("port":@"514"})", "/port", "64-bit integer", "string"},
      {slack + R"("created_at":@"yesterday"})", "/created_at", "RFC 3339 timestamp",
       "another string"},
      {slack + R"("created_at":@""})", "/created_at", "RFC 3339 timestamp", "another string"},
      {slack + R"("updated_at":@"2026-02-29T00:00:00Z"})", "/updated_at", "RFC 3339 timestamp",
       "another string"},
      {slack + R"("updated_at":@"2026-01-01T00:00:00\u005a!"})", "/updated_at",
       "RFC 3339 timestamp", "another string"},

      // Twice.
      {slack + R"(@"channel":"c"})", "/channel", "a name used once", "the same name again"},
      {slack + R"(@"channel":null})", "/channel", "a name used once", "the same name again"},
      {slack + R"(@"ch\u0061nnel":"c"})", "/channel", "a name used once", "the same name again"},
      {slack + R"("id":1,"role":"r",@"id":2})", "/id", "a name used once", "the same name again"},
      {httplog + R"("headers":{"X":"a","x":"b",@"X":"c"}})", "/headers/X", "a name used once",
       "the same name again"},
      {R"({"type":"bitbucket","app_credentials":{"key":"a",@"key":"b"}})", "/app_credentials/key",
       "a name used once", "the same name again"},
  };
}

void expect_refused(const breach& b, decode_policy policy) {
  SCOPED_TRACE(b.json);
  std::optional<decode_mismatch> drift;
  const auto value = decode_integration(unmarked(b), {.policy = policy}, &drift);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error(), errc::decode_failed);
  EXPECT_EQ(value.error().phase(), upsun::phase::decode);
  ASSERT_NE(value.error().decode(), nullptr);
  EXPECT_EQ(*value.error().decode(), mismatch_of(b)) << value.error();
  EXPECT_EQ(drift, std::nullopt);
}

TEST(Contract, ABreachIsAnErrorThatNamesThePlace) {
  for (const auto& b : breaches()) expect_refused(b, decode_policy::strict);
}

TEST(Contract, ToleranceKeepsTheRawTextAndReportsTheDrift) {
  for (const auto& b : breaches()) {
    const std::string json = unmarked(b);
    std::optional<decode_mismatch> drift;
    const auto value = decode_integration(json, {.policy = decode_policy::tolerant}, &drift);
    ASSERT_TRUE(value) << b.json << value.error();
    EXPECT_EQ(std::get<upsun::unknown_settings>(value->settings).raw,
              json.substr(0, json.find_last_of('}') + 1))
        << b.json;
    EXPECT_TRUE(upsun::find_kind(value->type)) << b.json;
    EXPECT_EQ(drift, mismatch_of(b)) << b.json;
    EXPECT_EQ(std::get<upsun::unknown_settings>(value->settings).mismatch, drift) << b.json;
  }
}

TEST(Contract, ToleranceIsTheDefaultAndNeedsNoPlaceForTheDrift) {
  const auto value = decode_integration(R"( {"type":"health.slack","channel":5} )");
  const auto& settings = std::get<upsun::unknown_settings>(value.value().settings);
  EXPECT_EQ(settings.raw, R"({"type":"health.slack","channel":5})");
  EXPECT_EQ(settings.mismatch, (decode_mismatch{"/channel", "string", "number", 33}))
      << "the offset is that in the raw text";
}

TEST(Contract, AnUnknownKindHasNoMismatch) {
  const auto value = decode_integration(R"({"type":"new","channel":5})");
  EXPECT_EQ(std::get<upsun::unknown_settings>(value.value().settings).mismatch, std::nullopt);
}

TEST(Contract, ToleranceKeepsTheCommonMembersThatFit) {
  const auto value =
      decode_integration(
          R"({"id":"abc","created_at":"never","role":"admin","type":"health.slack","channel":5})",
          {.policy = decode_policy::tolerant})
          .value();
  EXPECT_EQ(value.id, "abc");
  EXPECT_EQ(value.role, "admin");
  EXPECT_EQ(value.type, "health.slack");
  EXPECT_EQ(value.created_at, std::nullopt);
}

TEST(Contract, ToleranceReportsNothingWhenNothingIsWrong) {
  std::optional<decode_mismatch> drift = decode_mismatch{"/left/over", "", "", 1};
  const auto value = decode_integration(R"({"type":"health.slack","channel":"c"})",
                                        {.policy = decode_policy::tolerant}, &drift);
  EXPECT_TRUE(std::holds_alternative<upsun::slack_settings>(value.value().settings));
  EXPECT_EQ(drift, std::nullopt);
}

TEST(Contract, ToleranceIsNotForWhatIsNoJson) {
  for (const char* json :
       {R"({"type":"health.slack","channel":5)", R"({"type":"health.slack","channel":5,})",
        R"({"type":"health.slack","channel":5} x)",
        R"({"type":"health.slack","channel":5,"x":[1,2})"}) {
    std::optional<decode_mismatch> drift;
    const auto value = decode_integration(json, {.policy = decode_policy::tolerant}, &drift);
    ASSERT_FALSE(value) << json;
    EXPECT_EQ(value.error(), errc::decode_failed) << json;
    EXPECT_EQ(drift, std::nullopt) << json;
  }
}

// Without one readable `type` there is nothing to go by, under either policy.
TEST(Contract, TheTypeIsRequiredOfEveryDocument) {
  const std::vector<breach> untyped = {
      {"{@}", "/type", "string", "missing"},
      {R"({"channel":"c","x":{"type":"health.slack"}@})", "/type", "string", "missing"},
      {R"({"type":@null,"channel":"c"})", "/type", "string", "null"},
      {R"({"type":@5})", "/type", "string", "number"},
      {R"({"type":@["health.slack"]})", "/type", "string", "array"},
      {R"({"type":@{"name":"health.slack"}})", "/type", "string", "object"},
      {R"({"type":@true})", "/type", "string", "boolean"},
      {R"({"type":"new",@"type":"newer"})", "/type", "a name used once", "the same name again"},
      {R"({"type":"health.slack","channel":"c",@"type":"health.slack"})", "/type",
       "a name used once", "the same name again"},
      {R"({"type":"health.slack","channel":"c",@"\u0074ype":"webhook"})", "/type",
       "a name used once", "the same name again"},
      {R"({"t\u0079pe":"health.slack","channel":"c",@"type":"webhook"})", "/type",
       "a name used once", "the same name again"},
      {R"(@[])", "", "object", "array"},
      {R"( @[{"type":"health.slack","channel":"c"}])", "", "object", "array"},
      {R"(@"health.slack")", "", "object", "string"},
      {R"(@5)", "", "object", "number"},
      {R"(@-5.5 )", "", "object", "number"},
      {R"(  @true)", "", "object", "boolean"},
      {R"(@null)", "", "object", "null"},
  };
  for (const auto& b : untyped) {
    expect_refused(b, decode_policy::strict);
    expect_refused(b, decode_policy::tolerant);
  }
}

/// What the document says is required of a kind, and what older or other servers leave out
/// nevertheless.
bool is_left_out(std::string_view kind, std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> members[] = {
      {"", "id"},
      {"", "role"},
      {"", "created_at"},
      {"", "updated_at"},
      {"cdn.fastly", "tls_certificates"},
      {"github", "base_url"},
      {"gitlab", "token_expires_at"},
      {"gitlab", "rotate_token"},
      {"gitlab", "rotate_token_validity_in_weeks"},
      {"health.email", "from_address"},
      {"webhook", "shared_key"},
  };
  return std::any_of(std::begin(members), std::end(members), [&](const auto& each) {
    return (each.first.empty() || each.first == kind) && each.second == name;
  });
}

TEST(Contract, EveryRequiredMemberOfEveryKindIsMissedAndNoOther) {
  for (const auto kind : upsun::kind_names) {
    const boost::json::object full = boost::json::parse(fixture(kind, "full")).as_object();
    const boost::json::object minimal = boost::json::parse(fixture(kind, "minimal")).as_object();
    for (const auto& member : full) {
      boost::json::object without = full;
      without.erase(member.key());
      const std::string name = member.key();
      const auto value =
          decode_integration(boost::json::serialize(without), {.policy = decode_policy::strict});
      const bool required = minimal.contains(name) && !is_left_out(kind, name);
      ASSERT_EQ(value.has_value(), !required) << kind << " without " << name;
      if (required) {
        EXPECT_EQ(value.error().decode()->pointer, '/' + name) << kind;
        EXPECT_EQ(value.error().decode()->found, "missing") << kind;
      }
    }
  }
}

TEST(Contract, EveryMemberOfEveryKindRefusesAnotherType) {
  for (const auto kind : upsun::kind_names) {
    const boost::json::object full = boost::json::parse(fixture(kind, "full")).as_object();
    for (const auto& member : full) {
      boost::json::object changed = full;
      // A number where none is (an id may be one), an array where there is a number or an id.
      changed[member.key()] = member.value().is_number() || member.key() == "id"
                                  ? boost::json::value(boost::json::array())
                                  : boost::json::value(7);
      const auto value =
          decode_integration(boost::json::serialize(changed), {.policy = decode_policy::strict});
      ASSERT_FALSE(value) << kind << ": " << member.key();
      EXPECT_EQ(value.error().decode()->pointer, '/' + std::string(member.key())) << kind;
    }
  }
}

TEST(Contract, ErrorTextsHoldNoValueOfTheDocument) {
  const std::string documents[] = {
      R"({"type":"health.pagerduty","routing_key":["planted-secret"]})",
      R"({"type":"httplog","headers":{"Authorization":{"planted-secret":1}}})",
      R"({"type":"webhook","shared_key":"planted-secret","url":7})",
      R"({"type":"health.pagerduty","routing_key":"planted-secret)",
      R"({"type":"health.pagerduty","routing_key":planted-secret})",
      R"({"type":"health.pagerduty","routing_key":"planted-secret","created_at":"planted-secret"})",
      R"({"type":"planted-secret","type":"planted-secret"})",
      R"("planted-secret")",
  };
  for (const auto& json : documents) {
    const auto value = decode_integration(json, {.policy = decode_policy::strict});
    ASSERT_FALSE(value) << json;
    std::ostringstream out;
    out << value.error() << ' ' << value.error().details().cause << ' '
        << value.error().decode()->pointer << ' ' << value.error().decode()->expected << ' '
        << value.error().decode()->found;
    EXPECT_EQ(out.str().find("planted-secret"), std::string::npos) << out.str();
  }
}

TEST(Contract, TheCauseIsOneClearLine) {
  const upsun::decode_options strict{.policy = decode_policy::strict};
  EXPECT_EQ(
      decode_integration(R"({"type":"health.slack","channel":12})", strict).error().details().cause,
      "/channel: expected string, found number, at byte 33");
  EXPECT_EQ(decode_integration("[]", strict).error().details().cause,
            "document: expected object, found array, at byte 0");
  const std::string hostile =
      R"({"type":"httplog","headers":{"a\nb\u001b)" + std::string(5000, 'x') + R"(":1}})";
  const auto cause = decode_integration(hostile, strict).error().details().cause;
  EXPECT_EQ(cause.find_first_of("\n\x1b"), std::string::npos);
  EXPECT_LT(cause.size(), 400U);
}

// What the public document gained within a year, or never had in its samples.
TEST(Contract, DocumentsOfOlderServersDecode) {
  const std::string hook =
      R"("events":["*"],"environments":["*"],"excluded_environments":[],"states":["complete"],"result":"*")";
  const std::string source =
      R"("fetch_branches":true,"prune_branches":true,"environment_init_resources":"parent")";
  const std::string documents[] = {
      R"({"type":"cdn.fastly","service_id":"s",)" + hook + "}",
      R"({"type":"gitlab","base_url":"u","project":"p","build_merge_requests":true,)"
      R"("build_wip_merge_requests":true,"merge_requests_clone_parent_data":true,)" +
          source + "}",
      R"({"type":"bitbucket","repository":"r","build_pull_requests":true,"resync_pull_requests":true,)"
      R"("pull_requests_clone_parent_data":true,)" +
          source + "}",
      R"({"type":"github","repository":"r","build_pull_requests":true,"token_type":"github_app",)"
      R"("build_draft_pull_requests":true,"build_pull_requests_post_merge":true,)"
      R"("pull_requests_clone_parent_data":true,)" +
          source + "}",
      R"({"type":"health.email","recipients":["#admins"]})",
      R"({"type":"webhook","url":"u",)" + hook + "}",
  };
  for (const std::string& json : documents) {
    const auto value = decode_integration(json, {.policy = decode_policy::strict});
    ASSERT_TRUE(value) << json << value.error();
    EXPECT_EQ(decode_integration(encode_integration(*value)).value(), *value) << json;
  }
}

}  // namespace contract_test
