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

/// From now on, allocations of this thread are counted there: every `malloc` and its kin, those of
/// operator new and of OpenSSL included.
void count_allocations(counter& where) noexcept;
/// Whether this build can count them: with glibc, and no sanitizer, which brings its own allocator.
[[nodiscard]] bool allocations_are_counted() noexcept;
/// Bytes of the heap in use, in all threads; none where it cannot be told.
[[nodiscard]] std::optional<std::size_t> heap_in_use() noexcept;

}  // namespace upsun::load
