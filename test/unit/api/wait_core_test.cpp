#include "api/wait_core.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace upsun::api {
namespace wait_core_test {

using namespace std::chrono_literals;
using numbers = std::vector<std::size_t>;

const wait_core::time_point start{1h};

wait_options plain() { return wait_options().initial_delay(1s).factor(2).max_delay(5s).jitter(0); }

activity in_progress(std::string id, std::int64_t percent = 10) {
  return {.id = std::move(id), .state = activity_state::in_progress, .completion_percent = percent};
}
activity ended(std::string id, activity_result how = activity_result::success) {
  return {.id = std::move(id),
          .state = activity_state::complete,
          .result = how,
          .completion_percent = 100};
}
activity cancelled(std::string id) {
  return {.id = std::move(id), .state = activity_state::cancelled, .completion_percent = 10};
}

std::vector<activity_id> ids(int count) {
  std::vector<activity_id> made;
  for (int i = 0; i < count; ++i) made.emplace_back("a" + std::to_string(i));
  return made;
}

/// One more fetch of the only activity gives this.
bool fetch(wait_core& core, activity value) {
  static_cast<void>(core.begin(wait_core::time_point::max()));
  return core.fetched(0, std::move(value), start, 0);
}
std::optional<error> fail(wait_core& core, errc why) {
  static_cast<void>(core.begin(wait_core::time_point::max()));
  return core.failed(0, why, start, 0);
}

TEST(WaitCore, IsOverAtOnceWithNothingToWaitFor) {
  const auto options = plain();
  wait_core core(std::vector<activity_id>(), options, start, 0);
  EXPECT_TRUE(core.over());
  EXPECT_EQ(std::move(core).report().outcome, wait_outcome::success);
}

TEST(WaitCore, FetchesAtOnceThenWithPausesThatGrow) {
  const auto options = plain();
  wait_core core(activity_id("a"), options, start, 0);
  auto now = start;
  for (const auto pause : {0s, 1s, 2s, 4s, 5s, 5s}) {
    EXPECT_EQ(core.next(), now + pause);
    EXPECT_TRUE(core.begin(now + pause - 1ns).empty());
    now += pause;
    EXPECT_EQ(core.begin(now), numbers{0});
    core.fetched(0, in_progress("a"), now, 0);
  }
  EXPECT_FALSE(core.over());
}

TEST(WaitCore, ShortensPausesByChance) {
  const auto options = plain().jitter(0.5);
  wait_core core(activity_id("a"), options, start, 0);
  static_cast<void>(core.begin(start));
  core.fetched(0, in_progress("a"), start, 0.5);
  EXPECT_EQ(core.next(), start + 750ms);
  static_cast<void>(core.begin(start + 1s));
  core.fetched(0, in_progress("a"), start, 0);
  EXPECT_EQ(core.next(), start + 2s);
}

TEST(WaitCore, WaitsBeforeItFetchesWhatWasSeenAlready) {
  const auto options = plain();
  wait_core core(std::vector{in_progress("a"), ended("b")}, options, start, 0);
  EXPECT_TRUE(core.begin(start).empty());
  EXPECT_EQ(core.next(), start + 1s);
  EXPECT_EQ(core.begin(start + 1s), numbers{0});
  core.fetched(0, ended("a"), start + 1s, 0);
  ASSERT_TRUE(core.over());
  const auto report = std::move(core).report();
  EXPECT_EQ(report.outcome, wait_outcome::success);
  EXPECT_EQ(report.polls, 1u);
  EXPECT_EQ(report.activities, (std::vector{ended("a"), ended("b")}));
}

TEST(WaitCore, HasNoMoreFetchesUnderWayThanItMayAndBeginsTheLongestDue) {
  const auto options = plain().concurrency(2);
  wait_core core(ids(4), options, start, 0);
  EXPECT_EQ(core.begin(start), (numbers{0, 1}));
  EXPECT_TRUE(core.begin(start).empty());
  EXPECT_EQ(core.next(), wait_core::time_point::max()) << "nothing begins before a fetch has ended";
  core.fetched(0, in_progress("a0"), start, 0);
  EXPECT_EQ(core.next(), start);
  EXPECT_EQ(core.begin(start), numbers{2});
  core.fetched(1, ended("a1"), start, 0);
  EXPECT_EQ(core.begin(start + 1s), numbers{3}) << "due before the first one is again";
  EXPECT_FALSE(core.failed(2, errc::server_error, start + 1s, 0));
  EXPECT_EQ(core.begin(start + 1s), numbers{0});
}

TEST(WaitCore, TellsNewsFromWhatIsKnown) {
  const auto options = plain();
  wait_core core(activity_id("a"), options, start, 0);
  EXPECT_TRUE(fetch(core, in_progress("a", 10)));
  EXPECT_FALSE(fetch(core, in_progress("a", 10)));
  EXPECT_TRUE(fetch(core, in_progress("a", 11)));
  EXPECT_TRUE(fetch(core, ended("a")));
  EXPECT_EQ(core.value(0), ended("a"));
}

TEST(WaitCore, KeepsTheIdItAskedFor) {
  const auto options = plain();
  wait_core core(activity_id("a"), options, start, 0);
  fetch(core, in_progress("other"));
  EXPECT_EQ(core.id(0), "a");
}

TEST(WaitCore, WaitsOnceForWhatIsGivenTwice) {
  const auto options = plain();
  wait_core core(std::vector{activity_id("a"), activity_id("a")}, options, start, 0);
  EXPECT_EQ(core.begin(start), numbers{0});
  core.fetched(0, ended("a"), start, 0);
  EXPECT_TRUE(core.over());
  EXPECT_EQ(std::move(core).report().activities.size(), 1u);
}

wait_outcome outcome_of(const std::vector<activity>& how) {
  const auto options = plain();
  return wait_core(how, options, start, 0).report().outcome;
}

TEST(WaitCore, ReportsTheWorstOutcome) {
  EXPECT_EQ(outcome_of({ended("a"), ended("b")}), wait_outcome::success);
  EXPECT_EQ(outcome_of({ended("a"), cancelled("b")}), wait_outcome::cancelled);
  EXPECT_EQ(outcome_of({cancelled("a"), ended("b", activity_result::failure), ended("c")}),
            wait_outcome::failure);
  EXPECT_EQ(outcome_of({ended("a", activity_result::failure), cancelled("b")}),
            wait_outcome::failure);
  activity no_result = ended("a");
  no_result.result.reset();
  EXPECT_EQ(outcome_of({no_result}), wait_outcome::failure);
}

TEST(WaitCore, GoesOnAfterFailuresThatMayPass) {
  const auto options = plain().max_failures(2);
  wait_core core(activity_id("a"), options, start, 0);
  for (const errc passing : {errc::server_error, errc::rate_limited})
    EXPECT_FALSE(fail(core, passing));
  fetch(core, in_progress("a"));
  for (const errc passing : {errc::connection_reset, errc::attempt_timeout})
    EXPECT_FALSE(fail(core, passing));
  EXPECT_EQ(core.next(), start + 5s) << "a failure lengthens the pause, too";
  const auto ends = fail(core, errc::queue_full);
  ASSERT_TRUE(ends);
  EXPECT_EQ(*ends, errc::queue_full);
}

TEST(WaitCore, EndsWithAFailureThatDoesNotPassAndSaysOfWhat) {
  const auto options = plain();
  wait_core core(ids(2), options, start, 0);
  error_details details;
  details.status = 404;
  details.path_template = "/t";
  static_cast<void>(core.begin(start));
  const auto ends = core.failed(1, error(errc::not_found, std::move(details)), start, 0);
  ASSERT_TRUE(ends);
  EXPECT_EQ(*ends, errc::not_found);
  EXPECT_EQ(ends->status(), 404);
  EXPECT_EQ(ends->details().cause, "activity a1");
  const auto strict = plain().max_failures(0);
  wait_core first(ids(1), strict, start, 0);
  EXPECT_TRUE(fail(first, errc::server_error));
}

TEST(WaitCore, NamesWhatIsStillPending) {
  const auto options = plain();
  wait_core core(ids(3), options, start, 0);
  static_cast<void>(core.begin(start));
  core.fetched(1, ended("a1"), start, 0);
  EXPECT_EQ(core.deadline_error(), errc::deadline_exceeded);
  EXPECT_EQ(core.deadline_error().details().cause, "still pending: a0, a2");
  EXPECT_EQ(wait_core(ids(12), options, start, 0).deadline_error().details().cause,
            "still pending: a0, a1, a2, a3, a4, a5, a6, a7, a8, a9 and 2 more");
}

}  // namespace wait_core_test
}  // namespace upsun::api
