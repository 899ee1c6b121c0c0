#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <upsun/error.hpp>
#include <upsun/statistics.hpp>

namespace upsun::observe {

/// What a client counts of its calls, for `client_statistics`. Thread safety: everything may be
/// called from any thread.
class call_counters {
 public:
  using counter = std::atomic<std::uint64_t>;

  /// A call begins. Returns its number, from 1.
  std::uint64_t begin() noexcept { return started_.fetch_add(1, std::memory_order_relaxed) + 1; }
  /// A call ends: in `failure`, or, null, with a value.
  void end(const error* failure) noexcept;
  /// A call that could not be begun is not one.
  void withdraw() noexcept { count(withdrawn_); }

  static void count(counter& what) noexcept { what.fetch_add(1, std::memory_order_relaxed); }
  counter attempts{};
  counter retries{};
  counter retries_refused{};
  counter hedges{};
  counter hedges_won{};

  [[nodiscard]] client_statistics snapshot(const pool_statistics& pool) const noexcept;

 private:
  counter started_{};
  counter withdrawn_{};
  counter succeeded_{};
  std::array<counter, condition_count> failed_{};
};

}  // namespace upsun::observe
