#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

#include "integration/harness.hpp"
#include "support/sanitizers.hpp"

namespace upsun::testing {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

/// Projects to walk over; a sanitizer makes each many times slower.
#ifdef UPSUN_UNDER_SANITIZER
constexpr std::size_t most_projects = 1'000;
#else
constexpr std::size_t most_projects = 5'000;
#endif

/// What a handler has seen.
struct seen {
  std::map<std::string, std::size_t> by_kind{};
  std::map<std::string, std::size_t> by_organization{};
  std::set<std::string> ids{};  // of projects and integrations
  std::set<std::string> failed_projects{};
  std::size_t integrations = 0;
  std::size_t broken = 0;

  void add(const fleet_project& of, const result<integration>& got) {
    if (got) {
      ++integrations;
      ++by_kind[got->type];
      ++by_organization[of.organization_id];
      EXPECT_TRUE(ids.insert(of.id + "/" + got->id.value_or("")).second) << "handed on twice";
    } else if (got.error() == condition::decode) {
      ++broken;
    } else {
      EXPECT_TRUE(failed_projects.insert(of.id).second) << of.id << " failed twice";
    }
  }
};

sandbox_options with(const sandbox_fleet& fleet) {
  sandbox_options options;
  options.fleet = fleet;
  options.http = http_version::automatic;
  options.threads = 2;
  return options;
}

client_config walking_config(const sandbox& server) {
  client_config config = config_for(server);
  return config;
}

std::set<std::string> ids_of(const fleet_report& report, unread_reason reason) {
  std::set<std::string> ids;
  for (const unread_part& each : report.unread) {
    if (each.reason == reason)
      ids.insert(each.project_id.empty() ? each.organization_id : each.project_id);
  }
  return ids;
}

std::set<std::string> all_of(std::vector<std::string> ids,
                             const std::vector<std::string>& more = {}) {
  ids.insert(ids.end(), more.begin(), more.end());
  return {ids.begin(), ids.end()};
}

void expect_account(const fleet_report& report, const seen& got, const sandbox_fleet_account& all) {
  EXPECT_FALSE(report.stopped_by.code()) << report.stopped_by.message();
  EXPECT_EQ(report.resume, "");
  EXPECT_EQ(report.organizations, all.organizations);
  EXPECT_EQ(report.projects, all.projects + all.shared_projects);
  EXPECT_EQ(report.shared, all.shared_projects);
  EXPECT_EQ(report.integrations, all.integrations);
  EXPECT_EQ(report.broken, all.broken);
  EXPECT_EQ(got.integrations, all.integrations);
  EXPECT_EQ(got.broken, all.broken);
  EXPECT_EQ(got.by_kind, all.by_kind);
  EXPECT_EQ(got.by_organization, all.by_organization);
  EXPECT_EQ(ids_of(report, unread_reason::forbidden),
            all_of(all.forbidden, all.forbidden_organizations));
  EXPECT_EQ(ids_of(report, unread_reason::not_found), all_of(all.missing));
  EXPECT_EQ(ids_of(report, unread_reason::suspended), all_of(all.suspended));
  EXPECT_EQ(report.failed, 0u);
}

/// What a walk needs to be called: the handler adds to `got`.
awaitable<result<fleet_report>> walk(client& api, seen& got, fleet_filter filter = {},
                                     bulk_options options = {}) {
  auto add = [&](const fleet_project& of, const result<integration>& one) { got.add(of, one); };
  co_return co_await api.async_for_each_integration(fleet(std::move(filter)), add, options);
}

/// Walks until nothing is left, each time from where the walk before was stopped.
/// \param stop says of each walk's progress when it is to be stopped
fleet_report walk_in_parts(const sandbox& server, seen& got, std::size_t& parts,
                           const std::function<bool(const bulk_progress&)>& stop) {
  fleet_report sum;
  for (parts = 1;; ++parts) {
    fleet_report part;
    with_client(walking_config(server), [&](client& api) -> awaitable<void> {
      asio::cancellation_signal signal;
      bulk_options options;
      options.concurrency(8).on_progress([&](const bulk_progress& now) {
        if (stop(now)) signal.emit(asio::cancellation_type::terminal);
      });
      fleet_filter filter;
      filter.resume(sum.resume);
      auto add = [&](const fleet_project& of, const result<integration>& one) { got.add(of, one); };
      auto token = asio::bind_cancellation_slot(signal.slot(), asio::use_awaitable);
      auto report =
          co_await api.async_for_each_integration(fleet(filter), add, options, std::move(token));
      part = report.value();
    });
    sum.organizations += part.organizations;
    sum.projects += part.projects;
    sum.shared += part.shared;
    sum.integrations += part.integrations;
    sum.broken += part.broken;
    sum.failed += part.failed;
    sum.unread.insert(sum.unread.end(), part.unread.begin(), part.unread.end());
    sum.resume = part.resume;
    if (part.resume.empty()) return sum;
    EXPECT_EQ(part.stopped_by, errc::cancelled);
  }
}

const sandbox_fleet small{.organizations = 7,
                          .projects = 300,
                          .integrations = 3,
                          .shared_projects = 60,
                          .forbidden_every = 17,
                          .missing_every = 23,
                          .suspended_every = 29,
                          .broken_every = 31,
                          .forbidden_organizations_every = 5};

TEST(FleetWalk, ReachesAnExactAccountOfAFleetWithFaultsOfEveryKind) {
  sandbox server(with({.organizations = 20,
                       .projects = most_projects,
                       .integrations = 8,
                       .shared_projects = 100,
                       .absolute_links = true,
                       .forbidden_every = 17,
                       .missing_every = 23,
                       .suspended_every = 29,
                       .broken_every = 31,
                       .throttle_every = most_projects / 2,
                       .forbidden_organizations_every = 7}));
  for (const fault& each :
       {fault{.kind = fault_kind::status, .status = 503},
        fault{.kind = fault_kind::close_before_reply},
        fault{.kind = fault_kind::reset_stream, .code = 7},
        fault{.kind = fault_kind::truncate_at, .at = 100}, fault{.kind = fault_kind::goaway}}) {
    server.inject({}, most_projects / 7);
    server.inject(each, 2);
  }
  client_config config = walking_config(server);
  config.retry = {.max_attempts = 5, .budget = 100'000};
  seen got;
  with_client(config, [&](client& api) -> awaitable<void> {
    const auto report = co_await walk(api, got);
    EXPECT_TRUE(report) << report.error().message();
    if (report) expect_account(*report, got, server.account());
  });
#if UPSUN_HTTP2
  EXPECT_GT(server.statistics().http2_connections, 0u);
#endif
}

TEST(FleetWalk, GoesOnWhereItWasStoppedSoThatAllPartsTogetherAreTheWhole) {
  const sandbox server(with(small));
  seen got;
  std::size_t parts = 0;
  const fleet_report sum = walk_in_parts(
      server, got, parts, [](const bulk_progress& now) { return now.projects >= 37; });
  EXPECT_GT(parts, 5u);
  expect_account(sum, got, server.account());
}

TEST(FleetWalk, GoesOnWhereItWasStoppedAtOnceOrAfterAnyResult) {
  const sandbox server(with(small));
  seen got;
  std::size_t parts = 0;
  std::size_t left = 0;
  const fleet_report sum = walk_in_parts(server, got, parts, [&](const bulk_progress& now) {
    return now.projects > 0 && ++left % 19 == 0;
  });
  EXPECT_GT(parts, 10u);
  expect_account(sum, got, server.account());
}

TEST(FleetWalk, GoesOnAfterItsDeadline) {
  const sandbox server(with(small));
  seen got;
  bulk_options options;
  options.timeout(1ms);
  std::string resume;
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    const auto first = co_await walk(api, got, {}, options);
    resume = first.value().resume;
    EXPECT_TRUE(first->stopped_by == errc::deadline_exceeded || resume.empty());
    const std::size_t before = first->projects;
    if (resume.empty()) co_return;
    const auto rest = co_await walk(api, got, fleet_filter().resume(resume));
    EXPECT_EQ(before + rest.value().projects,
              server.account().projects + server.account().shared_projects);
  });
  EXPECT_EQ(got.integrations, server.account().integrations);
}

