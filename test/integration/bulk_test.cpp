// Fetching in bulk over TLS. unit/operations/bulk_test.cpp has what a bulk does of itself.

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "integration/harness.hpp"

namespace upsun::testing {
namespace bulk_test {

using asio::awaitable;

constexpr std::size_t stored = 18;

std::vector<integration_ref> many(std::size_t count) {
  std::vector<integration_ref> refs;
  for (std::size_t n = 0; n < count; ++n)
    refs.emplace_back(project(), integration_number(n % stored));
  return refs;
}

struct BulkOverTls : ::testing::Test {
  sandbox server;

  /// Fetches `refs`, four at a time. There is one result for each, and the report counts them.
  static bulk_results fetch(const std::vector<integration_ref>& refs, const client_config& config) {
    bulk_results got;
    with_client(config, [&](client& client) -> awaitable<void> {
      auto outcome = co_await client.async_get_integrations(refs, bulk_options().concurrency(4));
      got = std::move(outcome).value();
    });
    EXPECT_EQ(got.results.size(), refs.size());
    std::size_t fetched = 0;
    for (std::size_t n = 0; n < got.results.size(); ++n) {
      if (!got.results[n]) continue;
      ++fetched;
      EXPECT_EQ(got.results[n]->id, refs[n].id().str()) << n;
    }
    EXPECT_EQ(got.report.fetched, fetched);
    EXPECT_EQ(got.report.fetched + got.report.failed + got.report.cancelled, refs.size());
    return got;
  }
};

TEST_F(BulkOverTls, FetchesManyInTheirOrderWithErrorsInTheirPlace) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    std::vector<integration_ref> refs = many(100);
    refs[50] = integration_ref(project(), integration_id("none"));
    refs[51] = integration_ref(project(), integration_id("."));
    auto got = co_await client.async_get_integrations(refs, bulk_options().concurrency(8));
    EXPECT_TRUE(got);
    if (!got) co_return;
    for (std::size_t n = 0; n < refs.size(); ++n) {
      if (n == 50) {
        EXPECT_EQ(got->results[n].error(), condition::not_found);
        EXPECT_EQ(got->results[n].error().details().path_template,
                  "/projects/{projectId}/integrations/{integrationId}");
      } else if (n == 51) {
        EXPECT_EQ(got->results[n].error(), condition::invalid_argument);
      } else {
        EXPECT_EQ(got->results[n].value(), server.get("project-0", refs[n].id().str())) << n;
      }
    }
    EXPECT_LE(client.statistics().dials, 8u);
    EXPECT_EQ(got->report.failed, 2u);
  });
}

TEST_F(BulkOverTls, IsAwaitedWithTemporaries) {
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    auto got = co_await client.async_get_integrations(
        many(10), bulk_options().concurrency(2).timeout(1min).fetch(
                      call_options().header("X-Reason", "a-long-enough-test")));
    EXPECT_EQ(got.value().report.fetched, 10u);
    auto plain = co_await client.async_get_integrations(many(10));
    EXPECT_EQ(plain.value().report.fetched, 10u);
    std::set<std::string> seen;
    auto handler = [&](const integration_ref& ref, const result<integration>& each) {
      EXPECT_TRUE(each);
      seen.insert(ref.id().str());
    };
    auto report = co_await client.async_for_each_integration(many(36), handler,
                                                             bulk_options().concurrency(3));
    EXPECT_EQ(report.value().fetched, 36u);
    EXPECT_EQ(seen.size(), stored);
  });
}

TEST_F(BulkOverTls, TriesAgainAsEachFetchDoes) {
  auto config = config_for(server);
  config.retry = {.max_attempts = 3, .base = 1ms};
  server.inject({.kind = fault_kind::status, .status = 503}, 5);
  EXPECT_EQ(fetch(many(40), config).report.fetched, 40u);
  EXPECT_EQ(server.statistics().requests, 45u);
}

TEST_F(BulkOverTls, CollectsAllWhateverFails) {
  server.inject({.kind = fault_kind::none}, 3);
  server.inject({.kind = fault_kind::status, .status = 500}, 2);
  server.inject({.kind = fault_kind::reset_at, .at = 20});
  server.inject({.kind = fault_kind::close_before_reply});
  const bulk_results outcome = fetch(many(60), config_for(server));
  EXPECT_GE(outcome.report.fetched, 56u);
  EXPECT_FALSE(outcome.report.stopped_by.code());
}

