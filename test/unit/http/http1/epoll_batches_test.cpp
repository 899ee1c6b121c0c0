// What http1_connection makes of several notifications at once, as only epoll_set has them.

#include "unit/http/http1/connection_fixture.hpp"

namespace upsun::http {
namespace connection_test {

class BatchOfConnections : public Connection {};

TEST_F(BatchOfConnections, SendsWhatBeginsAmongOthersOnceTheyWereNotified) {
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

TEST_F(BatchOfConnections, StaysAsItWasWhenAnExchangeEndsBeforeItIsWritten) {
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

TEST_F(BatchOfConnections, ThatEndsBeforeADeferredWriteFailsItsExchangeAsOneThatWasNotSent) {
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

TEST_F(BatchOfConnections, ReportsResponsesWhenThoseOfTheBatchWereRead) {
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

TEST_F(BatchOfConnections, SaysWhenAResponseWasCompleteAlsoWhenItIsReportedLater) {
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

TEST_F(BatchOfConnections, LooksAtTheSocketWhenADeferredExchangeIsWritten) {
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

TEST_F(BatchOfConnections, SaysThatNothingWasSentToAServerThatSpokeFirst) {
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

}  // namespace connection_test
}  // namespace upsun::http
