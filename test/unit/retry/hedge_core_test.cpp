#include "retry/hedge_core.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace upsun::retry {
namespace hedge_core_test {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr hedge_options on{.enabled = true};

TEST(HedgeCore, IsOffByDefault) {
  hedge_core core({});
  for (int i = 0; i < 1'000; ++i) core.answered(1ms);
  EXPECT_EQ(core.call_begins({}), std::nullopt);
}

TEST(HedgeCore, WaitsForEnoughLatenciesUnlessTheDelayIsGiven) {
  hedge_core core(on);
  for (std::uint32_t i = 0; i + 1 < hedge_core::least_samples; ++i) core.answered(1ms);
  EXPECT_EQ(core.call_begins(on), std::nullopt);
  EXPECT_EQ(core.call_begins({.enabled = true, .delay = 30ms}), 30ms);
  core.answered(1ms);
  EXPECT_TRUE(core.call_begins(on));
}

TEST(HedgeCore, FindsTheNinetyFifthPercentileWithinTenPercent) {
  for (const nanoseconds unit : {nanoseconds(10us), nanoseconds(1ms), nanoseconds(3s)}) {
    hedge_core core(on);
    for (int i = 1; i <= 1'000; ++i) core.answered(unit * i / 10);
    const auto p95 = core.p95();
    ASSERT_TRUE(p95);
    EXPECT_GE(*p95, unit * 95) << "95 of 100 units";
    EXPECT_LE(*p95, unit * 105);
  }
}

TEST(HedgeCore, FollowsLatenciesThatChange) {
  hedge_core core(on);
  for (int i = 0; i < 10'000; ++i) core.answered(1ms);
  for (int i = 0; i < 2'000; ++i) core.answered(100ms);
  ASSERT_TRUE(core.p95());
  EXPECT_GE(*core.p95(), 95ms);
  for (int i = 0; i < 20'000; ++i) core.answered(1ms);
  EXPECT_LE(*core.p95(), 2ms);
}

TEST(HedgeCore, TakesAnyLatency) {
  hedge_core core(on);
  for (const nanoseconds odd : {nanoseconds::min(), nanoseconds(-1), nanoseconds(0), nanoseconds(1),
                                nanoseconds(std::chrono::hours(48)), nanoseconds::max()}) {
    for (int i = 0; i < 100; ++i) core.answered(odd);
  }
  EXPECT_TRUE(core.p95());
}

/// How many of `calls` are hedged when `latency` draws how long a request takes; what the caller
/// waits goes to `waited`.
template <class Latency>
int hedges_of(hedge_core& core, int calls, Latency latency,
              std::vector<nanoseconds>* waited = nullptr) {
  int hedges = 0;
  for (int i = 0; i < calls; ++i) {
    const auto delay = core.call_begins(on);
    nanoseconds took = latency();
    if (delay && took > *delay && core.take()) {
      ++hedges;
      took = std::min(took, *delay + latency());
    }
    core.answered(took);
    if (waited != nullptr) waited->push_back(took);
  }
  return hedges;
}

TEST(HedgeCore, ShortensTheTailWhenOneRequestInFiftyIsSlow) {
  hedge_core core(on);
  std::mt19937_64 random(5);
  const auto latency = [&] {
    return random() % 50 == 0 ? nanoseconds(1s)
                              : nanoseconds(10ms) + nanoseconds(random() % 1'000'000);
  };
  (void)hedges_of(core, 1'000, latency);
  std::vector<nanoseconds> waited;
  const int hedges = hedges_of(core, 10'000, latency, &waited);
  std::sort(waited.begin(), waited.end());
  EXPECT_LT(waited[9'900], 50ms) << "the 99th percentile, which was 1 s";
  EXPECT_LE(hedges, 500 + static_cast<int>(hedge_core::burst));
  EXPECT_GT(hedges, 100);
}

TEST(HedgeCore, AddsNoMoreThanItsShareWhenEverythingTurnsSlow) {
  hedge_core core(on);
  (void)hedges_of(core, 1'000, [] { return nanoseconds(10ms); });
  const int hedges = hedges_of(core, 10'000, [] { return nanoseconds(1s); });
  EXPECT_LE(hedges, 10'000 * 5 / 100 + static_cast<int>(hedge_core::burst));
  EXPECT_EQ(hedges_of(core, 10'000, [] { return nanoseconds(1s); }), 0) << "slow has become usual";
}

TEST(HedgeCore, SavesUpABurstAndNoMore) {
  hedge_core core(on);
  EXPECT_FALSE(core.take());
  for (int i = 0; i < 100'000; ++i) (void)core.call_begins(on);
  unsigned taken = 0;
  while (core.take()) ++taken;
  EXPECT_EQ(taken, hedge_core::burst);
}

}  // namespace hedge_core_test
}  // namespace upsun::retry
