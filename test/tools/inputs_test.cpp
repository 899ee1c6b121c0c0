#include "upsun-integrations/inputs.hpp"

#include <gtest/gtest.h>

#include <map>

#include <upsun/model/kinds.hpp>

#include "codec/encode.hpp"
#include "upsun-integrations/exit_status.hpp"
#include "upsun-integrations/read_member.hpp"

namespace {

using namespace upsun::tool;

std::size_t kind(std::string_view name) { return *upsun::find_kind(name); }

given_members changes(std::initializer_list<member_change> all) {
  return {.document = {}, .changes = all};
}
given_members document(std::string json) { return {.document = std::move(json), .changes = {}}; }

std::string created(std::string_view kind_name, const given_members& given) {
  return upsun::codec::encode_input(make_input(kind(kind_name), given)).value();
}
std::string patched(std::string_view kind_name, const given_members& given) {
  return upsun::codec::encode_patch(make_patch(kind(kind_name), given)).value();
}

std::string refusal(std::string_view kind_name, const given_members& given) {
  try {
    (void)make_input(kind(kind_name), given);
  } catch (const usage_error& e) {
    return e.what();
  }
  return "";
}

TEST(Inputs, ReadTextAsTheMembersTypeSays) {
  EXPECT_EQ(
      created("syslog", changes({{"port", "514"},
                                 {"tls_verify", "true"},
                                 {"excluded_services", "a,b"},
                                 {"extra", R"({"k":"v"})"},
                                 {"protocol", "udp"}})),
      R"({"type":"syslog","extra":{"k":"v"},"tls_verify":true,"excluded_services":["a","b"],"port":514,"protocol":"udp"})");
  EXPECT_EQ(created("webhook", changes({{"url", "[1]"}, {"events", R"(["a,b"])"}, {"states", ""}})),
            R"({"type":"webhook","events":["a,b"],"states":[],"url":"[1]"})");
}

TEST(Inputs, GatherTheEntriesOfAnObject) {
  EXPECT_EQ(
      created(
          "httplog",
          changes({{"url", "u"}, {"headers.A", "1"}, {"headers.B.c", "2"}, {"headers.A", "3"}})),
      R"({"type":"httplog","url":"u","headers":{"A":"3","B.c":"2"}})");
}

TEST(Inputs, ReadJsonAsItIs) {
  EXPECT_EQ(
      created("syslog",
              document(R"({"type":"syslog","port":514,"tls_verify":false,"extra":{"k":"v"}})")),
      R"({"type":"syslog","extra":{"k":"v"},"tls_verify":false,"port":514})");
}

TEST(Inputs, PutChangesOverTheDocument) {
  given_members given = document(R"({"url":"a","headers":{"A":"1","B":"2"}})");
  given.changes = {{"url", "b"}, {"headers.B", "3"}};
  EXPECT_EQ(created("httplog", given),
            R"({"type":"httplog","url":"b","headers":{"A":"1","B":"3"}})");
}

TEST(Inputs, PassOverWhatTheServerSetsInADocument) {
  EXPECT_EQ(
      created(
          "sumologic",
          document(
              R"({"id":"i","created_at":null,"updated_at":null,"type":"sumologic","role":"","_links":{},"url":"u"})")),
      R"({"type":"sumologic","url":"u"})");
  EXPECT_EQ(patched("gitlab", document(R"({"token_expires_at":null,"project":"p"})")),
            R"({"project":"p"})");
}

TEST(Inputs, OfEveryKindDemandWhatTheirConstructorsTake) {
  const std::map<std::string_view, std::string> demanded{
      {"bitbucket", "repository"},
      {"bitbucket_server", "url, username, token, project, repository"},
      {"blackfire", ""},
      {"cdn.fastly", "token, service_id"},
      {"github", "token, repository"},
      {"gitlab", "token, project"},
      {"health.email", "recipients"},
      {"health.pagerduty", "routing_key"},
      {"health.slack", "token, channel"},
      {"health.webhook", "url"},
      {"httplog", "url"},
      {"newrelic", "url, license_key"},
      {"otlplog", "url"},
      {"script", "script"},
      {"splunk", "url, index, token"},
      {"sumologic", "url"},
      {"syslog", ""},
      {"webhook", "url"},
  };
  for (const std::string_view name : upsun::kind_names) {
    const std::string expected =
        demanded.at(name).empty() ? "" : std::string(name) + " needs " + demanded.at(name);
    EXPECT_EQ(refusal(name, {}), expected);
    std::size_t required = 0;
    for (const member_description& each : describe_members(kind(name)))
      required += each.required ? 1 : 0;
    EXPECT_EQ(required, expected.empty() ? 0
                                         : 1 + static_cast<std::size_t>(std::count(
                                                   expected.begin(), expected.end(), ',')))
        << name;
  }
}

TEST(Inputs, AreRefusedWithTheMembersNameAndWithoutItsValue) {
  EXPECT_EQ(refusal("syslog", changes({{"port", "5x"}})), "port must be an integer");
  EXPECT_EQ(refusal("syslog", changes({{"port", ""}})), "port must be an integer");
  EXPECT_EQ(refusal("syslog", changes({{"redaction", "yes"}})), "redaction must be true or false");
  EXPECT_EQ(refusal("health.pagerduty", changes({{"routing_key", "***"}})),
            "routing_key must be the secret itself, not what hides it; see --show-secrets");
  EXPECT_EQ(refusal("health.pagerduty", document(R"({"routing_key":5})")),
            "routing_key must be a text");
  EXPECT_EQ(refusal("health.email", document(R"({"recipients":["a",1]})")),
            "recipients[1] must be a text");
  EXPECT_EQ(refusal("health.email", changes({{"recipients", "[\"a\""}})),
            "recipients must be JSON when it begins with a bracket");
  EXPECT_EQ(refusal("httplog", document(R"({"url":"u","headers":{"A":1}})")),
            "headers.A must be a text");
  EXPECT_EQ(refusal("bitbucket", document(R"({"repository":"r","app_credentials":{"key":"k"}})")),
            "app_credentials.secret is missing");
  EXPECT_EQ(
      refusal("bitbucket",
              document(R"({"repository":"r","app_credentials":{"key":"k","secret":"s","x":"y"}})")),
      "app_credentials has a member too many");
  EXPECT_EQ(refusal("webhook", document(R"({"url":null})")), "webhook needs url");
}

TEST(Inputs, PatchesSendNullAsNull) {
  EXPECT_EQ(patched("webhook", changes({{"shared_key", std::nullopt}, {"url", "u"}})),
            R"({"shared_key":null,"url":"u"})");
}

TEST(Inputs, PatchesThatChangeNothingAreRefused) {
  EXPECT_THROW((void)make_patch(kind("webhook"), document(R"({"id":"i"})")), usage_error);
}

TEST(Inputs, TakeTheKindFromTheDocumentWhenNoneIsNamed) {
  EXPECT_EQ(kind_of("", document(R"({"type":"gitlab"})")), kind("gitlab"));
  EXPECT_EQ(kind_of("github", document(R"({"type":"gitlab"})")), kind("github"));
  EXPECT_THROW((void)kind_of("", document(R"({"type":1})")), usage_error);
  EXPECT_THROW((void)kind_of("GitHub", {}), usage_error);
}

}  // namespace
