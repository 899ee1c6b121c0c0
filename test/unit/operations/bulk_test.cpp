// Fetching in bulk over transports without a network: order, window, stop, back-pressure, and who
// is called where. Closing and failing fast over TLS: integration/bulk_test.cpp.

#include <gtest/gtest.h>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "unit/instant_transport.hpp"

namespace upsun::operations {
namespace bulk_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;

const char* const slack =
    R"({"id":"i","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})";

integration_ref ref(std::size_t n) { return {project_id("p"), integration_id(std::to_string(n))}; }
std::vector<integration_ref> refs(std::size_t count) {
  std::vector<integration_ref> all;
  for (std::size_t n = 0; n < count; ++n) all.push_back(ref(n));
  return all;
}

/// The id at the end of a target, in the channel, so that a result shows which it is.
result<http_response> respond_by_id(const http_request& request) {
  const std::string id = request.target.substr(request.target.rfind('/') + 1);
  if (id == "404") return fake_transport::json("{}", 404);
  return fake_transport::json(
      R"({"id":")" + id +
      R"(","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})");
}

struct Bulk : ::testing::Test {
  asio::io_context io;
  std::shared_ptr<fake_transport> network =
      std::make_shared<fake_transport>(io.get_executor(), respond_by_id);
  std::optional<client> one{std::in_place, io.get_executor(),
                            client_config{.retry = {.max_attempts = 1}, .transport = network}};
  std::optional<result<bulk_results>> got;
  std::optional<result<bulk_report>> ended;
  int completions = 0;
  std::size_t pulled = 0;  // by `ten`

  /// A client of other settings, and a network of its own.
  void remake(client_config config) {
    network = std::make_shared<fake_transport>(io.get_executor(), respond_by_id);
    config.transport = network;
    one.emplace(io.get_executor(), std::move(config));
  }
  void get(std::vector<integration_ref> which, bulk_options options = {}) {
    one->async_get_integrations(std::move(which), std::move(options),
                                [this](result<bulk_results> outcome) {
                                  ++completions;
                                  got.emplace(std::move(outcome));
                                });
  }
  template <class Source, class Handler>
  void for_each(Source&& source, Handler handler, bulk_options options = {},
                asio::cancellation_slot slot = {}) {
    one->async_for_each_integration(
        std::forward<Source>(source), std::move(handler), std::move(options),
        asio::bind_cancellation_slot(slot, [this](result<bulk_report> report) {
          ++completions;
          ended.emplace(std::move(report));
        }));
  }
  /// Ten refs, one after the other.
  auto ten() {
    return [this]() -> std::optional<integration_ref> {
      if (pulled == 10) return std::nullopt;
      return ref(pulled++);
    };
  }
  void run() {
    io.restart();
    io.run();
  }
  /// Whatever can happen without a response.
  void poll() {
    io.restart();
    io.poll();
  }
};

TEST_F(Bulk, GivesResultsInTheOrderOfTheRefsAndErrorsInTheirPlace) {
  auto which = refs(10);
  which[4] = ref(404);
  which[7] = {project_id("p"), integration_id("..")};
  get(which);
  EXPECT_FALSE(got) << "never from within the initiating function";
  run();
  ASSERT_TRUE(got && *got);
  const auto& results = (*got)->results;
  ASSERT_EQ(results.size(), 10u);
  for (std::size_t n = 0; n < 10; ++n) {
    if (n == 4) {
      EXPECT_EQ(results[n].error(), errc::not_found);
      EXPECT_EQ(results[n].error().details().attempts, 1u);
    } else if (n == 7) {
      EXPECT_EQ(results[n].error(), errc::invalid_argument);
      EXPECT_NE(results[n].error().message().find("integration id"), std::string::npos);
    } else {
      EXPECT_EQ(results[n].value().id, std::to_string(n));
    }
  }
  EXPECT_EQ((*got)->report.fetched, 8u);
  EXPECT_EQ((*got)->report.failed, 2u);
  EXPECT_EQ((*got)->report.cancelled, 0u);
  EXPECT_FALSE((*got)->report.stopped_by.code());
  EXPECT_TRUE((*got)->first_failed == 4u || (*got)->first_failed == 7u);
  EXPECT_EQ(completions, 1);
}

