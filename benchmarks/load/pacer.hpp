#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace upsun::load {

using time_point = std::chrono::steady_clock::time_point;

/// When to begin how many calls.
struct pace {
  std::size_t slots = 1;  ///< The most calls under way at once.
  double rate = 0;  ///< Open loop: so many calls a second are due, whatever becomes of the earlier
                    ///< ones. Zero: closed loop, a call is due when a slot is free.
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< Calls in all.
};

/// Says when each call of one client begins. Pure: the clock is an argument.
///
/// Open loop: call n is due at `start + n / rate`. One that finds no free slot begins as soon as
/// one is, and its latency still counts from the moment it was due: what the slow answer before it
/// cost is not left out ("coordinated omission").
class pacer {
 public:
  pacer(const pace& wanted, time_point start) : pace_(wanted), start_(start) {}

  struct call {
    std::uint64_t number = 0;  ///< From zero.
    time_point due{};          ///< What its latency counts from.
  };
  /// The next call when one is due and has a slot; it is under way then.
  [[nodiscard]] std::optional<call> begin(time_point now);
  /// One of those under way has ended.
  void end() { --under_way_; }
  /// No call that is due at `when` or later begins.
  void stop(time_point when) { stop_ = when; }

  /// When the next call is due; it may be past, when all slots are taken. None in a closed loop,
  /// and when there is no further call.
  [[nodiscard]] std::optional<time_point> next_due() const;
  /// Nothing is under way and nothing is to begin any more, as far as is known at `now`.
  [[nodiscard]] bool done(time_point now) const;
  /// Calls under way, and those due before the stop that have not begun.
  [[nodiscard]] std::uint64_t unfinished() const;

 private:
  [[nodiscard]] time_point due(std::uint64_t number) const;
  [[nodiscard]] bool open() const { return pace_.rate > 0; }

  pace pace_;
  time_point start_;
  time_point stop_ = time_point::max();
  std::uint64_t begun_ = 0;
  std::size_t under_way_ = 0;
};

}  // namespace upsun::load
