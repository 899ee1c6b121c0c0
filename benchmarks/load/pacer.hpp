#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "schedule.hpp"

namespace upsun::load {

using time_point = std::chrono::steady_clock::time_point;

/// How many calls to make, and when.
struct pace {
  std::size_t slots = 1;  ///< The most calls under way at once.
  /// Open loop: when calls are due, whether or not earlier ones have ended. None: closed loop, a
  /// call is due when a slot is free.
  schedule plan{};
  std::uint64_t first = 0;  ///< The number of this client's first call in the plan.
  std::uint64_t step = 1;   ///< From the number of one call to that of the next.
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< Calls in all.
};

/// Says when each call of one client begins. Pure: the clock is an argument.
///
/// Open loop: call n is due when the plan says so. One that finds no free slot begins when there is
/// one. Its latency counts from when it was due, so that the wait for a slow response is part of it
/// (else: "coordinated omission").
class pacer {
 public:
  pacer(const pace& wanted, time_point start);

  struct call {
    std::uint64_t number = 0;  ///< Over all clients, from zero.
    time_point due{};          ///< What its latency counts from.
    bool blocked = false;      ///< It was due earlier, and all slots were taken.
  };
  /// The next call when one is due and has a slot; it is under way then.
  [[nodiscard]] std::optional<call> begin(time_point now);
  /// A call has ended.
  void end() { --under_way_; }
  /// No call that is due at `when` or later begins; `time_point::min()`: none at all. A second,
  /// later stop changes nothing.
  void stop(time_point when) { stop_ = std::min(stop_, when); }

  /// When the next call is due, which may be in the past when all slots are taken. Empty in a
  /// closed loop, and when there are no more calls.
  [[nodiscard]] std::optional<time_point> next_due() const;
  /// Whether nothing is under way and no call will begin, as known at `now`.
  [[nodiscard]] bool done(time_point now) const;
  /// Calls under way, and those due before the stop that have not begun.
  [[nodiscard]] std::uint64_t unfinished() const;

 private:
  /// The number in the plan of this client's call.
  [[nodiscard]] std::uint64_t number(std::uint64_t nth) const {
    return pace_.first + nth * pace_.step;
  }
  [[nodiscard]] time_point due(std::uint64_t nth) const;

  pace pace_;
  time_point start_;
  time_point stop_ = time_point::max();
  std::uint64_t begun_ = 0;
  std::size_t under_way_ = 0;
  time_point next_{};     // open loop: when the next call is due
  bool blocked_ = false;  // a call is due and has no slot
};

}  // namespace upsun::load
