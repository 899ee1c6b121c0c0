#include "http/http1/connection.hpp"

#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::http {
namespace connection_test {

namespace asio = boost::asio;

const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// Notes what ends, and how.
struct noting_owner final : connection_owner {
  void on_finished(connection& from, exchange_outcome&& outcome) override {
    finished.push_back(std::move(outcome));
    if (then) then(from);
  }
  void on_idle_death(connection&) override { ++idle_deaths; }
  void on_capacity(connection&, const stream_capacity&) override {}

  std::vector<exchange_outcome> finished;
  int idle_deaths = 0;
  std::function<void(connection&)> then;
};

/// Notes where bodies lie, and leaves them there.
struct leaving_owner final : connection_owner {
  explicit leaving_owner(std::vector<const char*>& bodies) : seen(bodies) {}
  void on_finished(connection&, exchange_outcome&& outcome) override {
    seen.push_back((*outcome.response)->body.data());
  }
  void on_idle_death(connection&) override {}
  void on_capacity(connection&, const stream_capacity&) override {}

  std::vector<const char*>& seen;
};

/// A connection, and the server at its other end.
struct line {
  util::unique_fd server;
  std::shared_ptr<http1_connection> client;

  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(server.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void reply() const { send(response); }
  /// What has come since the last time.
  [[nodiscard]] std::string received() const {
    std::array<char, 1024> bytes{};
    const auto count = ::recv(server.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    return count > 0 ? std::string(bytes.data(), static_cast<std::size_t>(count)) : std::string();
  }
};

class Connection : public ::testing::Test {
 protected:
  ~Connection() override {  // what keeps the owner alive
    owner->finished.clear();
    owner->then = nullptr;
  }

  line connect() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("no pair of sockets");
    util::unique_fd ours(ends[0]);
    byte_stream stream(ours.get());
    line made{util::unique_fd(ends[1]),
              std::make_shared<http1_connection>(connection_id{++connections}, std::move(ours),
                                                 std::move(stream), std::nullopt, limit_options{},
                                                 false, watch, owner)};
    made.client->start();
    run_ready();
    return made;
  }
  exchange_ptr request(std::string text) {
    auto made = std::make_shared<exchange>();
    made->home = owner;
    made->bytes = std::move(text);
    made->reused = true;
    made->leased = std::chrono::steady_clock::now();
    return made;
  }
  void run_ready() {
    context.restart();
    context.poll();
  }
  /// Two connections with an exchange each, which `under_way` holds.
  std::array<line, 2> two_that_are_begun() {
    std::array<line, 2> lines{connect(), connect()};
    for (const line& each : lines) {
      under_way.push_back(request("first"));
      EXPECT_FALSE(each.client->begin(under_way.back()));
      EXPECT_EQ(each.received(), "first") << "nothing else is queued: it is sent at once";
    }
    return lines;
  }
  /// The same, whose responses the next poll finds together.
  std::array<line, 2> two_with_responses() {
    auto lines = two_that_are_begun();
    for (const line& each : lines) each.reply();
    return lines;
  }
  /// Begins `next` when the first of two responses is reported. It is written after the second was,
  /// and before that something unasked arrives.
  void begin_and_write_late(const std::array<line, 2>& lines, exchange_ptr next) {
    owner->then = [&lines, next = std::move(next),
                   first = static_cast<connection*>(nullptr)](connection& from) mutable {
      if (first == nullptr) {
        first = &from;
        EXPECT_FALSE(from.begin(next));
      } else if (first != &from) {
        lines.at(other_than(lines, from)).reply();
      }
    };
  }
  static std::size_t other_than(const std::array<line, 2>& lines, const connection& one) {
    return &one == lines[0].client.get() ? 1 : 0;
  }
  /// Calls `what` with the index of the second line between its response and the report of it.
  template <class What>
  void before_the_second_report(const std::array<line, 2>& lines, What what) {
    owner->then = [this, &lines, what = std::move(what)](connection& from) {
      if (owner->finished.size() == 1) what(other_than(lines, from));
    };
  }
  /// Whether the client has read all that the server sent.
  static bool nothing_to_read(const line& of) {
    int unread = 0;
    return ::ioctl(of.server.get(), SIOCOUTQ, &unread) == 0 && unread == 0;
  }

  asio::io_context context;
  std::shared_ptr<readiness> watch = std::make_shared<readiness>(context.get_executor());
  std::shared_ptr<noting_owner> owner = std::make_shared<noting_owner>();
  std::uint64_t connections = 0;
  std::vector<exchange_ptr> under_way;
};

TEST_F(Connection, SendsWhatBeginsAmongOthersOnceTheyWereNotified) {
  const auto lines = two_with_responses();
  std::size_t begun = 0;
  owner->then = [&](connection& from) {
    EXPECT_FALSE(from.begin(request("second")));
    if (++begun == 1) {
      for (const line& each : lines) EXPECT_EQ(each.received(), "");
    }
  };
  run_ready();
  EXPECT_EQ(begun, 2U);
  owner->then = nullptr;
  for (const line& each : lines) {
    EXPECT_EQ(each.received(), "second");
    each.reply();
  }
  run_ready();
  EXPECT_EQ(owner->finished.size(), 4U);
  for (const auto& each : owner->finished) EXPECT_EQ(each.verdict, release_verdict::reusable);
}

TEST_F(Connection, StaysAsItWasWhenAnExchangeEndsBeforeItIsWritten) {
  const auto lines = two_with_responses();
  bool done = false;
  owner->then = [&](connection& from) {
    if (std::exchange(done, true)) return;
    const auto given_up = request("given up");
    EXPECT_FALSE(from.begin(given_up));
    const auto outcome = from.abort(given_up, errc::cancelled);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->finished, given_up);
    EXPECT_EQ(outcome->failure.code, errc::cancelled);
    EXPECT_EQ(outcome->verdict, release_verdict::untouched);
    EXPECT_FALSE(from.begin(request("second")));
  };
  run_ready();
  EXPECT_TRUE(done);
  EXPECT_EQ(lines[0].received() + lines[1].received(), "second");
  EXPECT_EQ(owner->idle_deaths, 0);
}

TEST_F(Connection, ThatWasLeasedWithItsDialWasNeverIdle) {
  for (const bool leased_idle : {false, true}) {
    const auto one = connect();
    const auto first = request("first");
    first->reused = false;
    first->leased_idle = leased_idle;
    EXPECT_FALSE(one.client->begin(first));
    const auto outcome = one.client->abort(first, errc::connection_reset);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->stale, leased_idle);
  }
}

