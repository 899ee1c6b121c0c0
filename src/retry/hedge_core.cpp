#include "retry/hedge_core.hpp"

#include <algorithm>
#include <cmath>

namespace upsun::retry {
namespace {

constexpr double per_octave = 8;
constexpr double first_end = 1'000;  // nanoseconds

}  // namespace

std::optional<std::chrono::nanoseconds> hedge_core::call_begins(
    const hedge_options& options) noexcept {
  credit_ = std::min<std::uint64_t>(credit_ + percent_, std::uint64_t{burst} * 100);
  if (!options.enabled) return std::nullopt;
  if (options.delay.count() > 0) return options.delay;
  return p95();
}

void hedge_core::answered(std::chrono::nanoseconds latency) noexcept {
  ++counts_[bucket_of(latency)];
  if (++samples_ < window) return;
  samples_ = 0;
  for (auto& count : counts_) samples_ += count /= 2;
}

bool hedge_core::take() noexcept {
  if (credit_ < 100) return false;
  credit_ -= 100;
  return true;
}

std::optional<std::chrono::nanoseconds> hedge_core::p95() const noexcept {
  if (samples_ < least_samples) return std::nullopt;
  std::uint32_t above = 0;
  std::size_t bucket = buckets;
  while (bucket > 0 && (above += counts_[bucket - 1]) <= samples_ / 20) --bucket;
  return end_of(bucket == 0 ? 0 : bucket - 1);
}

std::size_t hedge_core::bucket_of(std::chrono::nanoseconds latency) noexcept {
  const double ratio = static_cast<double>(latency.count()) / first_end;
  if (!(ratio > 1)) return 0;
  return std::min(buckets - 1, static_cast<std::size_t>(std::log2(ratio) * per_octave) + 1);
}

std::chrono::nanoseconds hedge_core::end_of(std::size_t bucket) noexcept {
  return std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(
      first_end * std::exp2(static_cast<double>(bucket) / per_octave)));
}

}  // namespace upsun::retry
