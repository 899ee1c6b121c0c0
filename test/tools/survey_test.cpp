#include "upsun-integrations/survey.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <sstream>

namespace {

using namespace std::chrono_literals;
using namespace upsun::tool;

const upsun::timestamp now = std::chrono::sys_days(2026y / 12 / 1);
const upsun::fleet_project shop{.id = "p1",
                                .title = "R&D <beta>",
                                .organization_id = "01",
                                .organization_name = "acme",
                                .organization_label = "Acme \"Labs\""};
const upsun::fleet_project shared{.id = "p2", .organization_id = "02", .shared = true};

upsun::integration gitlab(const std::string& id, std::optional<upsun::timestamp> expires) {
  upsun::gitlab_settings settings;
  settings.token_expires_at = expires;
  settings.project = "acme/" + id;
  return {.id = id, .type = "gitlab", .settings = settings};
}

upsun::integration webhook(const std::string& id) {
  return {.id = id, .type = "webhook", .settings = upsun::webhook_settings()};
}

survey made() {
  survey seen{.now = now, .days = 30, .validated = true};
  seen.count(shop, gitlab("later", now + 30 * 24h));
  seen.count(shop, gitlab("too-late", now + 30 * 24h + 1us));
  seen.count(shop, gitlab("expired", now - 1h));
  seen.count(shared, gitlab("never", std::nullopt));
  seen.count(shop, webhook("w"));
  seen.add_invalid(shop, webhook("w"), {.valid = false, .problems = {{"url", "<script>"}}});
  seen.finish();
  return seen;
}

TEST(Survey, CountsByKindAndOrganization) {
  const survey seen = made();
  EXPECT_EQ(seen.kinds, (std::map<std::string, std::size_t>{{"gitlab", 4}, {"webhook", 1}}));
  EXPECT_EQ(seen.organizations.at("01").integrations, 4u);
  EXPECT_EQ(seen.organizations.at("02").kinds.at("gitlab"), 1u);
  const auto document = to_json(seen, {});
  EXPECT_EQ(boost::json::serialize(document.at("kinds")), R"({"gitlab":4,"webhook":1})");
  EXPECT_EQ(document.at("organizations").at(0).at("label"), "Acme \"Labs\"");
}

TEST(Survey, NamesTokensThatExpireSoonTheEarliestFirst) {
  const survey seen = made();
  ASSERT_EQ(seen.tokens.size(), 2u);
  EXPECT_EQ(seen.tokens[0].of.id, "expired");
  EXPECT_EQ(seen.tokens[1].of.id, "later");
}

TEST(Survey, OfNothingSaysSo) {
  survey seen{.now = now, .validated = true};
  seen.finish();
  std::ostringstream out;
  print(seen, out, 0);
  EXPECT_NE(out.str().find("within 30 days: none"), std::string::npos);
  EXPECT_NE(out.str().find("fail validation: none"), std::string::npos);
  EXPECT_NE(html_of(seen, {}).find("<p>None.</p>"), std::string::npos);
}

TEST(Survey, AsAPageEscapesAllText) {
  fleet_account account;
  account.report.stopped_by = upsun::errc::cancelled;
  account.report.unread.push_back({.project_id = "<i>", .project_title = "&\x01"});
  const std::string page = html_of(made(), account);
  for (const char* raw : {"<beta>", "<script>", "<i>", "R&D", "\"Labs\"", "\x01"})
    EXPECT_EQ(page.find(raw), std::string::npos) << raw;
  for (const char* escaped : {"R&amp;D &lt;beta&gt;", "url: &lt;script&gt;", "&lt;i&gt;",
                              "Acme &quot;Labs&quot;", "&amp;\\x01", "Incomplete: "})
    EXPECT_NE(page.find(escaped), std::string::npos) << escaped;
}

TEST(Survey, AsAPageNeedsNothingElse) {
  const std::string page = html_of(made(), {});
  for (const char* outside : {"http://", "https://", "src=", "url(", "@import", "<script", "<link"})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_NE(page.find("<svg"), std::string::npos);
}

TEST(Survey, SaysWhatIsWrongInALine) {
  EXPECT_EQ(complaint_of({.problems = {{"url", "Gone"}, {"", "Also\nthis"}}, .message = "Bad."}),
            "Bad.; url: Gone; Also this");
}

}  // namespace
