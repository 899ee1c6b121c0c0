#include "load/condition.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace upsun::load {
namespace condition_test {

using std::chrono::microseconds;

std::string refusal(const std::string& text) {
  try {
    (void)parse_condition(text);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

/// 99 calls of 10 ms, and one of 80 ms; a hundred and one a second; 1 of 101 failed.
run_record example() {
  run_record run;
  run.measured = seconds(1);
  run.fetched = 100;
  const auto latencies = std::make_unique<latency_histogram>();
  for (int i = 0; i < 99; ++i) latencies->record(microseconds(10'000));
  latencies->record(microseconds(80'000));
  run.latencies.add(*latencies);
  run.errors = {{"broken", 1}};
  return run;
}

bool holds_for_example(const std::string& text) {
  return holds(parse_condition(text), example()).value();
}

TEST(Condition, IsAMetricAComparisonAndABound) {
  const condition p999 = parse_condition("p99.9>50ms");
  EXPECT_EQ(p999.text, "p99.9>50ms");
  EXPECT_EQ(p999.what, condition::metric::quantile);
  EXPECT_DOUBLE_EQ(p999.part, .999);
  EXPECT_EQ(p999.how, condition::comparison::more);
  EXPECT_EQ(p999.bound, 50'000);
  EXPECT_EQ(parse_condition("max<=1.5s").bound, 1.5e6);
  EXPECT_EQ(parse_condition("max<=1.5s").how, condition::comparison::at_most);
  EXPECT_EQ(parse_condition("mean<20us").bound, 20);
  EXPECT_EQ(parse_condition("errors>=0.1%").bound, 0.1);
  EXPECT_EQ(parse_condition("rate<1000").bound, 1000);
  EXPECT_EQ(parse_condition("rate<1000/s").what, condition::metric::rate);
}

TEST(Condition, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(refusal("p99"),
            "'p99' has no comparison; give a metric, one of < <= > >=, and a bound, such as "
            "p99>50ms");
  for (const std::string metric : {"", "p", "p0", "p100", "p-1", "P99", "p99 ", "latency"})
    EXPECT_EQ(refusal(metric + ">1ms"), "'" + metric +
                                            "' is no metric; there are p50, p99.9 and the like, "
                                            "max, mean, errors, rate");
  for (const std::string bound : {"", "50", "ms", "-1ms", "nanms", "infs", "50 ms", "=50ms", "5m"})
    EXPECT_EQ(refusal("p99>" + (bound == "=50ms" ? "=" + bound : bound)),
              "'" + bound + "' is no latency; give a number with us, ms or s");
  EXPECT_EQ(refusal("errors>1"), "'1' is no part of the calls; give a number with %");
  EXPECT_EQ(refusal("rate<1ms"), "'1ms' is no rate; give a number of calls a second");
}

TEST(Condition, HoldsOrNot) {
  EXPECT_FALSE(holds_for_example("p50>11ms"));
  EXPECT_TRUE(holds_for_example("p50>9ms"));
  EXPECT_FALSE(holds_for_example("p99>50ms"));
  EXPECT_TRUE(holds_for_example("p99.5>50ms"));
  EXPECT_TRUE(holds_for_example("max>=80ms"));
  EXPECT_TRUE(holds_for_example("mean<10.8ms"));
  EXPECT_FALSE(holds_for_example("mean<10.6ms"));
  EXPECT_TRUE(holds_for_example("errors<1%"));
  EXPECT_TRUE(holds_for_example("errors>0.9%"));
  EXPECT_TRUE(holds_for_example("rate<=100"));
  EXPECT_FALSE(holds_for_example("rate<100"));
}

TEST(Threshold, SaysWhatWasMeasured) {
  EXPECT_EQ(judge(parse_condition("p99.5>50ms"), example(), "").line(),
            "failed: p99.5>50ms (p99.5 is 80.22 ms)");
  EXPECT_EQ(judge(parse_condition("p50>50ms"), example(), "rate 5").line(),
            "passed: rate 5: p50>50ms (p50 is 10.03 ms)");
  EXPECT_EQ(judge(parse_condition("errors>0%"), example(), "").line(),
            "failed: errors>0% (errors are 0.9901 %)");
  EXPECT_EQ(judge(parse_condition("rate<99/s"), example(), "").line(),
            "passed: rate<99/s (rate is 100/s)");
}

TEST(Threshold, OnLatencyFailsWhereNoCallSucceeded) {
  const run_record nothing;
  EXPECT_EQ(judge(parse_condition("p99>50ms"), nothing, "").line(),
            "failed: p99>50ms (no call succeeded)");
  EXPECT_FALSE(judge(parse_condition("errors>1%"), nothing, "").failed);
}

}  // namespace condition_test
}  // namespace upsun::load