TEST(FleetWalk, IsStoppedByTheClosingOfItsClientAndGoesOnWithAnother) {
  const sandbox server(with(small));
  seen got;
  std::string resume;
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    bulk_options options;
    options.concurrency(4).on_progress([&](const bulk_progress& now) {
      if (now.projects == 50) api.async_close(0ms, asio::detached);
    });
    const auto report = co_await walk(api, got, {}, options);
    EXPECT_TRUE(report.value().stopped_by == errc::client_closed ||
                report->stopped_by == errc::cancelled);
    resume = report->resume;
  });
  ASSERT_NE(resume, "");
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    const auto rest = co_await walk(api, got, fleet_filter().resume(resume));
    EXPECT_EQ(rest.value().resume, "");
  });
  EXPECT_EQ(got.integrations, server.account().integrations);
}

TEST(FleetWalk, VisitsAProjectAgainInWhichTheHandlerThrew) {
  const sandbox server(with({.organizations = 2, .projects = 20, .integrations = 3}));
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    std::size_t calls = 0;
    std::string thrown_in;
    auto throwing = [&](const fleet_project& of, const result<integration>&) {
      if (++calls < 10) return;
      thrown_in = of.id;
      throw std::runtime_error("enough");
    };
    auto first = co_await api.async_for_each_integration(fleet(), throwing);
    EXPECT_TRUE(first.value().thrown);
    EXPECT_EQ(first->stopped_by, errc::cancelled);
    EXPECT_EQ(calls, 10u);
    seen rest;
    const auto second = co_await walk(api, rest, fleet_filter().resume(first->resume));
    EXPECT_EQ(first->projects + second.value().projects, 20u);
    EXPECT_TRUE(std::any_of(rest.ids.begin(), rest.ids.end(), [&](const std::string& id) {
      return id.starts_with(thrown_in + "/");
    }));
  });
}

