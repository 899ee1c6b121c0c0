#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace upsun {
namespace client_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers when the test says so, and does nothing that would keep a context running.
struct idle_transport final : transport {
  send_handler send;
  close_handler close;

  void async_send(http_request, send_handler handler) override { send.swap(handler); }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    close.swap(handler);
  }
  void shutdown() noexcept override {}
  [[nodiscard]] pool_statistics statistics() const override { return {}; }
};

/// Responds to each request when the test says so.
struct manual_transport final : transport {
  std::vector<send_handler> requests;

  void async_send(http_request, send_handler handler) override {
    requests.emplace_back().swap(handler);
  }
  void async_close(std::chrono::milliseconds, close_handler handler) override {
    std::move(handler)(close_report{});
  }
  void shutdown() noexcept override {}
  [[nodiscard]] pool_statistics statistics() const override { return {}; }
};

class HedgedCall : public ::testing::Test {
 protected:
  HedgedCall() {
    client_config config{.transport = network};
    config.retry.max_attempts = 1;
    config.hedge.enabled = true;
    config.hedge.delay = 1ms;
    config.hedge.max_extra_percent = 100;
    to.emplace(io.get_executor(), config);
    to->async_get_integration({project_id("p"), integration_id("i")},
                              [this](result<integration> ended) { got.emplace(ended); });
    while (network->requests.size() < 2) io.run_one_for(10s);
  }
  void respond(std::size_t which, result<http_response> with) {
    std::move(network->requests.at(which))(std::move(with));
    io.poll();
  }

  asio::io_context io;
  std::shared_ptr<manual_transport> network = std::make_shared<manual_transport>();
  std::optional<client> to;
  std::optional<result<integration>> got;
};

TEST_F(HedgedCall, GoesOnWhenThePoolRefusesOneOfItsRequests) {
  respond(1, error(errc::queue_full));
  EXPECT_FALSE(got);
  respond(0, testing::fake_transport::json("{}", 404));
  EXPECT_EQ(got.value().error(), errc::not_found);
}

TEST_F(HedgedCall, GoesOnWithItsSecondRequestWhenThePoolRefusesTheFirst) {
  respond(0, error(errc::acquire_timeout));
  EXPECT_FALSE(got);
  respond(1, testing::fake_transport::json("{}", 404));
  EXPECT_EQ(got.value().error(), errc::not_found);
}

TEST_F(HedgedCall, EndsWhenThePoolRefusesBothOfItsRequests) {
  respond(1, error(errc::queue_full));
  EXPECT_FALSE(got);
  respond(0, error(errc::acquire_timeout));
  EXPECT_EQ(got.value().error(), errc::acquire_timeout);
}

// A future's handler has no executor of the context, so only the operation itself can keep it
// running.
TEST(Client, KeepsItsContextRunningUntilACallHasCompletedElsewhere) {
  asio::io_context io;
  const auto network = std::make_shared<idle_transport>();
  client client(io.get_executor(), {.transport = network});
  auto got = client.async_get_integration({project_id("p"), integration_id("i")}, asio::use_future);
  io.poll();
  EXPECT_FALSE(io.stopped());
  std::move(network->send)(error(errc::bad_response));
  EXPECT_EQ(got.get().error(), errc::bad_response);
  io.poll();
  EXPECT_TRUE(io.stopped());
}

TEST(Client, KeepsItsContextRunningUntilItIsClosed) {
  asio::io_context io;
  const auto network = std::make_shared<idle_transport>();
  client client(io.get_executor(), {.transport = network});
  auto closed = client.async_close(1s, asio::use_future);
  io.poll();
  EXPECT_FALSE(io.stopped());
  std::move(network->close)(close_report{});
  io.poll();
  EXPECT_TRUE(closed.get());
  EXPECT_TRUE(io.stopped());
}

