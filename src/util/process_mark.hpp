#pragma once

#if !defined(_WIN32)
#include <pthread.h>
#endif

#include <atomic>
#include <cstdint>

namespace upsun::util {

/// Tells the process that made it from those that were forked since. It is asked often: without a
/// system call, and right even where a child has its parent's number, as the first of a namespace.
class process_mark {
 public:
  /// Whether the calling process made it.
  [[nodiscard]] bool made_here() const noexcept { return made_after_ == forks(); }

 private:
  /// How many lie between this process and the ancestor that made the first mark.
  static std::uint64_t forks() noexcept {
    static std::atomic<std::uint64_t> count{0};
#if !defined(_WIN32)  // where there is no fork
    static const int noticing = ::pthread_atfork(nullptr, nullptr, [] { ++count; });
    (void)noticing;
#endif
    return count.load(std::memory_order_relaxed);
  }

  std::uint64_t made_after_ = forks();
};

}  // namespace upsun::util
