#include "load/pacer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace upsun::load {
namespace pacer_test {

using namespace std::chrono_literals;

const time_point start = time_point() + 1h;

TEST(ClosedLoop, BeginsACallInEachFreeSlotAndCountsFromThen) {
  pacer calls({.slots = 2}, start);
  const auto first = calls.begin(start + 5ms);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->number, 0);
  EXPECT_EQ(first->due, start + 5ms);
  EXPECT_TRUE(calls.begin(start + 6ms));
  EXPECT_FALSE(calls.begin(start + 7ms)) << "both slots are taken";
  EXPECT_FALSE(calls.next_due());
  calls.end();
  const auto third = calls.begin(start + 9ms);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->number, 2);
  EXPECT_EQ(third->due, start + 9ms);
}

TEST(ClosedLoop, MakesExactlyAsManyCallsAsWanted) {
  pacer calls({.slots = 3, .limit = 7}, start);
  int begun = 0;
  for (int round = 0; round < 10; ++round) {
    int now = 0;
    while (calls.begin(start)) ++now;
    for (int i = 0; i < now; ++i) calls.end();
    begun += now;
  }
  EXPECT_EQ(begun, 7);
  EXPECT_TRUE(calls.done(start));
  EXPECT_EQ(calls.unfinished(), 0);
}

TEST(ClosedLoop, IsDoneWhenTheCallsUnderWayAtTheStopHaveEnded) {
  pacer calls({.slots = 2}, start);
  EXPECT_TRUE(calls.begin(start));
  EXPECT_FALSE(calls.done(start));
  calls.stop(start + 1s);
  EXPECT_FALSE(calls.begin(start + 1s));
  EXPECT_FALSE(calls.done(start + 1s));
  EXPECT_EQ(calls.unfinished(), 1);
  calls.end();
  EXPECT_TRUE(calls.done(start + 1s));
  EXPECT_EQ(calls.unfinished(), 0);
}

TEST(OpenLoop, BeginsEachCallWhenItIsDue) {
  pacer calls({.slots = 10, .plan = schedule(100)}, start);
  EXPECT_EQ(calls.begin(start)->due, start);
  EXPECT_EQ(calls.next_due(), start + 10ms);
  EXPECT_FALSE(calls.begin(start + 9ms));
  EXPECT_EQ(calls.begin(start + 10ms)->due, start + 10ms);
  EXPECT_EQ(calls.next_due(), start + 20ms);
}

TEST(OpenLoop, KeepsTheRateOverDaysWithoutDrifting) {
  pacer calls({.slots = 1, .plan = schedule(3)}, start);
  for (int i = 0; i < 3 * 3600; ++i) {
    ASSERT_TRUE(calls.begin(time_point::max() - 1h));
    calls.end();
  }
  EXPECT_EQ(calls.next_due(), start + 1h);
}

TEST(OpenLoop, CountsFromTheTimeACallWasDueWhenNoSlotWasFree) {
  pacer calls({.slots = 1, .plan = schedule(100)}, start);
  ASSERT_TRUE(calls.begin(start));
  EXPECT_FALSE(calls.begin(start + 45ms)) << "the response is slow";
  EXPECT_EQ(calls.next_due(), start + 10ms);
  std::vector<time_point> due;
  for (int i = 0; i < 4; ++i) {
    calls.end();
    const auto late = calls.begin(start + 45ms);
    ASSERT_TRUE(late);
    due.push_back(late->due);
  }
  EXPECT_EQ(due, (std::vector<time_point>{start + 10ms, start + 20ms, start + 30ms, start + 40ms}));
  calls.end();
  EXPECT_FALSE(calls.begin(start + 45ms)) << "it has caught up";
}

