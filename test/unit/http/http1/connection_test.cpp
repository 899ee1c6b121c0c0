#include "http/http1/connection.hpp"

#include "unit/http/http1/connection_fixture.hpp"

namespace upsun::http {
namespace connection_test {

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
