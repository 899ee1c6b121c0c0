#pragma once

#include <cstddef>

// Clang's thread sanitizer puts its own operator new before the program's.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UPSUN_ALLOCATIONS_DO_NOT_FAIL
#endif
#endif

namespace upsun::test {

/// While one lives, one allocation of its thread fails: the `nth`, counted from 1. One at a time on
/// a thread.
class allocation_failure {
 public:
  explicit allocation_failure(std::size_t nth) noexcept;
  allocation_failure(const allocation_failure&) = delete;
  allocation_failure& operator=(const allocation_failure&) = delete;
  ~allocation_failure();

  /// Whether it has failed.
  [[nodiscard]] bool met() const noexcept;
};

}  // namespace upsun::test
