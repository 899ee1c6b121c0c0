#pragma once

#include <algorithm>
#include <atomic>

namespace upsun::retry {

/// The retries a client may still make, as a token bucket: an outage empties it, success fills it
/// again. Zero capacity: no limit.
class budget {
 public:
  explicit budget(unsigned capacity) noexcept : capacity_(capacity), left_(capacity) {}

  /// Takes `cost`, or nothing and returns false when less is left.
  [[nodiscard]] bool take(unsigned cost) noexcept {
    if (capacity_ == 0) return true;
    if (left() < cost) return false;
    left_.store(left() - cost, std::memory_order_relaxed);
    return true;
  }
  /// Gives `amount` back, up to the capacity.
  void give(unsigned amount) noexcept {
    left_.store(left() + std::min(amount, capacity_ - left()), std::memory_order_relaxed);
  }

  [[nodiscard]] unsigned left() const noexcept { return left_.load(std::memory_order_relaxed); }
  /// Whether giving would change nothing. As `left`, to be asked by any thread.
  [[nodiscard]] bool is_full() const noexcept { return left() == capacity_; }

 private:
  const unsigned capacity_;
  std::atomic<unsigned> left_;
};

}  // namespace upsun::retry