TEST(FleetWalk, VisitsNoProjectAgainWhoseHandlersEndedWhileAnotherThrew) {
  const sandbox server(with({.organizations = 2, .projects = 40, .integrations = 3}));
  std::map<std::string, std::set<std::string>> ended;  // integrations by project
  std::string thrown_in;
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    std::size_t calls = 0;
    auto throwing = [&](const fleet_project& of, result<integration> got) -> awaitable<void> {
      const std::string project = of.id;
      const std::string id = got.value().id.value_or("");
      const bool throws = ++calls == 12;
      for (int i = 0; i < (throws ? 1 : 3); ++i) co_await asio::post(asio::use_awaitable);
      if (throws) {
        thrown_in = project;
        throw std::runtime_error("enough");
      }
      ended[project].insert(id);
    };
    bulk_options options;
    options.concurrency(6);
    auto report = co_await api.async_for_each_integration(fleet(), throwing, options);
    const fleet_report first = report.value();
    EXPECT_TRUE(first.thrown);
    seen rest;
    auto filter = fleet_filter().resume(first.resume);
    const auto second = co_await walk(api, rest, filter);
    EXPECT_EQ(first.projects + second.value().projects, 40u);
    std::map<std::string, std::set<std::string>> again;
    for (const std::string& each : rest.ids)
      again[each.substr(0, each.find('/'))].insert(each.substr(each.find('/') + 1));
    EXPECT_TRUE(again.contains(thrown_in));
    std::size_t all = 0;
    std::size_t only_before = 0;
    for (const auto& [project, integrations] : again) all += integrations.size();
    for (const auto& [project, integrations] : ended) {
      const auto visited = again.find(project);
      if (visited == again.end()) {
        all += integrations.size();
        ++only_before;
      } else {
        EXPECT_TRUE(project == thrown_in || integrations.size() < visited->second.size())
            << project << " had been handed on whole";
      }
    }
    EXPECT_EQ(all, server.account().integrations);
    EXPECT_GT(only_before, 0u);
  });
}

TEST(FleetWalk, StopsAtTheFirstErrorWhenAskedTo) {
  const sandbox server(with(small));
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    seen got;
    bulk_options options;
    options.fail_fast();
    const auto report = co_await walk(api, got, {}, options);
    EXPECT_TRUE(report.value().stopped_by.code());
    EXPECT_NE(report->stopped_by, errc::cancelled);
    EXPECT_NE(report->resume, "");
    EXPECT_LT(report->projects, server.account().projects);
  });
}

TEST(FleetWalk, IsStoppedWhereTheListOfOrganizationsCannotBeRead) {
  sandbox server(with(small));
  server.inject({.kind = fault_kind::status, .status = 500}, 2);  // the user, the organizations
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    seen got;
    const auto report = co_await walk(api, got, fleet_filter().shared(false));
    EXPECT_EQ(report.value().stopped_by, condition::server_error);
    EXPECT_EQ(report->organizations, 0u);
    server.clear_faults();
    auto again = fleet_filter().shared(false).resume(report->resume);
    const auto rest = co_await walk(api, got, again);
    EXPECT_EQ(rest.value().projects, server.account().projects);
  });
}

TEST(FleetWalk, NamesTheListOfSharedProjectsThatCannotBeRead) {
  sandbox server(with(small));
  server.inject({.kind = fault_kind::status, .status = 403});  // the user
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    seen got;
    const auto report = co_await walk(api, got);
    EXPECT_EQ(report.value().projects, server.account().projects);
    EXPECT_EQ(report->shared, 0u);
    EXPECT_EQ(std::count_if(report->unread.begin(), report->unread.end(),
                            [](const unread_part& each) { return each.organization_id.empty(); }),
              1);
  });
}

