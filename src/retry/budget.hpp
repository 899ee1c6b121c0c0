#pragma once

namespace upsun::retry {

/// The retries a client may still make, as a token bucket: an outage empties it, success fills it again. Zero capacity: no limit.
class budget {
 public:
  explicit budget(unsigned capacity) noexcept : capacity_(capacity), left_(capacity) {}

  /// Takes `cost`, or nothing and returns false when less is left.
  [[nodiscard]] bool take(unsigned cost) noexcept {
    if (capacity_ == 0) return true;
    if (left_ < cost) return false;
    left_ -= cost;
    return true;
  }
  /// Gives `amount` back, up to the capacity.
  void give(unsigned amount) noexcept { left_ += amount < capacity_ - left_ ? amount : capacity_ - left_; }

  [[nodiscard]] unsigned left() const noexcept { return left_; }

 private:
  unsigned capacity_;
  unsigned left_;
};

}  // namespace upsun::retry
