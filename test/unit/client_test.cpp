#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <upsun/client.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <memory>
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

}  // namespace
}  // namespace upsun
