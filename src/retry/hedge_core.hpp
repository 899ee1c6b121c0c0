#pragma once

#include <upsun/retry_options.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace upsun::retry {

/// When to send a second request beside a slow one, and whether the client may: without clock and
/// lock.
class hedge_core {
 public:
  explicit hedge_core(const hedge_options& client) noexcept : percent_(client.max_extra_percent) {}

  /// A call begins. Returns after how long to ask `take` for a hedge; none when it is off, or too
  /// few latencies are known for `delay` zero.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> call_begins(
      const hedge_options& options) noexcept;
  /// An attempt was answered after `latency`.
  void answered(std::chrono::nanoseconds latency) noexcept;
  /// Takes one hedge from the budget, or returns false: `max_extra_percent` of the calls so far,
  /// saved up for at most `burst` of them.
  [[nodiscard]] bool take() noexcept;

  /// The 95th percentile of the recent latencies, as the upper end of its bucket; none below
  /// `least_samples`.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> p95() const noexcept;

  static constexpr unsigned burst = 10;
  static constexpr std::uint32_t least_samples = 100;

 private:
  // A bucket an eighth of an octave wide keeps the percentile within 9 %; 8 * 32 of them reach from
  // 1 us to more than an hour.
  static constexpr std::size_t buckets = 256;
  static constexpr std::uint32_t window =
      2000;  // then every count is halved, so that old latencies fade

  static std::size_t bucket_of(std::chrono::nanoseconds latency) noexcept;
  static std::chrono::nanoseconds end_of(std::size_t bucket) noexcept;

  unsigned percent_;
  std::uint64_t credit_ = 0;  // hundredths of a hedge
  std::uint32_t samples_ = 0;
  std::array<std::uint32_t, buckets> counts_{};
};

}  // namespace upsun::retry
