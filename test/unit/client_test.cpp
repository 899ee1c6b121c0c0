#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/fake_transport.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace upsun {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers when the test says so, and does nothing that would keep a context running.
struct idle_transport final : transport {
  send_handler send;
  close_handler close;

  void async_send(http_request, send_handler handler) override { send.swap(handler); }
  void async_close(std::chrono::milliseconds, close_handler handler) override { close.swap(handler); }
  void shutdown() noexcept override {}
  [[nodiscard]] pool_statistics statistics() const override { return {}; }
};

// A future's handler has no executor of the context, so only the operation itself can keep it running.
TEST(Client, KeepsItsContextRunningUntilACallHasCompletedElsewhere) {
  asio::io_context io;
  const auto network = std::make_shared<idle_transport>();
  client client(io.get_executor(), {.transport = network});
  auto got = client.async_get_integration(project_id("p"), integration_id("i"), asio::use_future);
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
  const auto network =
      std::make_shared<testing::fake_transport>(io.get_executor(), [](const http_request&) { return testing::fake_transport::json("{}", 503); });
  client client(io.get_executor(), {.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 0ms}, .transport = network});
  const std::string given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  auto got = client.async_get_integration(project_id("p"), integration_id("i"), call_options().trace(given, "vendor=opaque"), asio::use_future);
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

TEST(Client, RefusesATraceThatIsNotWellFormed) {
  asio::io_context io;
  const auto network = std::make_shared<testing::fake_transport>(io.get_executor());
  client client(io.get_executor(), {.transport = network});
  auto bad = client.async_get_integration(project_id("p"), integration_id("i"), call_options().trace("planted"), asio::use_future);
  auto twice = client.async_get_integration(project_id("p"), integration_id("i"), call_options().header("Traceparent", "00"), asio::use_future);
  io.run();
  const error refused = bad.get().error();
  EXPECT_EQ(refused, errc::invalid_argument);
  EXPECT_EQ(refused.message().find("planted"), std::string::npos);
  EXPECT_EQ(twice.get().error(), errc::invalid_argument);
  EXPECT_TRUE(network->requests().empty());
}

}  // namespace
}  // namespace upsun
