#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace upsun::load {

/// The buckets of a log-linear ("HDR") histogram of nanoseconds: exact below 256, then 128 to the
/// octave, so that a bucket is at most 1/128 of its least value wide. Values beyond the last bucket
/// (36 minutes) count there.
struct latency_buckets {
  static constexpr unsigned precision = 7;
  static constexpr unsigned octaves = 34;
  static constexpr std::size_t count = (octaves + 1) << precision;

  [[nodiscard]] static constexpr std::size_t index(std::uint64_t ns) noexcept {
    constexpr std::uint64_t most = (std::uint64_t{2} << (precision + octaves - 1)) - 1;
    if (ns > most) ns = most;
    const auto width = static_cast<unsigned>(std::bit_width(ns));
    const unsigned shift = width > precision + 1 ? width - precision - 1 : 0;
    return (std::size_t{shift} << precision) + static_cast<std::size_t>(ns >> shift);
  }
  /// The greatest value of a bucket.
  [[nodiscard]] static constexpr std::uint64_t upper(std::size_t index) noexcept {
    const std::size_t shift = index < (std::size_t{2} << precision) ? 0 : (index >> precision) - 1;
    const std::size_t step = index - (shift << precision);
    return (std::uint64_t{step + 1} << shift) - 1;
  }
};

/// Latencies recorded by one thread, in about 3 ns each (a logarithmic axis of Boost.Histogram
/// takes 16); any thread may read them meanwhile.
class latency_histogram {
 public:
  void record(std::chrono::nanoseconds latency) noexcept {
    auto& bucket = buckets_[latency_buckets::index(
        latency.count() < 0 ? 0 : static_cast<std::uint64_t>(latency.count()))];
    bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t at(std::size_t bucket) const noexcept {
    return buckets_[bucket].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, latency_buckets::count> buckets_{};
};

/// The counts of one or more histograms at one time. The difference of two is what was recorded
/// between them.
class latency_counts {
 public:
  void add(const latency_histogram& recorded) noexcept;
  void add(const latency_counts& others) noexcept;
  /// \pre `earlier` was taken from the same histograms before.
  [[nodiscard]] latency_counts since(const latency_counts& earlier) const;

  [[nodiscard]] std::uint64_t total() const noexcept;
  /// The latency that `part` (0 to 1) of all do not exceed, at most 1/128 too high; zero when there
  /// are none. `quantile(1)` is the highest.
  [[nodiscard]] std::chrono::nanoseconds quantile(double part) const noexcept;
  /// At most 1/256 off, as each counts as the middle of its bucket; zero when there are none.
  [[nodiscard]] std::chrono::nanoseconds mean() const noexcept;
  /// How many there are in each of `latency_buckets`.
  [[nodiscard]] const std::vector<std::uint64_t>& buckets() const noexcept { return counts_; }

 private:
  std::vector<std::uint64_t> counts_ = std::vector<std::uint64_t>(latency_buckets::count);
};

}  // namespace upsun::load