TEST_F(Bulk, GivesNothingForNothing) {
  get({});
  run();
  EXPECT_TRUE(got->value().results.empty());
}

TEST_F(Bulk, TakesAnyRangeOfRefs) {
  const std::deque<integration_ref> some{ref(1), ref(2)};
  auto both = one->async_get_integrations(some, asio::use_future);
  const std::vector<integration_ref> others{ref(1), ref(2)};
  auto view = one->async_get_integrations(std::span(others).subspan(1),
                                          bulk_options().concurrency(1), asio::use_future);
  run();
  EXPECT_EQ(both.get().value().results.size(), 2u);
  EXPECT_EQ(view.get().value().results.at(0).value().id, "2");
}

TEST_F(Bulk, HasThePoolsCapacityAsItsWindowByDefault) {
  remake({.pool = {.max_connections = 10}});
  network->hold();
  get(refs(30));
  poll();
  EXPECT_EQ(network->pending(), 10u);
  network->release();
  run();
}

TEST_F(Bulk, CancelsWhatIsUnderWayWhenItFailsFast) {
  network->hold();
  get({ref(0), {project_id("p"), integration_id("..")}, ref(2), ref(3)},
      bulk_options().concurrency(3).fail_fast());
  run();  // though nothing is responded to
  const bulk_results& outcome = got->value();
  EXPECT_EQ(outcome.report.stopped_by, errc::invalid_argument);
  EXPECT_EQ(outcome.first_failed, 1u);
  EXPECT_EQ(outcome.report.cancelled, 3u);
  EXPECT_EQ(network->requests().size(), 2u);
}

TEST_F(Bulk, CompletesWithWhatThereIsWhenCancelledAtAnyTime) {
  // Once before it began, and after each number of responses.
  for (int responses = -1; responses <= 6; ++responses) {
    asio::cancellation_signal cancel;
    std::optional<result<bulk_results>> outcome;
    int times = 0;
    one->async_get_integrations(
        refs(6), bulk_options().concurrency(2),
        asio::bind_cancellation_slot(cancel.slot(), [&](result<bulk_results> o) {
          ++times;
          outcome.emplace(std::move(o));
        }));
    network->hold();
    for (int n = 0; n < responses; ++n) {
      poll();
      network->release();
      network->hold();
      // As many as the window come at once: cancel in the midst of them, too.
      if (n % 2 == 1) io.poll_one();
    }
    cancel.emit(asio::cancellation_type::partial);
    run();
    ASSERT_EQ(times, 1) << responses;
    const bulk_results& there = outcome->value();
    EXPECT_EQ(there.report.fetched + there.report.cancelled, 6u) << responses;
    if (there.report.cancelled > 0) {
      EXPECT_EQ(there.report.stopped_by, errc::cancelled);
      EXPECT_EQ(there.results[5].error(), errc::cancelled);
      EXPECT_FALSE(there.first_failed);
    }
    if (responses <= 0) {
      EXPECT_EQ(there.report.fetched, 0u);
    }
    network->release();
    run();
  }
}

TEST_F(Bulk, HasOneDeadlineForAll) {
  network->hold();
  get(refs(20), bulk_options().concurrency(4).timeout(30ms));
  run();
  const bulk_results& outcome = got->value();
  for (const auto& each : outcome.results) EXPECT_EQ(each.error(), condition::timeout);
  EXPECT_EQ(outcome.report.stopped_by, errc::deadline_exceeded);
  EXPECT_LE(outcome.report.failed, 4u)
      << "less only when the deadline passed before they were begun";
  EXPECT_EQ(outcome.report.failed + outcome.report.cancelled, 20u);
  EXPECT_LE(network->requests().size(), 4u) << "no more are begun once it has passed";
}

