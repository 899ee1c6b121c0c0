#include "load/rate_search.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace upsun::load {
namespace rate_search_test {

/// Searches where rates up to the capacity hold. \return the rates tried
std::vector<double> search(rate_search& by, double capacity,
                           step_outcome above = step_outcome::failed) {
  std::vector<double> tried;
  while (by.next() && tried.size() < 100) {
    tried.push_back(*by.next());
    by.tried(tried.back() <= capacity ? step_outcome::held : above);
  }
  return tried;
}

TEST(RateSearch, DoublesThenBisects) {
  rate_search by(100);
  EXPECT_EQ(search(by, 650), (std::vector<double>{100, 200, 400, 800, 600, 700, 650, 675}));
  EXPECT_EQ(by.found(), 650);
  EXPECT_EQ(by.limit(), step_outcome::failed);
}

TEST(RateSearch, GoesDownFromAFirstRateThatIsTooHigh) {
  rate_search by(100);
  EXPECT_EQ(search(by, 20).front(), 100);
  ASSERT_TRUE(by.found());
  EXPECT_LE(*by.found(), 20);
  EXPECT_GE(*by.found() * 1.05, 20);
}

TEST(RateSearch, ComesWithinAFewPercentOfAnyCapacity) {
  for (double capacity = 1; capacity < 1e6; capacity *= 1.37) {
    rate_search by(100);
    EXPECT_LE(search(by, capacity).size(), 25) << capacity;
    ASSERT_TRUE(by.found()) << capacity;
    EXPECT_LE(*by.found(), capacity);
    EXPECT_GE(*by.found() * 1.06, capacity);
  }
}

TEST(RateSearch, FindsNothingWhereNoRateHolds) {
  rate_search by(100);
  EXPECT_EQ(search(by, 0, step_outcome::behind).size(), 8) << "down to 1 a second";
  EXPECT_FALSE(by.found());
  EXPECT_EQ(by.limit(), step_outcome::behind);
}

TEST(RateSearch, EndsAtTheHighestRateThatIsTried) {
  rate_search by(100);
  EXPECT_EQ(search(by, 1e9).back(), 1e6);
  EXPECT_EQ(by.found(), 1e6);
  EXPECT_EQ(by.limit(), step_outcome::held);
}

TEST(RateSearch, KnowsWhatStoppedTheLowestRateThatDidNotHold) {
  rate_search by(100);
  for (const auto& [rate, how] :
       std::vector<std::pair<double, step_outcome>>{{100, step_outcome::held},
                                                    {200, step_outcome::failed},
                                                    {150, step_outcome::generator},
                                                    {125, step_outcome::held},
                                                    {138, step_outcome::held},
                                                    {144, step_outcome::held}}) {
    ASSERT_EQ(by.next(), rate);
    by.tried(how);
  }
  EXPECT_FALSE(by.next());
  EXPECT_EQ(by.found(), 144);
  EXPECT_EQ(by.limit(), step_outcome::generator);
}

class StepOutcome : public testing::Test {
 protected:
  run_record run;
  std::unique_ptr<latency_histogram> recorded = std::make_unique<latency_histogram>();

