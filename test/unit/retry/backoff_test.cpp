#include "retry/backoff.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace upsun::retry {
namespace backoff_test {

using namespace std::chrono_literals;

constexpr double almost_one = 0.999999;

std::chrono::milliseconds longest(const retry_options& options, verdict why, unsigned retry) {
  return std::chrono::round<std::chrono::milliseconds>(
      backoff(options, why, retry, almost_one, std::nullopt));
}

TEST(Backoff, DoublesUpToTheLongestDelay) {
  const retry_options options;
  EXPECT_EQ(longest(options, verdict::retry, 0), 50ms);
  EXPECT_EQ(longest(options, verdict::retry, 1), 100ms);
  EXPECT_EQ(longest(options, verdict::retry, 2), 200ms);
  EXPECT_EQ(longest(options, verdict::retry, 8), 12'800ms);
  EXPECT_EQ(longest(options, verdict::retry, 9), 20'000ms);
  EXPECT_EQ(longest(options, verdict::retry_throttled, 0), 1'000ms);
  EXPECT_EQ(longest(options, verdict::retry_throttled, 4), 16'000ms);
  EXPECT_EQ(longest(options, verdict::retry_throttled, 5), 20'000ms);
}

TEST(Backoff, IsSpreadOverTheWholeDelay) {
  const retry_options options;
  EXPECT_EQ(backoff(options, verdict::retry, 3, 0.0, std::nullopt), 0ns);
  EXPECT_EQ(backoff(options, verdict::retry, 3, 0.25, std::nullopt), 100ms);
  EXPECT_EQ(backoff(options, verdict::retry, 3, 0.5, std::nullopt), 200ms);
}

TEST(Backoff, DoesNotOverflow) {
  retry_options options;
  for (const unsigned retry : {31U, 32U, 63U, 64U, 1'000U, std::numeric_limits<unsigned>::max()})
    EXPECT_EQ(longest(options, verdict::retry, retry), 20s);
  options.base = 20s;
  options.max_delay = 24h;
  EXPECT_EQ(longest(options, verdict::retry, 99),
            std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(24h) *
                                                          almost_one));
  options.base = 0ms;
  EXPECT_EQ(longest(options, verdict::retry, 99), 0ms);
}

TEST(Backoff, KeepsRetryAfterBetweenTheDelayAndFiveSecondsMore) {
  const retry_options options;
  const auto after = [&](std::chrono::seconds s) {
    return backoff(options, verdict::retry_throttled, 2, 0.5, s);
  };  // 2 s without it
  EXPECT_EQ(after(0s), 2s);
  EXPECT_EQ(after(1s), 2s);
  EXPECT_EQ(after(3s), 3s);
  EXPECT_EQ(after(7s), 7s);
  EXPECT_EQ(after(8s), 7s);
  EXPECT_EQ(after(std::chrono::seconds::max()), 7s);
  EXPECT_EQ(after(std::chrono::seconds::min()), 2s);
}

}  // namespace backoff_test
}  // namespace upsun::retry