TEST_F(Bulk, CancelsNothingWhenItsDeadlinePassesWhileMoreAreBegun) {
  network->hold();
  const auto source =
      [n = std::size_t{0},
       first =
           std::chrono::steady_clock::time_point()]() mutable -> std::optional<integration_ref> {
    if (n == 0) first = std::chrono::steady_clock::now();
    while (n == 2 && std::chrono::steady_clock::now() < first + 1ms) {
    }
    return ref(n++);
  };
  for_each(
      source,
      [](const integration_ref&, const result<integration>& each) {
        EXPECT_EQ(each.error(), errc::deadline_exceeded);
      },
      bulk_options().concurrency(8).timeout(1ms));
  run();
  EXPECT_EQ((*ended)->stopped_by, errc::deadline_exceeded);
  EXPECT_EQ((*ended)->cancelled, 0u);
}

TEST_F(Bulk, HasTheClientsTotalAsItsDeadlineByDefault) {
  remake({.timeouts = {.total = 30ms}});
  network->hold();
  get(refs(20), bulk_options().concurrency(4));
  run();
  EXPECT_EQ(got->value().report.stopped_by, errc::deadline_exceeded);
}

TEST_F(Bulk, GivesEachFetchATimeoutOfItsOwn) {
  network->hold();
  get(refs(3), bulk_options().concurrency(1).timeout(1h).fetch(call_options().timeout(5ms)));
  run();
  const bulk_results& outcome = got->value();
  EXPECT_EQ(outcome.report.failed, 3u);
  EXPECT_FALSE(outcome.report.stopped_by.code());
}

TEST_F(Bulk, SendsTheOptionsOfEach) {
  get(refs(2), bulk_options().fetch(call_options().header("X-Reason", "audit")));
  run();
  for (const http_request& request : network->requests())
    EXPECT_EQ(request.headers.at(0).second, "audit");
}

