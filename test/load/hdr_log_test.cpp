#include "load/hdr_log.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace upsun::load {
namespace hdr_log_test {

using std::chrono::nanoseconds;

latency_counts counts_of(std::initializer_list<int> values) {
  const auto recorded = std::make_unique<latency_histogram>();
  for (const int each : values) recorded->record(nanoseconds(each));
  latency_counts counts;
  counts.add(*recorded);
  return counts;
}

TEST(HdrLog, EncodesAsItsReadersExpect) {
  EXPECT_EQ(hdr_encoded(counts_of({1})).rfind("HISTF", 0), 0) << "the cookie of V2, in base64";
  EXPECT_NE(hdr_encoded(counts_of({1})), hdr_encoded(counts_of({1, 1})));
  EXPECT_EQ(hdr_encoded(counts_of({5, 700, 1'000'000})),
            hdr_encoded(counts_of({1'000'000, 700, 5})));
}

TEST(HdrLog, HasALineForEachSlice) {
  report data{.swept = "rate"};
  run_record& run = data.runs.emplace_back();
  run.settings.rate = 50;
  run.started = seconds(1'000'000'000);
  run.timeline.push_back({.end = seconds(1), .length = seconds(1), .latencies = counts_of({1})});
  run.timeline.push_back(
      {.end = seconds(1.5), .length = seconds(0.5), .latencies = counts_of({2'000'000})});
  for (time_slice& each : run.timeline) {
    pack(each);
    EXPECT_FALSE(each.latencies) << "they would take too much over a day";
  }
  data.runs.push_back(run);
  data.runs.back().started = seconds(1'000'000'010);
  data.runs.back().settings.rate = 60;
  const std::string log = hdr_log_of(data);
  EXPECT_NE(log.find("\n#[Histogram log format version 1.3]\n"
                     "#[BaseTime: 1000000000.000 (seconds since epoch)]\n"
                     "#[StartTime: 1000000000.000 (seconds since epoch), "
                     "Sun Sep 09 01:46:40 UTC 2001]\n"
                     "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
                     "\"Interval_Compressed_Histogram\"\n"
                     "Tag=rate-50,0.000,1.000,0.000,HISTF"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("\nTag=rate-50,1.000,0.500,2.007,HISTF"), std::string::npos) << log;
  EXPECT_NE(log.find("\nTag=rate-60,10.000,1.000,0.000,HISTF"), std::string::npos) << log;
}

TEST(HdrLog, OfNothingIsItsHead) {
  EXPECT_NE(hdr_log_of({}).find("version 1.3"), std::string::npos);
}

}  // namespace hdr_log_test
}  // namespace upsun::load