  /// A second of 1000 calls as planned, each of 5 ms, with a tenth of a thread's time.
  StepOutcome() {
    run.settings.rate = 1000;
    run.measured = seconds(1);
    run.fetched = 1000;
    run.cpu.user = seconds(0.1);
    for (int i = 0; i < 1000; ++i) recorded->record(std::chrono::milliseconds(5));
    run.latencies.add(*recorded);
  }
  [[nodiscard]] step_outcome of(const char* objective) const {
    return outcome_of(run, {parse_condition(objective)});
  }
};

TEST_F(StepOutcome, IsThatOfTheObjective) {
  EXPECT_EQ(of("p99<6ms"), step_outcome::held);
  EXPECT_EQ(of("p99<4ms"), step_outcome::failed);
}

TEST_F(StepOutcome, NeedsTheRate) {
  run.fetched = 940;
  EXPECT_EQ(of("p99<6ms"), step_outcome::behind);
}

/// So many calls of each latency.
latency_counts counts_of(const std::vector<std::pair<int, std::chrono::milliseconds>>& calls) {
  const auto recorded = std::make_unique<latency_histogram>();
  for (const auto& [count, latency] : calls)
    for (int i = 0; i < count; ++i) recorded->record(latency);
  latency_counts counts;
  counts.add(*recorded);
  return counts;
}

TEST_F(StepOutcome, DoesNotTakeLatencyForAnOverload) {
  using std::chrono::milliseconds;
  run.fetched = 300;  // each call takes longer than the warm-up did
  run.latencies = counts_of({{1000, milliseconds(1500)}});
  run.halves.fill(counts_of({{500, milliseconds(1500)}}));
  EXPECT_EQ(of("p99<2s"), step_outcome::held);
  EXPECT_EQ(of("p99<1s"), step_outcome::failed);
  run.latencies = counts_of({{500, milliseconds(1500)}, {500, milliseconds(1540)}});
  run.halves[1] = counts_of({{500, milliseconds(1540)}});
  EXPECT_EQ(of("p99<2s"), step_outcome::behind)
      << "at the end 40 ms more than half a second before: 93 % of the rate";
  run.latencies = counts_of({{940, milliseconds(1500)}});
  run.halves.fill(counts_of({{470, milliseconds(1500)}}));
  EXPECT_EQ(of("p99<2s"), step_outcome::behind) << "the others did not end";
}

TEST_F(StepOutcome, OfOneCallIsThatOfTheObjective) {
  run.settings.rate = 1.5;
  run.fetched = 0;
  run.latencies = counts_of({{1, std::chrono::milliseconds(1500)}});
  EXPECT_EQ(of("p99<2s"), step_outcome::held) << "no other one was due";
}

TEST_F(StepOutcome, AllowsErrorsOnlyIfTheObjectiveDoes) {
  run.errors = {{"broken", 5}};
  EXPECT_EQ(of("p99<6ms"), step_outcome::failed);
  EXPECT_EQ(outcome_of(run, {parse_condition("p99<6ms"), parse_condition("errors<1%")}),
            step_outcome::held);
}

TEST_F(StepOutcome, OfAGeneratorThatUsesAllOfItsThreads) {
  run.cpu.user = seconds(0.95);
  EXPECT_EQ(of("p99<6ms"), step_outcome::held) << "it is fast enough";
  EXPECT_EQ(of("p99<4ms"), step_outcome::generator);
  run.settings.threads = 2;
  EXPECT_EQ(of("p99<4ms"), step_outcome::failed);
}

TEST_F(StepOutcome, OfAGeneratorThatBeginsCallsLate) {
  run.phases[static_cast<std::size_t>(call_phase::start)].add(*recorded);
  EXPECT_EQ(of("p99<4ms"), step_outcome::generator);
  run.blocked = 600;
  EXPECT_EQ(of("p99<4ms"), step_outcome::failed) << "they waited for a slot";
}

TEST(FoundRate, IsASentence) {
  found_rate found{.objective = "p99<5ms", .rate = 12'000, .limit = step_outcome::failed};
  EXPECT_EQ(found.sentence(), "12000 calls a second hold p99<5ms.");
  found.limit = step_outcome::generator;
  EXPECT_EQ(found.sentence().rfind("At least 12000 calls a second hold p99<5ms; ", 0), 0);
  found.rate.reset();
  found.limit = step_outcome::failed;
  EXPECT_EQ(found.sentence(), "No rate holds p99<5ms: not held at the lowest tried.");
  found.interrupted = true;
  EXPECT_EQ(found.sentence(), "The search was interrupted; until then no rate held p99<5ms.");
}

}  // namespace rate_search_test
}  // namespace upsun::load