TEST_F(Bulk, RefusesOptionsThatCannotBeUsed) {
  response_info info;
  const std::vector<bulk_options> unusable{
      bulk_options().concurrency(65'537), bulk_options().timeout(-1ms), bulk_options().timeout(25h),
      bulk_options().fetch(call_options().info(&info)),
      bulk_options().fetch(call_options().header("Host", "x"))};
  for (const bulk_options& options : unusable) {
    get(refs(2), options);
    EXPECT_FALSE(got);
    run();
    EXPECT_EQ(got->error(), errc::invalid_argument);
    EXPECT_FALSE(got->error().details().cause.empty());
    got.reset();
  }
  EXPECT_TRUE(network->requests().empty());
}

TEST_F(Bulk, ReportsItsProgress) {
  std::vector<bulk_progress> notified;
  auto which = refs(5);
  which[1] = ref(404);
  get(which, bulk_options().concurrency(2).on_progress(
                 [&](const bulk_progress& p) { notified.push_back(p); }));
  EXPECT_TRUE(notified.empty());
  run();
  ASSERT_EQ(notified.size(), 5u);
  for (std::size_t n = 0; n < 5; ++n) {
    EXPECT_EQ(notified[n].done, n + 1);
    EXPECT_EQ(notified[n].total, 5u);
  }
  EXPECT_EQ(notified.back().failed, 1u);
}

TEST_F(Bulk, StopsWhenProgressThrows) {
  get(refs(10), bulk_options().concurrency(2).on_progress(
                    [&](const bulk_progress&) { throw std::runtime_error("enough"); }));
  run();
  const bulk_report& report = got->value().report;
  EXPECT_EQ(report.stopped_by, errc::cancelled);
  EXPECT_THROW(std::rethrow_exception(report.thrown), std::runtime_error);
  EXPECT_EQ(completions, 1);
  EXPECT_EQ(got->value().results.size(), 10u);
  EXPECT_LE(network->requests().size(), 2u);
}

TEST_F(Bulk, BeginsNothingOnAClosedClient) {
  one->async_close(0ms, [](const result<close_report>&) {});
  get(refs(3));
  run();
  EXPECT_EQ(got->error(), errc::client_closed);
}

TEST_F(Bulk, LeavesNothingBehindWhenItsContextEnds) {
  for (const bool held : {true, false}) {
    auto context = std::make_unique<asio::io_context>();
    auto transport = std::make_shared<fake_transport>(context->get_executor(), respond_by_id);
    auto alive = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = alive;
    client under_test(context->get_executor(), {.transport = transport});
    if (held) transport->hold();
    under_test.async_get_integrations(refs(6), bulk_options().concurrency(2),
                                      [kept = std::move(alive)](const result<bulk_results>&) {});
    for (int n = 0; n < 5; ++n) context->poll_one();
    context.reset();
    transport.reset();
    EXPECT_TRUE(watched.expired()) << held;
  }
}

// ---- one after the other

TEST_F(Bulk, HandsOnEachAsItComesAlsoWhatFailed) {
  std::set<std::string> seen;
  auto which = refs(20);
  which[1] = {project_id("p"), integration_id("")};
  for_each(which, [&](const integration_ref& r, const result<integration>& each) {
    EXPECT_EQ(each ? each->id.value() : "", r.id().str());
    seen.insert(r.id().str());
  });
  run();
  EXPECT_EQ(seen.size(), 20u);
  EXPECT_EQ(ended->value().fetched, 19u);
  EXPECT_EQ(ended->value().failed, 1u);
  EXPECT_FALSE(ended->value().stopped_by.code());
}

TEST_F(Bulk, PullsFromASourceOnlyWhatItHasRoomFor) {
  network->hold();
  std::size_t handled = 0;
  for_each(
      ten(),
      [&](const integration_ref&, const result<integration>&) {
        ++handled;
        EXPECT_LE(pulled - handled, 3u);
      },
      bulk_options().concurrency(3));
  EXPECT_EQ(pulled, 0u) << "not from within the initiating function";
  poll();
  EXPECT_EQ(pulled, 3u);
  network->release();
  run();
  EXPECT_EQ(handled, 10u);
}

TEST_F(Bulk, WaitsForHandlersThatCallBack) {
  std::vector<bulk_done> open;
  for_each(
      ten(),
      [&](const integration_ref&, const result<integration>&, bulk_done done) {
        open.push_back(std::move(done));
      },
      bulk_options().concurrency(3));
  poll();
  EXPECT_EQ(pulled, 3u) << "what is being handled keeps its place";
  std::size_t rounds = 0;
  while (!open.empty()) {
    ++rounds;
    auto now = std::exchange(open, {});
    EXPECT_LE(now.size(), 3u);
    now.front()();
    now.front()();  // which does nothing
    if (now.size() > 1) now[1](nullptr);
    now.clear();  // and the rest counts as called
    poll();
  }
  EXPECT_GE(rounds, 4u);
  EXPECT_EQ(ended->value().fetched, 10u);
  EXPECT_EQ(completions, 1);
}

TEST_F(Bulk, WaitsForHandlersThatAreCoroutines) {
  std::size_t running = 0;
  std::size_t most = 0;
  auto handler = [&](const integration_ref& which,
                     result<integration> each) -> asio::awaitable<void> {
    most = std::max(most, ++running);
    asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    EXPECT_EQ(each.value().id, which.id().str()) << "what it was given lives as long as it does";
    --running;
  };
  for_each(refs(20), handler, bulk_options().concurrency(4));
  run();
  EXPECT_EQ(ended->value().fetched, 20u);
  EXPECT_LE(most, 4u);
  EXPECT_GE(most, 2u);
}

TEST_F(Bulk, StopsWhenAHandlerThrowsHoweverItEnds) {
  int calls = 0;
  const auto expect_stopped = [&](auto handler) {
    for_each(refs(10), handler, bulk_options().concurrency(2));
    run();
    EXPECT_THROW(std::rethrow_exception(ended->value().thrown), std::runtime_error);
    EXPECT_EQ(ended->value().stopped_by, errc::cancelled);
  };
  const auto fail = [] { throw std::runtime_error("no more"); };
  expect_stopped([&](const integration_ref&, const result<integration>&) {
    ++calls;
    fail();
  });
  EXPECT_EQ(calls, 1);
  expect_stopped([&](const integration_ref&, result<integration>) -> asio::awaitable<void> {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    fail();
  });
  expect_stopped([&](const integration_ref&, const result<integration>&, bulk_done done) {
    done(std::make_exception_ptr(std::runtime_error("later")));
  });
  expect_stopped(
      [&](const integration_ref&, const result<integration>&, const bulk_done&) { fail(); });
  EXPECT_EQ(completions, 4);
}

TEST_F(Bulk, StopsWhenItsSourceThrows) {
  int asked = 0;
  auto source = [&]() -> std::optional<integration_ref> {
    if (++asked == 3) throw std::runtime_error("the list ends here");
    return ref(1);
  };
  int handled = 0;
  for_each(
      source, [&](const integration_ref&, const result<integration>&) { ++handled; },
      bulk_options().concurrency(2));
  run();
  EXPECT_THROW(std::rethrow_exception(ended->value().thrown), std::runtime_error);
  EXPECT_LE(handled, 2);
}

TEST_F(Bulk, HandsOnWhatWasCancelled) {
  network->hold();
  asio::cancellation_signal cancel;
  std::vector<error> errors;
  for_each(
      refs(10),
      [&](const integration_ref&, const result<integration>& each) {
        errors.push_back(each.error());
      },
      bulk_options().concurrency(3), cancel.slot());
  poll();
  cancel.emit(asio::cancellation_type::total);
  run();
  ASSERT_EQ(errors.size(), 3u);
  for (const error& each : errors) EXPECT_EQ(each, errc::cancelled);
  EXPECT_EQ(ended->value().cancelled, 3u);
  EXPECT_EQ(ended->value().stopped_by, errc::cancelled);
}

TEST_F(Bulk, WaitsForItsHandlersAlsoWhenCancelled) {
  asio::cancellation_signal cancel;
  std::vector<bulk_done> open;
  for_each(
      refs(10),
      [&](const integration_ref&, const result<integration>&, bulk_done done) {
        open.push_back(std::move(done));
      },
      bulk_options().concurrency(3), cancel.slot());
  poll();
  cancel.emit(asio::cancellation_type::total);
  poll();
  EXPECT_FALSE(ended);
  open.clear();
  run();
  EXPECT_EQ(ended->value().fetched, 3u);
  EXPECT_EQ(ended->value().stopped_by, errc::cancelled);
}

TEST_F(Bulk, ListsProjectsAndHandsOnTheirIntegrations) {
  const auto lists = std::make_shared<fake_transport>(
      io.get_executor(), [](const http_request& request) -> result<http_response> {
        if (request.target == "/projects/none/integrations") return fake_transport::json("[]");
        if (request.target == "/projects/gone/integrations") return fake_transport::json("{}", 404);
        return fake_transport::json(std::string("[") + slack +
                                    R"(,{"id":"b","type":"health.slack","channel":7},)" + slack +
                                    "]");
      });
  one.emplace(io.get_executor(),
              client_config{.decode_policy = decode_policy::strict, .transport = lists});
  std::vector<std::string> seen;
  std::vector<project_id> projects{project_id("p"), project_id("none"), project_id("gone"),
                                   project_id("")};
  for_each(
      projects,
      [&](const project_id& project, const result<integration>& each) {
        seen.push_back(project.str() + ":" + (each ? *each->id : each.error().message()));
      },
      bulk_options().concurrency(1));
  run();
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen[0], "p:i");
  EXPECT_NE(seen[1].find("/1/channel"), std::string::npos) << seen[1];
  EXPECT_EQ(seen[2], "p:i");
  EXPECT_EQ(ended->value().fetched, 2u);
  EXPECT_EQ(ended->value().failed, 3u);
}

