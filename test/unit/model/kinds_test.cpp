#include <gtest/gtest.h>

#include <set>
#include <string>

#include <upsun/model/kinds.hpp>

namespace kinds_test {

TEST(Kinds, AreTheEighteenOfTheApi) {
  const std::set<std::string_view> expected{
      "bitbucket",    "bitbucket_server", "blackfire",    "cdn.fastly",     "github",  "gitlab",
      "health.email", "health.pagerduty", "health.slack", "health.webhook", "httplog", "newrelic",
      "otlplog",      "script",           "splunk",       "sumologic",      "syslog",  "webhook"};
  EXPECT_EQ(std::set(upsun::kind_names.begin(), upsun::kind_names.end()), expected);
  EXPECT_EQ(upsun::kind_count, 18U);
}

TEST(Kinds, AreFoundByTheirNames) {
  for (std::size_t i = 0; i < upsun::kind_count; ++i)
    EXPECT_EQ(upsun::find_kind(upsun::kind_names[i]), i);
}

TEST(Kinds, AreFoundByTheirExactNamesOnly) {
  for (const char* name : {"", "Bitbucket", "GITHUB", "health", "health.", "email", "bitbucket ",
                           "bitbucket_", "hipchat", "otlp", "fastly"}) {
    EXPECT_EQ(upsun::find_kind(name), std::nullopt) << name;
  }
}

TEST(Kinds, MakeTheirOwnSettings) {
  for (std::size_t i = 0; i < upsun::kind_count; ++i) EXPECT_EQ(upsun::make_settings(i).index(), i);
  EXPECT_TRUE(std::holds_alternative<upsun::syslog_settings>(
      upsun::make_settings(upsun::find_kind("syslog").value())));
}

TEST(Integration, StartsWithoutAKind) {
  EXPECT_TRUE(std::holds_alternative<upsun::unknown_settings>(upsun::integration().settings));
}

TEST(Integration, ItsSourceKindsShareABase) {
  std::size_t sources = 0;
  for (std::size_t i = 0; i < upsun::kind_count; ++i) {
    sources += std::visit(
        [](const auto& s) {
          return std::is_base_of_v<upsun::source_settings, std::remove_cvref_t<decltype(s)>> ? 1U
                                                                                             : 0U;
        },
        upsun::make_settings(i));
  }
  EXPECT_EQ(sources, 4U);
}

}  // namespace kinds_test
