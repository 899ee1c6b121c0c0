#pragma once

#include <string>

#include "report.hpp"

namespace upsun::load {

/// The latencies of each slice of time as an interval histogram, in the log format of HdrHistogram,
/// version 1.3: nanoseconds, two significant digits, which is what `latency_buckets` are. The runs
/// of a sweep have tags. \pre the slices are packed
[[nodiscard]] std::string hdr_log_of(const report& data);

/// Makes of the latencies of a slice, which take 35 KB, their text in the log.
void pack(time_slice& slice);

/// One histogram in HdrHistogram's compressed encoding V2, in base64.
[[nodiscard]] std::string hdr_encoded(const latency_counts& counts);

}  // namespace upsun::load