TEST_F(Bulk, HandsOnTheIntegrationsOfAProjectOneAfterTheOther) {
  const auto lists = std::make_shared<fake_transport>(io.get_executor(), [](const http_request&) {
    return fake_transport::json(std::string("[") + slack + "," + slack + "," + slack + "]");
  });
  one.emplace(io.get_executor(), client_config{.transport = lists});
  std::size_t running = 0;
  auto handler = [&](const project_id&, result<integration>) -> asio::awaitable<void> {
    EXPECT_LE(++running, 2u);
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    --running;
  };
  std::vector<project_id> projects(5, project_id("p"));
  for_each(projects, handler, bulk_options().concurrency(2));
  run();
  EXPECT_EQ(ended->value().fetched, 15u);
}

// What is the caller's runs on the handler's executor, never two at once, whoever runs the client:
// a race here is one for the thread sanitizer.
TEST(BulkThreads, CallsTheCallersFunctionsOnTheHandlersExecutorOneAtATime) {
  asio::thread_pool pool(4);
  const auto transport = std::make_shared<testing::instant_transport>(pool.get_executor());
  client client(pool.get_executor(), {.transport = transport});
  auto strand = asio::make_strand(asio::any_io_executor(pool.get_executor()));
  for (const bool on_strand : {true, false}) {
    std::size_t pulled = 0;
    std::size_t handled = 0;
    std::size_t notified = 0;
    auto source = [&]() -> std::optional<integration_ref> {
      EXPECT_TRUE(!on_strand || strand.running_in_this_thread());
      if (pulled == 2000) return std::nullopt;
      return ref(pulled++);
    };
    auto handler = [&](const integration_ref&, const result<integration>& each) {
      EXPECT_TRUE(each);
      EXPECT_TRUE(!on_strand || strand.running_in_this_thread());
      ++handled;
    };
    const auto options = bulk_options().on_progress([&](const bulk_progress& p) {
      EXPECT_TRUE(!on_strand || strand.running_in_this_thread());
      EXPECT_EQ(p.done, ++notified);
    });
    std::promise<result<bulk_report>> ended;
    auto end = [&](result<bulk_report> report) {
      EXPECT_TRUE(!on_strand || strand.running_in_this_thread());
      ended.set_value(std::move(report));
    };
    if (on_strand) {
      client.async_for_each_integration(source, handler, options, asio::bind_executor(strand, end));
    } else {
      client.async_for_each_integration(source, handler, options, end);
    }
    EXPECT_EQ(ended.get_future().get().value().fetched, 2000u);
    EXPECT_EQ(handled, 2000u);
    EXPECT_EQ(notified, 2000u);
  }
  client.async_close(0ms, asio::use_future).get();
  pool.join();
}

TEST(BulkThreads, CompletesOnceWhoeverStopsItMeanwhile) {
  asio::thread_pool pool(3);
  const auto transport = std::make_shared<testing::instant_transport>(pool.get_executor());
  for (int round = 0; round < 50; ++round) {
    std::optional<client> one{std::in_place, pool.get_executor(),
                              client_config{.transport = transport}};
    const auto cancel = std::make_shared<asio::cancellation_signal>();  // it may come to be emitted
                                                                        // when all is over
    std::promise<std::size_t> ended;
    auto end = [&](const result<bulk_results>& outcome) {
      ended.set_value(outcome ? outcome->report.fetched + outcome->report.cancelled : 200);
    };
    auto strand = asio::make_strand(pool.get_executor());
    one->async_get_integrations(
        refs(200), bulk_options().concurrency(8),
        asio::bind_cancellation_slot(cancel->slot(), asio::bind_executor(strand, end)));
    if (round % 2 == 0)
      asio::post(strand, [cancel] { cancel->emit(asio::cancellation_type::total); });
    if (round % 3 == 0) one.reset();
    auto future = ended.get_future();
    EXPECT_EQ(future.get(), 200u);
  }
  pool.join();
}

}  // namespace bulk_test
}  // namespace upsun::operations
