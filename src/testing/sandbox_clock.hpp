#pragma once

#include <atomic>
#include <chrono>

#include <upsun/model/timestamp.hpp>

namespace upsun::testing {

/// The time the sandbox lives in: the system's, or one that only moves by hand. Thread safety:
/// every member, from any thread.
class sandbox_clock {
 public:
  explicit sandbox_clock(bool manual) : manual_(manual) {}

  [[nodiscard]] timestamp now() const noexcept {
    return (manual_ ? start_ : system_now()) + std::chrono::microseconds(ahead_.load());
  }
  void advance(std::chrono::microseconds time) noexcept { ahead_ += time.count(); }

 private:
  static timestamp system_now() noexcept {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }

  const bool manual_;
  const timestamp start_ = system_now();
  std::atomic<std::chrono::microseconds::rep> ahead_{0};
};

}  // namespace upsun::testing