TEST(Client, SendsTheTraceOfACallWithAParentIdOfEachAttempt) {
  asio::io_context io;
  const auto network = std::make_shared<testing::fake_transport>(
      io.get_executor(),
      [](const http_request&) { return testing::fake_transport::json("{}", 503); });
  client client(
      io.get_executor(),
      {.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 0ms}, .transport = network});
  const std::string given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  auto got =
      client.async_get_integration({project_id("p"), integration_id("i")},
                                   call_options().trace(given, "vendor=opaque"), asio::use_future);
  io.run();
  EXPECT_EQ(got.get().error(), errc::server_error);
  std::set<std::string> sent;
  for (const http_request& request : network->requests()) {
    ASSERT_EQ(request.headers.size(), 2u);
    EXPECT_EQ(request.headers[0].second.substr(0, 36), given.substr(0, 36));
    EXPECT_EQ(request.headers[1].second, "vendor=opaque");
    sent.insert(request.headers[0].second);
  }
  sent.insert(given);
  EXPECT_EQ(sent.size(), 4u);
}

/// Two calls at once, of which the second is asked to come back in five seconds while the first is
/// about to be tried again after a 503.
struct paused_host {
  asio::io_context io;
  const std::shared_ptr<testing::fake_transport> network =
      std::make_shared<testing::fake_transport>(io.get_executor());
  client one{
      io.get_executor(),
      {.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 0ms}, .transport = network}};
  std::future<result<integration>> first;
  std::future<result<integration>> second;

  explicit paused_host(const call_options& of_first, const call_options& of_second) {
    network->hold();
    first = one.async_get_integration({project_id("p"), integration_id("1")}, of_first,
                                      asio::use_future);
    second = one.async_get_integration({project_id("p"), integration_id("2")}, of_second,
                                       asio::use_future);
    http_response throttled = testing::fake_transport::json("{}", 429);
    throttled.retry_after = 5s;
    network->push(testing::fake_transport::json("{}", 503));
    network->push(throttled);
    network->release();
    io.run();
  }
};

TEST(Client, SendsNoMoreWhenItWakesInAPauseOfTheHostThatOutlastsIt) {
  paused_host host(call_options().timeout(1s), call_options().timeout(1s));
  const error ended = host.first.get().error();
  EXPECT_EQ(ended, errc::rate_limited);
  EXPECT_NE(ended.message().find("a pause that ends after the call's deadline"), std::string::npos)
      << ended;
  EXPECT_EQ(ended.details().attempts, 1u);
  EXPECT_TRUE(ended.safe_to_retry());
  EXPECT_EQ(host.second.get().error().status(), 429);
  EXPECT_EQ(host.network->requests().size(), 2u);
}

TEST(Client, PausesItsHostByACallThatIsNeverTriedAgain) {
  paused_host host(call_options().timeout(1s), call_options().retry({.max_attempts = 1}));
  EXPECT_EQ(host.first.get().error(), errc::rate_limited);
  EXPECT_EQ(host.second.get().error().status(), 429);
  EXPECT_EQ(host.network->requests().size(), 2u);
}

TEST(Client, PausesNoCallThatIsNeverTriedAgain) {
  paused_host host(call_options().timeout(1s), call_options().timeout(1s));
  host.network->push(testing::fake_transport::json("{}", 404));
  auto got = host.one.async_get_integration({project_id("p"), integration_id("3")},
                                            call_options().timeout(1s).retry({.max_attempts = 1}),
                                            asio::use_future);
  host.io.restart();
  host.io.run();
  EXPECT_EQ(got.get().error(), errc::not_found);
}

TEST(Client, RefusesATraceThatIsNotWellFormed) {
  asio::io_context io;
  const auto network = std::make_shared<testing::fake_transport>(io.get_executor());
  client client(io.get_executor(), {.transport = network});
  auto bad = client.async_get_integration({project_id("p"), integration_id("i")},
                                          call_options().trace("planted"), asio::use_future);
  auto twice =
      client.async_get_integration({project_id("p"), integration_id("i")},
                                   call_options().header("Traceparent", "00"), asio::use_future);
  io.run();
  const error refused = bad.get().error();
  EXPECT_EQ(refused, errc::invalid_argument);
  EXPECT_EQ(refused.message().find("planted"), std::string::npos);
  EXPECT_EQ(twice.get().error(), errc::invalid_argument);
  EXPECT_TRUE(network->requests().empty());
}

}  // namespace client_test
}  // namespace upsun
