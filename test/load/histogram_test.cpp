#include "load/histogram.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace upsun::load {
namespace histogram_test {

using std::chrono::nanoseconds;

TEST(LatencyBuckets, FollowOneAnotherWithoutGapAndHoldEachValueWithinOnePart) {
  std::uint64_t least = 0;
  for (std::size_t i = 0; i < latency_buckets::count; ++i) {
    const std::uint64_t upper = latency_buckets::upper(i);
    ASSERT_GE(upper, least);
    ASSERT_EQ(latency_buckets::index(least), i);
    ASSERT_EQ(latency_buckets::index(upper), i);
    ASSERT_LE((upper - least) * 128, least);
    least = upper + 1;
  }
  EXPECT_EQ(latency_buckets::index(least), latency_buckets::count - 1)
      << "what is beyond counts in the last";
  EXPECT_EQ(latency_buckets::index(UINT64_MAX), latency_buckets::count - 1);
}

class LatencyCounts : public testing::Test {
 protected:
  std::unique_ptr<latency_histogram> recorded = std::make_unique<latency_histogram>();

  [[nodiscard]] latency_counts counts() const {
    latency_counts now;
    now.add(*recorded);
    return now;
  }
};

TEST_F(LatencyCounts, GiveTheLatencyThatAPartDoesNotExceed) {
  for (int i = 1; i <= 100; ++i) recorded->record(nanoseconds(i));
  EXPECT_EQ(counts().total(), 100);
  EXPECT_EQ(counts().quantile(0), nanoseconds(1));
  EXPECT_EQ(counts().quantile(.5), nanoseconds(50));
  EXPECT_EQ(counts().quantile(.501), nanoseconds(51));
  EXPECT_EQ(counts().quantile(.99), nanoseconds(99));
  EXPECT_EQ(counts().quantile(1), nanoseconds(100));
}

TEST_F(LatencyCounts, HaveTheRankThatThePercentageSays) {
  for (int i = 0; i < 999; ++i) recorded->record(nanoseconds(10));
  recorded->record(nanoseconds(200));
  EXPECT_EQ(counts().quantile(99.9 / 100), nanoseconds(10));
  EXPECT_EQ(counts().quantile(.999), nanoseconds(10));
  EXPECT_EQ(counts().quantile(99.91 / 100), nanoseconds(200));
  EXPECT_EQ(counts().quantile(1), nanoseconds(200));
}

TEST_F(LatencyCounts, AreAtMostOnePartTooGreat) {
  for (std::int64_t ns = 1; ns < 1'000'000'000'000; ns = ns * 3 + 1) {
    recorded = std::make_unique<latency_histogram>();
    recorded->record(nanoseconds(ns));
    const std::int64_t reported = counts().quantile(1).count();
    EXPECT_GE(reported, ns);
    EXPECT_LE((reported - ns) * 128, ns);
  }
}

TEST_F(LatencyCounts, AreZeroWhenNothingWasRecorded) {
  EXPECT_EQ(counts().total(), 0);
  EXPECT_EQ(counts().quantile(.99), nanoseconds(0));
}

TEST_F(LatencyCounts, TakeANegativeLatencyForNone) {
  recorded->record(nanoseconds(-5));
  EXPECT_EQ(counts().quantile(1), nanoseconds(0));
  EXPECT_EQ(counts().total(), 1);
}

TEST_F(LatencyCounts, ReportWhatWasRecordedBetweenTwoMoments) {
  recorded->record(nanoseconds(7));
  const latency_counts before = counts();
  recorded->record(nanoseconds(9));
  const latency_counts between = counts().since(before);
  EXPECT_EQ(between.total(), 1);
  EXPECT_EQ(between.quantile(1), nanoseconds(9));
}

TEST_F(LatencyCounts, HaveAMeanWithinHalfABucket) {
  EXPECT_EQ(counts().mean(), nanoseconds(0));
  recorded->record(nanoseconds(10));
  recorded->record(nanoseconds(30));
  EXPECT_EQ(counts().mean(), nanoseconds(20));
  for (int i = 0; i < 1000; ++i) recorded->record(nanoseconds(1'000'000));
  EXPECT_NEAR(static_cast<double>(counts().mean().count()), 998'004, 998'004 / 256.0);
}

TEST_F(LatencyCounts, AreAdded) {
  recorded->record(nanoseconds(10));
  latency_counts sum = counts();
  recorded->record(nanoseconds(20));
  sum.add(counts());
  EXPECT_EQ(sum.total(), 3);
  EXPECT_EQ(sum.quantile(.5), nanoseconds(10));
}

}  // namespace histogram_test
}  // namespace upsun::load
