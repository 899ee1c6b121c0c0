#pragma once

#include <vector>

#include "chart.hpp"
#include "report.hpp"

namespace upsun::load {

/// The charts of a report: for a sweep, rate and cost by the swept setting; latency by percentile;
/// rate and p99 over time.
[[nodiscard]] std::vector<chart> charts_of(const report& data);

}  // namespace upsun::load
