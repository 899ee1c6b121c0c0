#include "calls/composed.hpp"

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/testing/fake_transport.hpp>

#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "api/integrations.hpp"
#include "config/settings.hpp"

namespace upsun::calls {
namespace composed_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fake_transport;

result<std::string> body_of(const client_impl&, const http_response& response) {
  return response.body;
}

asio::awaitable<result<std::string>> fetch(composed_base& steps, std::string id) {
  return steps.perform<std::string>(
      api::get_integration({project_id("p"), integration_id(std::move(id))}), &body_of);
}

asio::awaitable<result<std::string>> two_fetches(composed_base& steps) {
  const auto first = co_await fetch(steps, "1");
  if (!first) co_return first.error();
  const auto second = co_await fetch(steps, "2");
  if (!second) co_return second.error();
  co_return *first + *second;
}

asio::awaitable<result<std::string>> long_pause(composed_base& steps) {
  const auto rested = co_await steps.pause(1h);
  if (!rested) co_return rested.error();
  co_return "rested";
}

asio::awaitable<result<std::string>> throws(composed_base&) {
  throw std::bad_alloc();
  co_return "";
}

std::shared_ptr<client_impl> make_inside(asio::io_context& io, std::shared_ptr<transport> network) {
  client_config config;
  config.transport = std::move(network);
  config.retry.max_attempts = 1;
  return std::make_shared<client_impl>(io.get_executor(), upsun::config::make_settings(config));
}

template <class Token>
auto initiate(const std::shared_ptr<client_impl>& client, composed<std::string>::steps steps,
              Token&& token, call_options options = {}) {
  detail::prepared_call<std::string> prepared =
      std::make_shared<composed<std::string>>(client, std::move(options), std::move(steps));
  return detail::initiate(std::move(prepared), std::forward<Token>(token));
}

/// A client's inside over a transport without a network.
struct Composed : ::testing::Test {
  asio::io_context io;
  std::shared_ptr<fake_transport> network = std::make_shared<fake_transport>(io.get_executor());
  std::shared_ptr<client_impl> client = make_inside(io, network);
  asio::cancellation_signal cancel;

  ~Composed() override { client->shutdown(); }

  std::future<result<std::string>> start(composed<std::string>::steps steps,
                                         call_options options = {}) {
    return initiate(client, std::move(steps),
                    asio::bind_cancellation_slot(cancel.slot(), asio::use_future),
                    std::move(options));
  }
};

TEST_F(Composed, MakesOneCallAfterAnother) {
  network->push(fake_transport::json("a"));
  network->push(fake_transport::json("b"));
  auto got = start(&two_fetches);
  EXPECT_EQ(network->requests().size(), 0u);
  io.run();
  EXPECT_EQ(*got.get(), "ab");
}

TEST_F(Composed, EndsWithTheErrorOfAStep) {
  network->push(fake_transport::json("a"));
  network->push(fake_transport::json("{}", 404));
  auto got = start(&two_fetches);
  io.run();
  EXPECT_EQ(got.get().error(), errc::not_found);
}

TEST_F(Composed, GivesEachStepTheTimeThatIsLeft) {
  network->push(fake_transport::json("a"));
  network->push(fake_transport::json("b"));
  auto got = start(&two_fetches, call_options().timeout(1h));
  io.run();
  EXPECT_TRUE(got.get());
  const auto requests = network->requests();
  ASSERT_EQ(requests.size(), 2u);
  for (const http_request& each : requests)
    EXPECT_NEAR(
        std::chrono::duration<double>(each.deadline - std::chrono::steady_clock::now()).count(),
        3600, 60);
}

TEST_F(Composed, EndsAtItsDeadlineInAPause) {
  auto got = start(&long_pause, call_options().timeout(1ms));
  io.run();
  EXPECT_EQ(got.get().error(), errc::deadline_exceeded);
}

TEST_F(Composed, RefusesATimeoutBelowZeroInItsFirstStep) {
  auto got = start(&two_fetches, call_options().timeout(-1ms));
  io.run();
  EXPECT_EQ(got.get().error(), errc::invalid_argument);
}

TEST_F(Composed, CanBeCancelledWhileAStepIsUnderWay) {
  network->hold();
  auto got = start(&two_fetches);
  while (network->pending() == 0) io.run_one();
  cancel.emit(asio::cancellation_type::total);
  io.run();
  EXPECT_EQ(got.get().error(), errc::cancelled);
  EXPECT_EQ(network->requests().size(), 1u);
}

TEST_F(Composed, CanBeCancelledInAPause) {
  auto got = start(&long_pause);
  io.poll();
  cancel.emit(asio::cancellation_type::partial);
  io.run();
  EXPECT_EQ(got.get().error(), errc::cancelled);
}

TEST_F(Composed, MakesNoFurtherStepOnceCancelled) {
  auto got = start(&two_fetches);
  cancel.emit(asio::cancellation_type::terminal);
  io.run();
  EXPECT_EQ(got.get().error(), errc::cancelled);
  EXPECT_EQ(network->requests().size(), 0u);
}

TEST_F(Composed, EndsWithTheClientInAPause) {
  auto got = start(&long_pause);
  io.poll();
  client->shutdown();
  io.run();
  EXPECT_EQ(got.get().error(), errc::cancelled);
}

TEST_F(Composed, IsRefusedByAClosedClient) {
  client->shutdown();
  auto got = start(&long_pause);
  io.run();
  EXPECT_EQ(got.get().error(), errc::client_closed);
}

TEST_F(Composed, HoldsUpAGracefulCloseUntilItHasEnded) {
  network->hold();
  network->push(fake_transport::json("a"));
  auto got = start(&two_fetches);
  while (network->pending() == 0) io.run_one();
  close_report report;
  client->async_close(1h, [&](close_report r) { report = r; });
  network->release();
  io.run();
  EXPECT_EQ(got.get().error(), errc::client_closed);  // its second step comes too late
  EXPECT_EQ(report.drained, 2u);                      // the first step and the whole
}

TEST_F(Composed, LetsWhatAStepThrowsLeaveRun) {
  auto got = start(&throws);
  EXPECT_THROW(io.run(), std::bad_alloc);
  EXPECT_THROW(got.get(), std::future_error);  // the handler is destroyed uncalled
}

TEST_F(Composed, MayBeginWhileAnotherThreadClosesItsClient) {
  for (int i = 0; i < 100; ++i) {
    asio::io_context here;
    const auto closing = make_inside(here, std::make_shared<fake_transport>(here.get_executor()));
    std::thread closer([&] { closing->shutdown(); });
    auto got = initiate(closing, &long_pause, asio::use_future);
    here.run();
    closer.join();
    here.restart();
    here.run();
    const auto outcome = got.get();
    ASSERT_FALSE(outcome);
    EXPECT_TRUE(outcome.error() == errc::cancelled || outcome.error() == errc::client_closed);
  }
}

TEST_F(Composed, LeavesNothingBehindWhenItsContextIsDestroyed) {
  asio::io_context gone;
  const auto network_of_all = std::make_shared<fake_transport>(gone.get_executor());
  std::weak_ptr<client_impl> watched;
  {
    asio::io_context short_lived;
    auto inside = make_inside(short_lived, network_of_all);
    watched = inside;
    initiate(inside, &long_pause, [](const result<std::string>&) { FAIL(); });
    short_lived.poll();
  }
  EXPECT_TRUE(watched.expired());
}

}  // namespace composed_test
}  // namespace upsun::calls
