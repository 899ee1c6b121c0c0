#pragma once

#include <cstddef>
#include <limits>

// Clang's thread sanitizer puts its own operator new before the program's.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UPSUN_ALLOCATIONS_DO_NOT_FAIL
#endif
#endif

namespace upsun::test {

/// While one lives, allocations of its thread fail: from the `first` (counted from 1) on, so many
/// as `count` says. One at a time on a thread.
class allocation_failure {
 public:
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

  explicit allocation_failure(std::size_t first, std::size_t count = 1) noexcept;
  allocation_failure(const allocation_failure&) = delete;
  allocation_failure& operator=(const allocation_failure&) = delete;
  ~allocation_failure();

  /// Whether any has failed.
  [[nodiscard]] bool met() const noexcept;
};

/// While one lives on a thread, its allocations do not fail: for what a test does itself.
class allocation_pardon {
 public:
  allocation_pardon() noexcept;
  allocation_pardon(const allocation_pardon&) = delete;
  allocation_pardon& operator=(const allocation_pardon&) = delete;
  ~allocation_pardon();

 private:
  const bool before_;
};

}  // namespace upsun::test
