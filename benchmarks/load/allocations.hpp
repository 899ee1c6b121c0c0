#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace upsun::load {

/// Written by one thread, read by any.
using counter = std::atomic<std::uint64_t>;
inline void increment(counter& n) noexcept {
  n.store(n.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

/// Counts the allocations of this thread there from now on: every `malloc`, `calloc`, `realloc` and
/// `aligned_alloc`, those of operator new and of OpenSSL included.
void count_allocations(counter& where) noexcept;
/// Whether this build can count them: with glibc and without a sanitizer, which has its own
/// allocator.
[[nodiscard]] bool allocations_are_counted() noexcept;
/// Bytes of the heap in use, in all threads. Empty: not known here.
[[nodiscard]] std::optional<std::size_t> heap_in_use() noexcept;

}  // namespace upsun::load
