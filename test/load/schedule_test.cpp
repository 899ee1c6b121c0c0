#include "load/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace upsun::load {
namespace schedule_test {

std::string refusal(const std::string& text) {
  try {
    (void)parse_stages(text);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(Stages, AreRatesWithLengths) {
  const auto stages = parse_stages("100/s:10s,100..500/s:1.5m,0..1/s:250ms");
  ASSERT_EQ(stages.size(), 3);
  EXPECT_EQ(stages[0].from, 100);
  EXPECT_EQ(stages[0].to, 100);
  EXPECT_EQ(stages[0].length, seconds(10));
  EXPECT_EQ(stages[1].from, 100);
  EXPECT_EQ(stages[1].to, 500);
  EXPECT_EQ(stages[1].length, seconds(90));
  EXPECT_EQ(stages[2].from, 0);
  EXPECT_EQ(stages[2].length, seconds(0.25));
}

TEST(Stages, SayWhatIsWrongWithThem) {
  EXPECT_EQ(refusal("100"), "'100' is not RATE/s:LENGTH or RATE..RATE/s:LENGTH");
  EXPECT_EQ(refusal("100/s:10s,"), "'' is not RATE/s:LENGTH or RATE..RATE/s:LENGTH");
  EXPECT_EQ(refusal("x/s:1s"), "'x' is no rate; give a number of calls a second from 0 to 1e9");
  EXPECT_EQ(refusal("1..-2/s:1s"),
            "'-2' is no rate; give a number of calls a second from 0 to 1e9");
  EXPECT_EQ(refusal("0..0/s:1s"), "'0..0/s:1s' makes no call");
  for (const std::string length : {"", "10", "0s", "-1s", "nans", "25h", "s", "1d"})
    EXPECT_EQ(refusal("1/s:" + length).rfind("'" + length + "' is no length", 0), 0) << length;
}

TEST(Schedule, IsClosedWithoutARate) {
  EXPECT_FALSE(schedule().open());
  EXPECT_TRUE(schedule(1).open());
}

TEST(Schedule, OfOneRateHasNoEnd) {
  const schedule plan(250);
  EXPECT_DOUBLE_EQ(plan.due(0).count(), 0);
  EXPECT_DOUBLE_EQ(plan.due(1).count(), 0.004);
  EXPECT_DOUBLE_EQ(plan.due(2.5e8).count(), 1e6);
  EXPECT_DOUBLE_EQ(plan.calls_until(seconds(2)), 500);
  EXPECT_EQ(plan.calls_until(seconds(-1)), 0);
}

TEST(Schedule, RampsSteadily) {
  // 0 to 100 a second in 10 s: t seconds hold 5 t^2 calls.
  const schedule plan(std::vector<stage>{{0, 100, seconds(10)}});
  EXPECT_DOUBLE_EQ(plan.due(5).count(), 1);
  EXPECT_DOUBLE_EQ(plan.due(500).count(), 10);
  EXPECT_DOUBLE_EQ(plan.due(600).count(), 11) << "then it stays";
  EXPECT_DOUBLE_EQ(plan.calls_until(seconds(4)), 80);
}

TEST(Schedule, DueAndCallsAreInverse) {
  const schedule plan(parse_stages("100/s:2s,100..500/s:3s,500..1/s:4s,7/s:1s"));
  double before = -1;
  for (int n = 0; n < 3000; ++n) {
    const seconds due = plan.due(n);
    ASSERT_GE(due.count(), before) << n;
    before = due.count();
    ASSERT_NEAR(plan.calls_until(due), n, 1e-6);
  }
  EXPECT_NEAR(plan.calls_until(seconds(10)), 200 + 900 + 1002 + 7, 1e-9);
}

TEST(Schedule, ThatEndsWithNothingIsNeverDueAgain) {
  const schedule plan(parse_stages("10..0/s:2s"));
  EXPECT_NEAR(plan.due(9.9999).count(), 2, 0.01);
  EXPECT_TRUE(std::isinf(plan.due(11).count()));
}

TEST(Schedule, TellsThePlannedRate) {
  const auto stages = parse_stages("100/s:2s,100..500/s:4s");
  EXPECT_EQ(rate_at(stages, seconds(1)), 100);
  EXPECT_EQ(rate_at(stages, seconds(3)), 200);
  EXPECT_EQ(rate_at(stages, seconds(9)), 500);
}

}  // namespace schedule_test
}  // namespace upsun::load