TEST_F(Connection, NeverGivesBytesThatStandInTheSocketToAnExchangeThatBegins) {
  enum class unasked { whole, first_byte, end };
  for (const bool reused : {true, false}) {
    for (const unasked what : {unasked::whole, unasked::first_byte, unasked::end}) {
      auto one = connect();
      if (reused) {
        EXPECT_FALSE(one.client->begin(request("first")));
        one.reply();
        run_ready();
        EXPECT_EQ(one.received(), "first");
      }
      // No time passes, and nobody is notified before the next exchange begins.
      if (what == unasked::whole) one.reply();
      if (what == unasked::first_byte) one.send("H");
      if (what == unasked::end) ::shutdown(one.server.get(), SHUT_WR);
      const exchange_ptr next = request("next");
      next->reused = reused;
      next->leased_idle = !reused;
      const auto outcome = one.client->begin(next);
      ASSERT_TRUE(outcome);
      EXPECT_EQ(outcome->failure.code, errc::connection_closed);
      EXPECT_EQ(outcome->failed_in, phase::queue) << "nothing was sent";
      EXPECT_TRUE(outcome->stale);
      EXPECT_EQ(outcome->verdict, release_verdict::failed);
      EXPECT_EQ(one.received(), "");
    }
  }
}

TEST_F(Connection, ThatEndsBeforeADeferredWriteFailsItsExchangeAsOneThatWasNotSent) {
  auto lines = two_with_responses();
  exchange_ptr second;
  owner->then = [&](connection& from) {
    if (second) return;
    second = request("second");
    EXPECT_FALSE(from.begin(second));
    for (line& each : lines) each.server.reset();
  };
  run_ready();
  run_ready();
  ASSERT_EQ(owner->finished.size(), 3U);
  const exchange_outcome& last = owner->finished.back();
  EXPECT_EQ(last.finished, second);
  EXPECT_FALSE(last.response);
  EXPECT_TRUE(last.stale);
  EXPECT_EQ(last.failed_in, phase::queue);
  EXPECT_EQ(last.verdict, release_verdict::failed);
}

