#include "histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace upsun::load {

void latency_counts::add(const latency_histogram& recorded) noexcept {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += recorded.at(i);
}

void latency_counts::add(const latency_counts& others) noexcept {
  std::transform(counts_.begin(), counts_.end(), others.counts_.begin(), counts_.begin(),
                 std::plus<>());
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
  // A part such as 99.9 / 100 may be a little too great: that makes it no rank higher.
  constexpr double exact = 1 - 1e-12;
  const auto rank = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(total()) * exact)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::chrono::nanoseconds(latency_buckets::upper(i));
  }
  return std::chrono::nanoseconds(0);
}

std::chrono::nanoseconds latency_counts::mean() const noexcept {
  double sum = 0;
  double count = 0;
  std::uint64_t least = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::uint64_t most = latency_buckets::upper(i);
    const auto here = static_cast<double>(counts_[i]);
    sum += here * (static_cast<double>(least) + static_cast<double>(most)) / 2;
    count += here;
    least = most + 1;
  }
  return std::chrono::nanoseconds(count > 0 ? std::llround(sum / count) : 0);
}

}  // namespace upsun::load