TEST_F(BulkOverTls, IsCancelledBeforeAnythingCame) {
  using met = std::function<bool(const client&)>;
  const std::vector<std::pair<fault_kind, met>> stages{
      {fault_kind::none, [](const client&) { return true; }},
      {fault_kind::silent_accept, [](const client& one) { return one.statistics().dialling > 0; }},
      {fault_kind::silent, [&](const client&) { return server.statistics().requests >= 4; }},
  };
  for (const auto& [kind, reached] : stages) {
    server.inject({.kind = kind}, kind == fault_kind::none ? 1 : 0);
    with_client(config_for(server), [&, &reached = reached](client& client) -> awaitable<void> {
      asio::cancellation_signal cancel;
      std::optional<bulk_results> outcome;
      client.async_get_integrations(
          many(20), bulk_options().concurrency(4),
          asio::bind_cancellation_slot(cancel.slot(), [&](const result<bulk_results>& got) {
            EXPECT_FALSE(outcome) << "it completes once";
            outcome = got.value();
          }));
      co_await until([&] { return reached(client); });
      cancel.emit(asio::cancellation_type::terminal);
      co_await until([&] { return outcome.has_value(); });
      EXPECT_EQ(outcome->report.cancelled, 20u);
      EXPECT_EQ(outcome->report.stopped_by, errc::cancelled);
    });
    server.clear_faults();
  }
}

TEST_F(BulkOverTls, EndsWhenItsClientIsClosedInTheMidst) {
  for (const bool at_once : {true, false}) {
    asio::io_context io(1);
    client one(io.get_executor(), config_for(server));
    bool closed = false;
    std::optional<bulk_results> came;
    auto options = bulk_options().concurrency(4).on_progress([&](const bulk_progress& progress) {
      if (progress.done != 10) return;
      one.async_close(at_once ? 0s : 60s, [&](const result<close_report>&) {
        EXPECT_TRUE(came) << "a close comes last";
        closed = true;
      });
    });
    one.async_get_integrations(many(100), options, [&](const result<bulk_results>& outcome) {
      EXPECT_FALSE(came);
      came.emplace(outcome.value());
    });
    io.run();
    ASSERT_TRUE(came && closed);
    EXPECT_TRUE(at_once || came->report.stopped_by == errc::client_closed)
        << came->report.stopped_by;
    EXPECT_EQ(came->results[99].error().code(), came->report.stopped_by.code());
    EXPECT_GE(came->report.fetched, 10u);
    EXPECT_LE(came->report.fetched, 14u);
    for (const auto& each : came->results) {
      EXPECT_TRUE(at_once || each || each.error() == errc::client_closed)
          << "those under way have the grace: " << each.error();
    }
    EXPECT_EQ(came->report.fetched + came->report.cancelled, 100u);
  }
}

TEST(BulkOverTlsProjects, HandsOnTheIntegrationsOfManyProjects) {
  sandbox server({.projects = 30, .integrations = 5});
  server.put_raw("project-7", "broken", R"({"id":"broken","type":"health.slack","channel":12})");
  server.forbid("project-9");
  auto config = config_for(server);
  config.decode_policy = decode_policy::strict;
  with_client(config, [&](client& client) -> awaitable<void> {
    std::map<std::string, int> seen;
    std::vector<error> errors;
    auto handler = [&](const project_id& of, const result<integration>& each) {
      ++seen[of.str()];
      if (!each) errors.push_back(each.error());
    };
    std::vector<project_id> projects;
    for (std::size_t n = 0; n < 30; ++n) projects.push_back(project(n));
    auto report = co_await client.async_for_each_integration(projects, handler,
                                                             bulk_options().concurrency(4));
    EXPECT_EQ(report.value().fetched, 29u * 5);
    EXPECT_EQ(report->failed, 2u);
    EXPECT_EQ(seen.size(), 30u);
    EXPECT_EQ(seen["project-7"], 6);
    EXPECT_EQ(seen["project-9"], 1);
    EXPECT_EQ(
        std::ranges::count(errors, true, [](const error& e) { return e == condition::forbidden; }),
        1);
  });
  EXPECT_EQ(server.statistics().requests, 30u);
}

// Responses come on four threads; the caller's functions run on one strand, and never more than the
// window of them at once.
TEST_F(BulkOverTls, HasAsynchronousHandlersOnManyThreads) {
  asio::io_context io(4);
  client client(io.get_executor(), config_for(server));
  const auto strand = asio::make_strand(asio::any_io_executor(io.get_executor()));
  std::size_t pulled = 0;
  std::size_t handling = 0;
  std::size_t handled = 0;
  auto source = [&]() -> std::optional<integration_ref> {
    EXPECT_TRUE(strand.running_in_this_thread());
    if (pulled == 500) return std::nullopt;
    return integration_ref(project(), integration_number(pulled++ % stored));
  };
  auto handler = [&](const integration_ref& ref, result<integration> each) -> awaitable<void> {
    EXPECT_LE(++handling, 8u);
    EXPECT_LE(pulled - handled, 8u);
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    EXPECT_TRUE(strand.running_in_this_thread());
    EXPECT_EQ(each.value().id, ref.id().str());
    --handling;
    ++handled;
  };
  bool ended = false;
  client.async_for_each_integration(
      source, handler, bulk_options().concurrency(8),
      asio::bind_executor(strand, [&](const result<bulk_report>& report) {
        EXPECT_EQ(report.value().fetched, 500u);
        EXPECT_EQ(handled, 500u);
        ended = true;
        client.async_close(0s, asio::detached);
      }));
  run_on_threads(io, 4);
  EXPECT_TRUE(ended);
}

}  // namespace bulk_test
}  // namespace upsun::testing
