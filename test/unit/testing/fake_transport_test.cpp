#include <upsun/testing/fake_transport.hpp>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/joining_thread.hpp"

namespace upsun::testing {
namespace fake_transport_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

http_request request_for(std::string target) {
  http_request request;
  request.target = std::move(target);
  return request;
}

/// What a handler was called with, and how often.
struct outcome {
  int calls = 0;
  std::optional<result<http_response>> last;

  auto handler() {
    return [this](result<http_response> r) {
      ++calls;
      last.emplace(std::move(r));
    };
  }
  [[nodiscard]] bool failed_with(errc code) const {
    return calls == 1 && last->has_error() && last->error() == code;
  }
  [[nodiscard]] bool responded_with(const std::string& body) const {
    return calls == 1 && last->has_value() && (*last)->body == body;
  }
};

struct FakeTransport : ::testing::Test {
  asio::io_context io;
  fake_transport transport{io.get_executor()};
};

TEST_F(FakeTransport, RespondsFromTheQueueInOrder) {
  transport.push(fake_transport::json("1"));
  transport.push(error(errc::connection_reset));
  outcome first, second;
  transport.async_send(request_for("/a"), first.handler());
  transport.async_send(request_for("/b"), second.handler());
  EXPECT_EQ(first.calls + second.calls, 0) << "never from within async_send";
  io.run();
  EXPECT_TRUE(first.responded_with("1"));
  EXPECT_EQ((*first.last)->status, 200);
  EXPECT_EQ((*first.last)->content_type, "application/json");
  EXPECT_TRUE(second.failed_with(errc::connection_reset));
}

TEST_F(FakeTransport, FailsWhatItHasNoResponseTo) {
  outcome got;
  transport.async_send(request_for("/a"), got.handler());
  io.run();
  EXPECT_TRUE(got.failed_with(errc::connect_failed));
}

TEST_F(FakeTransport, AsksTheResponderOnceTheQueueIsEmpty) {
  fake_transport responding(io.get_executor(), [](const http_request& r) -> result<http_response> {
    return fake_transport::json(r.target, 404);
  });
  responding.push(fake_transport::json("queued"));
  outcome first, second;
  responding.async_send(request_for("/a"), first.handler());
  responding.async_send(request_for("/b"), second.handler());
  io.run();
  EXPECT_TRUE(first.responded_with("queued"));
  EXPECT_TRUE(second.responded_with("/b"));
  EXPECT_EQ((*second.last)->status, 404);
}

TEST_F(FakeTransport, RecordsRequests) {
  outcome got;
  http_request request = request_for("/a");
  request.headers.emplace_back("X-Trace", "7");
  transport.async_send(std::move(request), got.handler());
  ASSERT_EQ(transport.requests().size(), 1u);
  EXPECT_EQ(transport.requests().front().target, "/a");
  EXPECT_EQ(transport.requests().front().headers.front().second, "7");
}

TEST_F(FakeTransport, HoldsResponsesBackUntilTheyAreReleased) {
  transport.hold();
  outcome first, second;
  transport.async_send(request_for("/a"), first.handler());
  transport.async_send(request_for("/b"), second.handler());
  io.poll();
  EXPECT_FALSE(io.stopped()) << "a request under way is work to the context";
  EXPECT_EQ(first.calls, 0);
  EXPECT_EQ(transport.pending(), 2u);
  EXPECT_EQ(transport.statistics().leased, 2u);

  transport.push(fake_transport::json("1"));
  transport.push(fake_transport::json("2"));
  transport.release();
  io.run();
  EXPECT_TRUE(first.responded_with("1"));
  EXPECT_TRUE(second.responded_with("2"));
  EXPECT_EQ(transport.pending(), 0u);
  EXPECT_EQ(transport.statistics().leases, 2u);
}

TEST_F(FakeTransport, CancelsOneRequestAndNotItsNeighbour) {
  transport.hold();
  outcome cancelled, kept;
  asio::cancellation_signal signal;
  transport.async_send(request_for("/a"),
                       asio::bind_cancellation_slot(signal.slot(), cancelled.handler()));
  transport.async_send(request_for("/b"), kept.handler());
  signal.emit(asio::cancellation_type::terminal);
  EXPECT_EQ(cancelled.calls, 0) << "never from within the emission";
  io.poll();
  EXPECT_TRUE(cancelled.failed_with(errc::cancelled));
  transport.push(fake_transport::json("b"));
  transport.release();
  io.run();
  EXPECT_TRUE(kept.responded_with("b"));
}

TEST_F(FakeTransport, CompletesOnceWhenCancelledAfterTheResponse) {
  outcome got;
  asio::cancellation_signal signal;
  transport.push(fake_transport::json("1"));
  transport.async_send(request_for("/a"),
                       asio::bind_cancellation_slot(signal.slot(), got.handler()));
  signal.emit(asio::cancellation_type::total);
  io.run();
  signal.emit(asio::cancellation_type::total);
  EXPECT_TRUE(got.responded_with("1"));
}

TEST_F(FakeTransport, EndsHeldRequestsAtTheirDeadline) {
  transport.hold();
  outcome total, attempt;
  http_request request = request_for("/a");
  request.deadline = std::chrono::steady_clock::now() + 1ms;
  request.attempt_timeout = 1h;
  transport.async_send(request, total.handler());
  request.deadline = std::chrono::steady_clock::time_point::max();
  request.attempt_timeout = 1ms;
  transport.async_send(request, attempt.handler());
  io.run();
  EXPECT_TRUE(total.failed_with(errc::deadline_exceeded));
  EXPECT_TRUE(attempt.failed_with(errc::attempt_timeout));
}

TEST_F(FakeTransport, CancelsEverythingWhenShutDown) {
  transport.hold();
  outcome before, after;
  transport.async_send(request_for("/a"), before.handler());
  transport.shutdown();
  transport.shutdown();
  transport.async_send(request_for("/b"), after.handler());
  EXPECT_EQ(before.calls + after.calls, 0);
  io.run();
  EXPECT_TRUE(before.failed_with(errc::cancelled));
  EXPECT_TRUE(after.failed_with(errc::client_closed));
}

TEST_F(FakeTransport, CancelsEverythingWhenDestroyed) {
  outcome got;
  {
    fake_transport gone(io.get_executor());
    gone.hold();
    gone.async_send(request_for("/a"), got.handler());
  }
  io.run();
  EXPECT_TRUE(got.failed_with(errc::cancelled));
}

TEST_F(FakeTransport, ClosesAtOnceWhenNothingIsUnderWay) {
  std::optional<close_report> report;
  transport.async_close(1h, [&](close_report r) { report = r; });
  EXPECT_FALSE(report);
  io.run();
  EXPECT_EQ(report, close_report{});
}

TEST_F(FakeTransport, DrainsWithinTheGrace) {
  transport.hold();
  outcome got;
  std::optional<close_report> report;
  transport.async_send(request_for("/a"), got.handler());
  transport.async_close(1h, [&](close_report r) { report = r; });
  io.poll();
  EXPECT_FALSE(report);
  transport.push(fake_transport::json("1"));
  transport.release();
  io.run();
  EXPECT_TRUE(got.responded_with("1"));
  EXPECT_EQ(report, (close_report{.drained = 1}));
}

TEST_F(FakeTransport, CancelsWhatIsLeftAfterTheGrace) {
  transport.hold();
  outcome got;
  std::optional<close_report> report;
  transport.async_send(request_for("/a"), got.handler());
  transport.async_close(1ms, [&](close_report r) { report = r; });
  io.run();
  EXPECT_TRUE(got.failed_with(errc::cancelled));
  EXPECT_EQ(report, (close_report{.cancelled = 1}));
}

TEST_F(FakeTransport, CallsHandlersOnTheirExecutor) {
  asio::io_context other;
  outcome got;
  transport.push(fake_transport::json("1"));
  transport.async_send(request_for("/a"),
                       asio::bind_executor(asio::make_strand(other), got.handler()));
  io.run();
  EXPECT_EQ(got.calls, 0);
  other.run();
  EXPECT_TRUE(got.responded_with("1"));
}

TEST_F(FakeTransport, CompletesEachOnceUnderThreads) {
  constexpr std::size_t count = 2'000;
  fake_transport responding(io.get_executor(), [](const http_request&) -> result<http_response> {
    return fake_transport::json("x");
  });
  responding.hold();
  std::vector<std::atomic<int>> calls(count);
  for (std::size_t i = 0; i < count; ++i)
    responding.async_send(request_for("/"),
                          [&calls, i](const result<http_response>&) { ++calls[i]; });
  {
    upsun::test::joining_thread runs([this] { io.run(); });
    upsun::test::joining_thread releases([&] { responding.release(); });
    upsun::test::joining_thread shuts([&] { responding.shutdown(); });
  }
  for (const auto& each : calls) EXPECT_EQ(each, 1);
}

}  // namespace fake_transport_test
}  // namespace upsun::testing
