#include <gtest/gtest.h>

#include <chrono>
#include <locale>
#include <sstream>
#include <string>

#include <upsun/model/kinds.hpp>
#include <upsun/model/organization.hpp>

namespace print_test {

using namespace std::chrono_literals;

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(Print, NamesEveryMemberOnOneLine) {
  upsun::integration value{.id = "abc",
                           .created_at = std::chrono::sys_days(2026y / 1 / 2) + 3h,
                           .type = "health.email",
                           .role = ""};
  value.settings = upsun::email_settings{.recipients = {"#admins", "ops@acme.example"}};
  EXPECT_EQ(
      printed(value),
      R"({id: "abc", created_at: 2026-01-02T03:00:00.000000+00:00, updated_at: null, type: "health.email", role: "", )"
      R"(settings: {from_address: null, recipients: ["#admins", "ops@acme.example"]}})");
}

TEST(Print, NamesMembersAsTheApiDoes) {
  const std::string text = printed(upsun::organization{.id = "o", .namespace_ = "ns"});
  EXPECT_NE(text.find(R"(, namespace: "ns", )"), std::string::npos) << text;
}

struct grouping : std::numpunct<char> {
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Print, WritesNumbersAlikeInEveryLocaleAndWithEveryFlag) {
  upsun::syslog_settings settings;
  settings.port = 65535;
  std::ostringstream out;
  out.imbue(std::locale(std::locale::classic(), new grouping));
  out << std::hex << std::showpos << settings;
  EXPECT_NE(out.str().find("port: 65535"), std::string::npos) << out.str();
}

TEST(Print, ShowsBasesMapsNumbersAndEnums) {
  upsun::syslog_settings settings;
  settings.extra = {{"a", "1"}, {"b", "2"}};
  settings.tls_verify = true;
  settings.redaction = false;
  settings.host = "h";
  settings.port = 514;
  settings.protocol = upsun::open_enum<upsun::syslog_protocol>(std::string("quic"));
  settings.facility = -1;
  EXPECT_EQ(
      printed(settings),
      R"({extra: {"a": "1", "b": "2"}, tls_verify: true, excluded_services: [], redaction: false, host: "h", port: 514, protocol: "quic", )"
      R"(facility: -1, message_format: "rfc3164"})");
}

TEST(Print, ShowsOfUnknownSettingsTheirSizeAndWhyTheyAre) {
  upsun::unknown_settings settings{.raw = std::string(1234, 'x')};
  EXPECT_EQ(printed(settings), "{raw: [1234 bytes]}");
  settings.mismatch = upsun::decode_mismatch{"/a\n", "string", "number", 7};
  EXPECT_EQ(printed(settings),
            R"({raw: [1234 bytes], mismatch: "/a\x0a: expected string, found number"})");
  EXPECT_EQ(settings, upsun::unknown_settings{std::string(1234, 'x')}) << "it is of the text";
}

TEST(Print, ShowsNestedObjects) {
  upsun::bitbucket_settings settings;
  settings.app_credentials = {"k"};
  EXPECT_NE(printed(settings).find(R"(app_credentials: {key: "k"}, addon_credentials: null)"),
            std::string::npos)
      << printed(settings);
}

TEST(Print, NeverShowsASecret) {
  const upsun::secret planted("planted-secret");
  upsun::webhook_settings webhook;
  webhook.shared_key = planted;
  upsun::httplog_settings httplog;
  httplog.headers = {{"Authorization", planted}};
  upsun::otlplog_settings otlplog;
  otlplog.headers = {{"api-key", planted}};
  const upsun::integration_settings all[] = {
      webhook,
      httplog,
      otlplog,
      upsun::pagerduty_settings{planted},
      upsun::blackfire_settings{.environments_credentials = {{"main", {"uuid", planted}}}},
      upsun::unknown_settings{R"({"type":"new","key":"planted-secret"})"}};
  for (const auto& settings : all) {
    const std::string text = printed(upsun::integration{.settings = settings});
    EXPECT_EQ(text.find("planted-secret"), std::string::npos) << text;
    EXPECT_NE(text.find('['), std::string::npos) << text;
  }
  EXPECT_EQ(printed(planted), "[redacted]");
  EXPECT_NE(printed(httplog).find(R"(headers: {"Authorization": [redacted]})"), std::string::npos);
}

TEST(Print, ShowsTheSizeOfAnUnknownKind) {
  EXPECT_EQ(printed(upsun::unknown_settings{"{}"}), "{raw: [2 bytes]}");
}

TEST(Print, KeepsForeignTextWithinItsQuotesAndOnItsLine) {
  EXPECT_EQ(printed(upsun::slack_settings{"a\"b\\c\nd\x1b[31m\x7f"}),
            R"({channel: "a\"b\\c\x0ad\x1b[31m\x7f"})");
  EXPECT_EQ(printed(upsun::slack_settings{"caf\xc3\xa9"}), "{channel: \"caf\xc3\xa9\"}");
}

TEST(Print, WorksForEveryKind) {
  for (std::size_t i = 0; i < upsun::kind_count; ++i) {
    const std::string text = printed(upsun::integration{.settings = upsun::make_settings(i)});
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.back(), '}');
  }
}

}  // namespace print_test