TEST_F(Connection, ReportsResponsesWhenThoseOfTheBatchWereRead) {
  const auto lines = two_with_responses();
  std::size_t reported = 0;
  owner->then = [&](connection&) {
    if (++reported != 1) return;
    for (const line& each : lines)
      EXPECT_TRUE(nothing_to_read(each))
          << "the second response was read before the first was reported";
  };
  run_ready();
  EXPECT_EQ(reported, 2U);
}

TEST_F(Connection, DoesNotReportTheResponseOfAnExchangeThatIsAbortedBefore) {
  const auto lines = two_with_responses();
  std::optional<exchange_outcome> other;
  before_the_second_report(lines, [&](std::size_t second) {
    other = lines.at(second).client->abort(under_way.at(second), errc::cancelled);
  });
  run_ready();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->failure.code, errc::cancelled);
  EXPECT_FALSE(other->response);
  EXPECT_FALSE(other->stale);
  EXPECT_EQ(other->verdict, release_verdict::failed);
  EXPECT_EQ(owner->finished.size(), 1U);
  EXPECT_EQ(owner->idle_deaths, 0);
}

TEST_F(Connection, NoticesAnEndBetweenAResponseAndItsReport) {
  auto lines = two_with_responses();
  before_the_second_report(lines, [&](std::size_t second) {
    // As another thread would be notified meanwhile.
    lines.at(second).server.reset();
    EXPECT_TRUE(lines.at(second).client->on_ready(true)) << "its report is still to come";
  });
  run_ready();
  ASSERT_EQ(owner->finished.size(), 2U);
  EXPECT_EQ(owner->finished[0].verdict, release_verdict::reusable);
  EXPECT_TRUE(owner->finished[1].response);
  EXPECT_EQ(owner->finished[1].verdict, release_verdict::not_reusable);
  EXPECT_EQ(owner->idle_deaths, 0);
}

TEST_F(Connection, NoticesBytesBetweenAResponseAndItsReport) {
  auto lines = two_with_responses();
  before_the_second_report(lines, [&](std::size_t second) {
    lines.at(second).reply();
    EXPECT_TRUE(lines.at(second).client->on_ready(false));
  });
  run_ready();
  ASSERT_EQ(owner->finished.size(), 2U);
  EXPECT_TRUE(owner->finished[1].response);
  EXPECT_EQ(owner->finished[1].verdict, release_verdict::not_reusable) << "nobody asked for them";
}

TEST_F(Connection, TakesTheNextExchangeAfterANotificationOfNothingBetweenAResponseAndItsReport) {
  auto lines = two_with_responses();
  before_the_second_report(
      lines, [&](std::size_t second) { EXPECT_TRUE(lines.at(second).client->on_ready(false)); });
  run_ready();
  ASSERT_EQ(owner->finished.size(), 2U);
  owner->then = nullptr;
  for (const line& each : lines) {
    EXPECT_FALSE(each.client->begin(request("second")));
    EXPECT_EQ(each.received(), "second");
    each.reply();
  }
  run_ready();
  ASSERT_EQ(owner->finished.size(), 4U);
  for (const auto& each : owner->finished) EXPECT_EQ(each.verdict, release_verdict::reusable);
}

