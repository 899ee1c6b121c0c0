#include "histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace upsun::load {

void latency_counts::add(const latency_histogram& recorded) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += recorded.at(i);
}

latency_counts latency_counts::since(const latency_counts& earlier) const {
  latency_counts between;
  std::transform(counts_.begin(), counts_.end(), earlier.counts_.begin(), between.counts_.begin(),
                 std::minus<>());
  return between;
}

std::uint64_t latency_counts::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

std::chrono::nanoseconds latency_counts::quantile(double part) const noexcept {
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(total()))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::chrono::nanoseconds(latency_buckets::upper(i));
  }
  return std::chrono::nanoseconds(0);
}

}  // namespace upsun::load