TEST(OpenLoop, StillBeginsWhatWasDueBeforeTheStop) {
  pacer calls({.slots = 1, .plan = schedule(100)}, start);
  ASSERT_TRUE(calls.begin(start));
  calls.stop(start + 25ms);
  EXPECT_EQ(calls.unfinished(), 3) << "one under way, those of 10 and 20 ms to come";
  calls.end();
  EXPECT_FALSE(calls.done(start + 1s));
  EXPECT_EQ(calls.begin(start + 1s)->due, start + 10ms);
  calls.end();
  EXPECT_EQ(calls.begin(start + 1s)->due, start + 20ms);
  EXPECT_EQ(calls.unfinished(), 1);
  calls.end();
  EXPECT_FALSE(calls.begin(start + 1s));
  EXPECT_TRUE(calls.done(start + 1s));
  EXPECT_EQ(calls.unfinished(), 0);
}

TEST(OpenLoop, BeginsNothingOfItsBacklogOnceItIsAbandoned) {
  pacer calls({.slots = 1, .plan = schedule(1e7)}, start);
  ASSERT_TRUE(calls.begin(start + 1s));
  calls.stop(start + 1s);
  EXPECT_EQ(calls.unfinished(), 10'000'000);
  calls.stop(time_point::min());
  EXPECT_EQ(calls.unfinished(), 1) << "the one under way";
  EXPECT_FALSE(calls.done(start + 1s));
  calls.end();
  EXPECT_FALSE(calls.begin(start + 1s));
  EXPECT_FALSE(calls.next_due());
  EXPECT_TRUE(calls.done(start + 1s));
}

TEST(OpenLoop, CountsNoCallDueAtTheStopItselfAsUnfinished) {
  pacer calls({.slots = 1, .plan = schedule(100)}, start);
  calls.stop(start + 20ms);
  EXPECT_EQ(calls.unfinished(), 2);
  calls.stop(start + 90ms);
  EXPECT_EQ(calls.unfinished(), 2) << "it was stopped before";
}

TEST(OpenLoop, EndsAtItsLimit) {
  pacer calls({.slots = 5, .plan = schedule(100), .limit = 2}, start);
  EXPECT_TRUE(calls.begin(start + 1s));
  EXPECT_TRUE(calls.begin(start + 1s));
  EXPECT_FALSE(calls.begin(start + 1s));
  EXPECT_FALSE(calls.next_due());
  EXPECT_FALSE(calls.done(start + 1s));
  calls.end();
  calls.end();
  EXPECT_TRUE(calls.done(start + 1s));
}

TEST(OpenLoop, SaysWhichCallsFoundNoFreeSlot) {
  pacer calls({.slots = 1, .plan = schedule(100)}, start);
  EXPECT_FALSE(calls.begin(start + 1ms)->blocked);
  EXPECT_FALSE(calls.begin(start + 5ms)) << "the slot is taken, and nothing is due";
  calls.end();
  EXPECT_FALSE(calls.begin(start + 19ms)->blocked) << "nobody asked for it while it was due";
  EXPECT_FALSE(calls.begin(start + 21ms));
  calls.end();
  EXPECT_TRUE(calls.begin(start + 45ms)->blocked);
  calls.end();
  EXPECT_TRUE(calls.begin(start + 45ms)->blocked) << "due at 30 ms, behind the one before";
  calls.end();
  EXPECT_TRUE(calls.begin(start + 45ms)) << "due at 40 ms";
  calls.end();
  EXPECT_FALSE(calls.begin(start + 45ms)) << "it has caught up";
  EXPECT_FALSE(calls.begin(start + 50ms)->blocked);
}

TEST(OpenLoop, SharesThePlanBetweenClients) {
  const schedule plan(std::vector<stage>{{100, 100, seconds(1)}, {10, 10, seconds(1)}});
  pacer second({.slots = 200, .plan = plan, .first = 1, .step = 2}, start);
  const auto first_call = second.begin(start + 10ms);
  ASSERT_TRUE(first_call);
  EXPECT_EQ(first_call->number, 1);
  EXPECT_EQ(first_call->due, start + 10ms);
  EXPECT_EQ(second.next_due(), start + 30ms);
  second.stop(start + 2s);
  EXPECT_EQ(second.unfinished(), 55) << "half of the plan's 110";
}

}  // namespace pacer_test
}  // namespace upsun::load