TEST_F(Connection, ReportsAResponseOnceHoweverOftenItIsDeferred) {
  const auto lines = two_with_responses();
  run_ready();
  for (const line& each : lines) each.client->on_deferred();
  EXPECT_EQ(owner->finished.size(), 2U);
}

TEST_F(Connection, ReportsTheOtherResponsesWhenAHandlerThrows) {
  const auto lines = two_with_responses();
  owner->then = [&](connection&) {
    if (owner->finished.size() == 1) throw std::runtime_error("a handler's");
  };
  EXPECT_THROW(run_ready(), std::runtime_error);
  run_ready();
  EXPECT_EQ(owner->finished.size(), 2U);
}

TEST_F(Connection, SaysWhenAResponseWasCompleteAlsoWhenItIsReportedLater) {
  for (const std::size_t cut : {response.size(), response.size() - 1}) {
    owner->finished.clear();
    const auto lines = two_that_are_begun();
    for (const line& each : lines) each.send(std::string_view(response).substr(0, cut));
    if (cut != response.size()) {
      run_ready();
      for (const line& each : lines) each.send("}");
    }
    std::optional<time_point> first_report;
    owner->then = [&](connection&) {
      if (!first_report) first_report = std::chrono::steady_clock::now();
    };
    run_ready();
    ASSERT_EQ(owner->finished.size(), 2U);
    EXPECT_LE(owner->finished[1].at, first_report);
  }
}

TEST_F(Connection, LooksAtTheSocketWhenADeferredExchangeIsWritten) {
  const auto lines = two_with_responses();
  const exchange_ptr second = request("second");
  begin_and_write_late(lines, second);
  run_ready();
  ASSERT_EQ(owner->finished.size(), 3U);
  EXPECT_EQ(owner->finished[2].finished, second);
  EXPECT_EQ(owner->finished[2].failure.code, errc::connection_closed);
  EXPECT_EQ(second->written, 0U);
  for (const line& each : lines) EXPECT_EQ(each.received(), "");
}

/// A request that no socket takes in whole, and what its server sends in the middle of it.
const std::string large_request = "POST / HTTP/1.1\r\n\r\n" + std::string(4'000'000, 'x');
const std::string refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 7\r\n\r\ntoo big";

/// The server responds, and closes without having read the rest.
void respond_and_close(line& to, std::string_view with) {
  to.send(with);
  to.server.reset();
}

TEST_F(Connection, ReadsWhatCameBeforeAWriteFailed) {
  auto one = connect();
  EXPECT_FALSE(one.client->begin(request(large_request)));
  EXPECT_GT(one.received().size(), 0U);
  respond_and_close(one, refusal);
  run_ready();
  ASSERT_EQ(owner->finished.size(), 1U);
  exchange_outcome& outcome = owner->finished[0];
  ASSERT_TRUE(outcome.response && *outcome.response) << outcome.failure.cause;
  EXPECT_EQ((**outcome.response).status, 413);
  EXPECT_EQ((**outcome.response).body, "too big");
  EXPECT_EQ(outcome.verdict, release_verdict::not_reusable);
  EXPECT_LT(outcome.finished->written, outcome.finished->bytes.size());
}

TEST_F(Connection, SaysWhyTheWriteFailedWhenWhatCameIsNoResponse) {
  for (const std::string& part : {std::string(), refusal.substr(0, refusal.size() - 1)}) {
    owner->finished.clear();
    auto one = connect();
    EXPECT_FALSE(one.client->begin(request(large_request)));
    respond_and_close(one, part);
    run_ready();
    ASSERT_EQ(owner->finished.size(), 1U);
    const exchange_outcome& outcome = owner->finished[0];
    EXPECT_FALSE(outcome.response);
    EXPECT_EQ(outcome.failure.code, errc::connection_reset) << outcome.failure.cause;
    EXPECT_EQ(outcome.failed_in, phase::write);
    EXPECT_EQ(outcome.stale, part.empty()) << "a part of a response is one";
  }
}

