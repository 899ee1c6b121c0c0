#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace upsun::util {

/// What waits for a deadline derives from this, or holds one. Must be cancelled or expired before
/// it is destroyed, and the wheel must outlive it until then.
class deadline_entry {
 public:
  deadline_entry() = default;
  deadline_entry(const deadline_entry&) = delete;
  deadline_entry& operator=(const deadline_entry&) = delete;

  [[nodiscard]] bool scheduled() const noexcept { return link_ != nullptr; }
  /// When it was last scheduled for.
  [[nodiscard]] std::chrono::steady_clock::time_point due() const noexcept { return due_; }

 private:
  friend class deadline_wheel;

  std::chrono::steady_clock::time_point due_{};
  deadline_entry* next_ = nullptr;
  deadline_entry** link_ = nullptr;  // what points here
  std::size_t slot_ = 0;
};

/// All deadlines of a client on one wheel of coarse ticks, so that a request arms no timer of its
/// own. Pure: the driver keeps one timer at `next_due()` and then takes out what has expired. An
/// entry never expires early, and at most one tick late. Scheduling and cancelling take constant
/// time; a deadline beyond the wheel's turn is looked at once a turn.
class deadline_wheel {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using ticks = std::chrono::duration<std::int64_t, std::centi>;
  static constexpr std::size_t slot_count = 1024;

  deadline_wheel() = default;
  deadline_wheel(const deadline_wheel&) = delete;
  deadline_wheel& operator=(const deadline_wheel&) = delete;

  /// Moves an entry that is scheduled already.
  void schedule(deadline_entry& entry, time_point due) noexcept;
  /// Does nothing for an entry that is not scheduled.
  void cancel(deadline_entry& entry) noexcept;

  /// Takes out one entry that is due at `now`, or returns null when there is none. `now` must not
  /// go back.
  [[nodiscard]] deadline_entry* pop_expired(time_point now) noexcept;

  /// When to call `pop_expired` next; absent when nothing is scheduled. Nothing may have expired by
  /// then: a far deadline is only looked at again.
  [[nodiscard]] std::optional<time_point> next_due() const noexcept;

 private:
  static constexpr std::size_t word_bits = 64;

  void insert(deadline_entry& entry) noexcept;
  void remove(deadline_entry& entry) noexcept;
  void catch_up(std::int64_t tick) noexcept;
  [[nodiscard]] std::optional<std::int64_t> next_tick() const noexcept;

  std::array<deadline_entry*, slot_count> slots_{};
  std::array<std::uint64_t, slot_count / word_bits> occupied_{};  // a bit a slot
  std::int64_t passed_ =
      0;  // ticks up to this one are done; all entries stand within one turn after it
};

}  // namespace upsun::util