TEST(FleetWalk, VisitsWhatTheFilterNames) {
  const sandbox server(with(small));
  const sandbox_fleet_account all = server.account();
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    auto organizations = api.organizations();
    auto first_page = co_await organizations.async_next_page();
    const organization one = first_page.value().items.at(1).value();
    auto projects = api.projects(organization_id(one.id));
    const organization_project project = (co_await projects.async_next()).value().value();

    for (const std::string& name : {one.id, one.name.value()}) {
      seen got;
      const auto report = co_await walk(api, got, fleet_filter().organization(name));
      EXPECT_EQ(report.value().organizations, 1u);
      EXPECT_EQ(report->shared, 0u);
      EXPECT_EQ(got.integrations, all.by_organization.at(one.id)) << name;
    }
    seen of_one;
    auto filter = fleet_filter().project(project.id.substr(0, 12) + "?");
    auto report = co_await walk(api, of_one, filter);
    EXPECT_EQ(report.value().projects, 1u);
    EXPECT_EQ(report->projects + report->projects_left_out, all.projects + all.shared_projects);

    seen of_kind;
    filter = fleet_filter().kind("webhook").kind("syslog");
    report = co_await walk(api, of_kind, filter);
    EXPECT_EQ(of_kind.integrations, all.by_kind.at("webhook") + all.by_kind.at("syslog"));
    EXPECT_EQ(report.value().integrations + report->integrations_left_out, all.integrations);

    seen suspended;
    filter = fleet_filter().status(project_status::suspended);
    report = co_await walk(api, suspended, filter);
    EXPECT_EQ(report.value().projects, all.suspended.size());
    EXPECT_EQ(report->suspended, all.suspended.size());

    seen nowhere;
    filter = fleet_filter().region("nowhere*");
    report = co_await walk(api, nowhere, filter);
    EXPECT_EQ(report.value().projects, 0u);
    EXPECT_EQ(nowhere.integrations, 0u);

    seen own;
    filter = fleet_filter().shared(false);
    report = co_await walk(api, own, filter);
    EXPECT_EQ(report.value().projects, all.projects);

    seen missing;
    filter = fleet_filter().organization("no-such-organization");
    report = co_await walk(api, missing, filter);
    EXPECT_EQ(report.value().not_found, 1u);
    EXPECT_EQ(report->unread.at(0).organization_name, "no-such-organization");
  });
}

TEST(FleetWalk, RefusesAFilterThatCannotBe) {
  const sandbox server(with({.organizations = 1, .projects = 1}));
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    seen got;
    const std::vector<std::pair<fleet_filter, std::string>> table{
        {fleet_filter().organization(""), "an organization of the filter is empty"},
        {fleet_filter().kind(""), "a kind of the filter is empty"},
        {fleet_filter().resume("{}"), "is none that a walk has given"},
        {fleet_filter().resume("no JSON"), "is none that a walk has given"}};
    for (const auto& [filter, cause] : table) {
      const auto report = co_await walk(api, got, filter);
      EXPECT_EQ(report.error(), errc::invalid_argument);
      EXPECT_NE(report.error().details().cause.find(cause), std::string::npos)
          << report.error().details().cause;
    }
  });
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST(FleetWalk, HandsOnTheFirstIntegrationsWhilePagesAreStillToBeFetched) {
  const sandbox server(with({.organizations = 10, .projects = 3'000, .integrations = 1}));
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    std::uint64_t requests_at_first = 0;
    asio::cancellation_signal signal;
    auto first = [&](const fleet_project&, const result<integration>&) {
      if (requests_at_first == 0) requests_at_first = server.statistics().requests;
      signal.emit(asio::cancellation_type::terminal);
    };
    bulk_options options;
    options.concurrency(4);
    auto token = asio::bind_cancellation_slot(signal.slot(), asio::use_awaitable);
    auto report =
        co_await api.async_for_each_integration(fleet(), first, options, std::move(token));
    EXPECT_EQ(report.value().stopped_by, errc::cancelled);
    EXPECT_LT(requests_at_first, 20u);
  });
}

TEST(FleetWalk, KeepsNoMoreUnderWayThanItsWindow) {
  const sandbox server(with(small));
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    seen got;
    bulk_options options;
    options.concurrency(5);
    (void)co_await walk(api, got, {}, options);
  });
#if UPSUN_HTTP2
  const std::size_t most = server.statistics().most_streams;
#else
  const std::size_t most = server.statistics().most_open;
#endif
  EXPECT_LE(most, 6u) << "the window, and a page of the walk's own";
}

TEST(FleetWalk, WaitsForHandlersThatEndLater) {
  const sandbox server(with({.organizations = 2, .projects = 30, .integrations = 2}));
  with_client(walking_config(server), [&](client& api) -> awaitable<void> {
    std::size_t ended = 0;
    auto slow = [&](const fleet_project&, result<integration>) -> awaitable<void> {
      co_await asio::post(asio::use_awaitable);
      ++ended;
    };
    bulk_options options;
    options.concurrency(3);
    auto report = co_await api.async_for_each_integration(fleet(), slow, options);
    EXPECT_EQ(report.value().integrations, server.account().integrations);
    EXPECT_EQ(ended, server.account().integrations);
  });
}

}  // namespace
}  // namespace upsun::testing