TEST_F(Connection, SaysWhatIsWrongWithWhatCameBeforeAWriteFailed) {
  auto one = connect();
  EXPECT_FALSE(one.client->begin(request(large_request)));
  respond_and_close(one, "SSH-2.0-OpenSSH_9.2\r\n");
  run_ready();
  ASSERT_EQ(owner->finished.size(), 1U);
  EXPECT_EQ(owner->finished[0].failure.code, errc::bad_response);
}

TEST_F(Connection, SaysThatNothingWasSentToAServerThatSpokeFirst) {
  const auto fresh = connect();
  const auto lines = two_with_responses();
  exchange_ptr e;
  owner->then = [&](connection&) {
    if (e) return;
    e = request("POST");
    e->reused = false;
    EXPECT_FALSE(fresh.client->begin(e)) << "it is written with the others of the batch";
    fresh.reply();
    (void)fresh.client->on_ready(false);  // as another thread would be notified
  };
  run_ready();
  ASSERT_EQ(owner->finished.size(), 3U);
  const exchange_outcome& outcome =
      owner->finished[1].finished == e ? owner->finished[1] : owner->finished[2];
  EXPECT_EQ(outcome.finished, e);
  EXPECT_EQ(outcome.failure.code, errc::connection_closed);
  EXPECT_LT(outcome.failed_in, phase::write) << "so that it is safe to send it again";
  EXPECT_EQ(fresh.received(), "");
}

TEST_F(Connection, CountsAWriteOfNothingAsNothingSent) {
  auto one = connect();
  const exchange_ptr e = request("POST");
  e->reused = true;
  e->leased = time_point{};  // so that it is not looked at before
  one.server.reset();
  const auto outcome = one.client->begin(e);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(e->written, 0U);
  EXPECT_LT(outcome->failed_in, phase::write);
}

TEST_F(Connection, SaysWhenItHasEnded) {
  auto one = connect();
  EXPECT_FALSE(one.client->has_ended());
  one.server.reset();
  run_ready();
  EXPECT_EQ(owner->idle_deaths, 1);
  EXPECT_TRUE(one.client->has_ended());
}

TEST_F(Connection, ReportsTheResponsesOfABatchAfterAStopWhenItsContextRunsAgain) {
  const auto lines = two_with_responses();
  owner->then = [&](connection&) { context.stop(); };
  run_ready();
  EXPECT_EQ(owner->finished.size(), 1U);
  run_ready();
  EXPECT_EQ(owner->finished.size(), 2U);
}

TEST_F(Connection, ReportsNoOtherFailureAfterAStop) {
  auto lines = two_that_are_begun();
  for (line& each : lines) each.server.reset();
  owner->then = [&](connection&) { context.stop(); };
  run_ready();
  EXPECT_EQ(owner->finished.size(), 1U);
  run_ready();
  EXPECT_EQ(owner->finished.size(), 2U);
}

TEST_F(Connection, TakesTheMemoryOfABodyThatNobodyWantedForTheNext) {
  const auto one = connect();
  std::vector<const char*> bodies;
  const auto leaves_it = std::make_shared<leaving_owner>(bodies);
  const std::string large =
      "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + std::string(500, 'x');
  for (int i = 0; i < 2; ++i) {
    const exchange_ptr e = request("a");
    e->home = leaves_it;
    EXPECT_FALSE(one.client->begin(e));
    one.send(large);
    run_ready();
  }
  ASSERT_EQ(bodies.size(), 2U);
  EXPECT_EQ(bodies[0], bodies[1]);
}

}  // namespace connection_test
}  // namespace upsun::http
