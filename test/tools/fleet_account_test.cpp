#include "upsun-integrations/fleet_account.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <sstream>

namespace {

using namespace upsun::tool;
using upsun::errc;
using upsun::fleet_report;
using upsun::unread_part;
using upsun::unread_reason;

unread_part part(unread_reason reason, errc why) {
  return {.reason = reason,
          .why = why,
          .organization_id = "01",
          .organization_name = "acme",
          .project_id = "p",
          .project_title = "Shop"};
}

fleet_account of(std::vector<unread_part> parts) {
  fleet_account account;
  for (const unread_part& each : parts) {
    switch (each.reason) {
      case unread_reason::forbidden: ++account.report.forbidden; break;
      case unread_reason::not_found: ++account.report.not_found; break;
      case unread_reason::suspended: ++account.report.suspended; break;
      case unread_reason::failed: ++account.report.failed; break;
    }
  }
  account.report.unread = std::move(parts);
  return account;
}

TEST(FleetAccount, SetsTheExitStatusByTheWorst) {
  EXPECT_EQ(exit_status_of(of({})), exit_status::fine);
  EXPECT_EQ(exit_status_of(of({part(unread_reason::forbidden, errc::forbidden)})),
            exit_status::incomplete);
  EXPECT_EQ(exit_status_of(of({part(unread_reason::not_found, errc::not_found)})),
            exit_status::incomplete);
  EXPECT_EQ(exit_status_of(of({part(unread_reason::suspended, errc::forbidden)})),
            exit_status::incomplete);
  EXPECT_EQ(exit_status_of(of({part(unread_reason::forbidden, errc::forbidden),
                               part(unread_reason::failed, errc::attempt_timeout)})),
            exit_status::timeout);
  fleet_account stopped = of({part(unread_reason::failed, errc::server_error)});
  EXPECT_EQ(exit_status_of(stopped), exit_status::failed);
  stopped.report.stopped_by = errc::cancelled;
  EXPECT_EQ(exit_status_of(stopped), exit_status::interrupted);
  fleet_account broken;
  broken.report.broken = 1;
  EXPECT_EQ(exit_status_of(broken), exit_status::failed);
  fleet_account unnamed;
  unnamed.report.failed = 1;
  EXPECT_EQ(exit_status_of(unnamed), exit_status::failed);
}

TEST(FleetAccount, SaysInALineWhatWasSeen) {
  fleet_account account = of({part(unread_reason::forbidden, errc::forbidden)});
  account.report.organizations = 1;
  account.report.projects = 12;
  account.report.integrations = 30;
  account.took = std::chrono::milliseconds(1250);
  EXPECT_EQ(summary_of(account),
            "1 organization, 12 projects, 30 integrations in 1.2 s; not read: 1 forbidden");
  account = {};
  account.report.shared = 2;
  account.report.projects = 3;
  account.report.projects_left_out = 1;
  EXPECT_EQ(summary_of(account),
            "0 organizations, 3 projects (2 shared), 0 integrations in 0.0 s; left out: 1 project, "
            "0 integrations");
}

TEST(FleetAccount, SaysHowFarAStoppedWalkCame) {
  fleet_account account;
  account.report.projects = 3;
  account.projects_found = 10;
  EXPECT_EQ(summary_of(account), "0 organizations, 3 projects, 0 integrations in 0.0 s");
  account.report.stopped_by = errc::cancelled;
  EXPECT_EQ(summary_of(account), "0 organizations, 3 of 10 projects, 0 integrations in 0.0 s");
  EXPECT_EQ(to_json(account).at("projects_found"), 10);
  account.report.stopped_by = {};
  EXPECT_EQ(to_json(account).at("projects_found"), 3) << "at the end it is known";
}

TEST(FleetAccount, NamesWhatCouldNotBeRead) {
  fleet_account account = of({part(unread_reason::not_found, errc::not_found)});
  account.report.unread.push_back(
      {.reason = unread_reason::forbidden, .why = errc::forbidden, .organization_id = "02"});
  account.report.forbidden = 3;
  account.broken.push_back(part(unread_reason::failed, errc::decode_failed));
  account.report.broken = 1;
  std::ostringstream out;
  unread_of(account).print(out);
  EXPECT_EQ(out.str(),
            "NOT READ    ORGANIZATION  PROJECT  TITLE                   WHY\n"
            "not found   acme          p        Shop                    not found\n"
            "forbidden   02                     (the list of projects)  access is forbidden\n"
            "broken      acme          p        Shop                    "
            "the document is not what was expected\n"
            "and 2 more\n");
  EXPECT_TRUE(unread_of({}).empty());
  const auto document = unread_to_json(account);
  EXPECT_EQ(document.at(0).at("reason"), "not_found");
  EXPECT_EQ(document.at(0).at("exit_status"), 3);
  EXPECT_EQ(boost::json::serialize(document.at(1).at("project")), R"({"id":null,"title":null})");
  EXPECT_EQ(boost::json::serialize(document.at(2).at("organization")),
            R"({"id":"01","name":"acme"})");
}

}  // namespace
