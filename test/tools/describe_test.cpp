#include "upsun-integrations/describe.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace {

using namespace upsun::tool;

upsun::error refused() {
  upsun::error_details details;
  details.status = 400;
  details.server = upsun::server_message{
      .message = "Not valid.", .code = "400", .fields = {{"url", "Required"}, {"", "Also this"}}};
  return {upsun::errc::bad_request, std::move(details)};
}

TEST(Describe, AnErrorWithTheServersWordsAndEachMemberOnALine) {
  const std::string text = describe(refused());
  EXPECT_NE(text.find("\n  the server says: Not valid.\n  url: Required\n  Also this"),
            std::string::npos)
      << text;
}

TEST(Describe, AnErrorWithWhatToDo) {
  EXPECT_NE(describe(upsun::errc::deadline_exceeded).find("--timeout"), std::string::npos);
}

TEST(Describe, AnErrorAsJson) {
  const auto document = to_json(refused());
  EXPECT_EQ(document.at("code"), "bad_request");
  EXPECT_EQ(document.at("status"), 400);
  EXPECT_EQ(document.at("exit_status"), 5);
  EXPECT_EQ(boost::json::serialize(document.at("server").at("fields")),
            R"({"url":"Required","":"Also this"})");
  EXPECT_FALSE(to_json(upsun::error(upsun::errc::connect_failed)).as_object().contains("status"));
}

TEST(Describe, AVerdictAsJson) {
  EXPECT_EQ(
      boost::json::serialize(to_json(upsun::validation{
          .valid = false, .problems = {{"url", "a"}, {"key", "b"}, {"url", "c"}}, .message = "m"})),
      R"({"valid":false,"message":"m","problems":{"url":"a; c","key":"b"}})");
}

TEST(Describe, PropertiesAsPeopleReadThem) {
  upsun::otlplog_settings logs;
  logs.url = "u";
  logs.extra = {{"a", "1"}, {"b", "2"}};
  logs.excluded_services = {"app", "db"};
  const properties all = properties_of({.id = "i", .type = "otlplog", .settings = logs});
  const auto value = [&](std::string_view name) -> std::string {
    for (const auto& [key, text] : all) {
      if (key == name) return text;
    }
    return "missing";
  };
  EXPECT_EQ(value("id"), "i");
  EXPECT_EQ(value("extra"), "a: 1\nb: 2");
  EXPECT_EQ(value("excluded_services"), "app, db");
  EXPECT_EQ(value("tls_verify"), "false");
}

TEST(Describe, AnUnknownKindAsItsTextCame) {
  const std::string deep = std::string(60, '[') + std::string(60, ']');
  const std::string raw = R"({ "type":"new", "n":1e400,"big":123456789012345678901234567890,"x":)" +
                          deep + R"(,"odd":"\udce9","text":"a\nb","none":null,"_links":{}})";
  const upsun::integration value{.type = "new", .settings = upsun::unknown_settings{raw}};
  EXPECT_EQ(to_json(value), raw);
  upsun::accepted_change change;
  change.status = "created";
  change.code = 201;
  change.entity = value;
  EXPECT_EQ(to_json(change),
            R"({"entity":)" + raw + R"(,"status":"created","code":201,"activities":[]})");
  EXPECT_EQ(properties_of(value), (properties{{"type", "new"},
                                              {"n", "1e400"},
                                              {"big", "123456789012345678901234567890"},
                                              {"x", deep},
                                              {"odd", R"("\udce9")"},
                                              {"text", "a\nb"},
                                              {"none", "-"}}));
}

TEST(Describe, WhyAnIntegrationIsShownAsText) {
  upsun::integration value{.type = "new", .settings = upsun::unknown_settings{"{}"}};
  EXPECT_EQ(why_unknown(value), "this version does not know the kind 'new'");
  value.settings =
      upsun::unknown_settings{"{}", upsun::decode_mismatch{"/channel", "string", "number", 12}};
  EXPECT_EQ(why_unknown(value),
            "this version cannot read the settings: /channel: expected string, found number");
  value.settings = upsun::slack_settings();
  EXPECT_EQ(why_unknown(value), "");
}

TEST(Describe, TargetsByWhatDistinguishesAKindsIntegrations) {
  upsun::bitbucket_server_settings server;
  server.project = "P";
  server.repository = "r";
  EXPECT_EQ(target_of({.type = "bitbucket_server", .settings = server}), "P/r");
  EXPECT_EQ(target_of({.type = "health.email",
                       .settings = upsun::email_settings{.recipients = {"a", "b"}}}),
            "a, b");
  EXPECT_EQ(target_of({.type = "new", .settings = upsun::unknown_settings{R"({"url":"***"})"}}),
            "");
}

TEST(Describe, TimesToTheSecond) {
  EXPECT_EQ(short_time(upsun::parse_timestamp("2026-12-13T16:06:08.081312+00:00")),
            "2026-12-13T16:06:08Z");
  EXPECT_EQ(short_time(std::nullopt), "-");
}

}  // namespace
