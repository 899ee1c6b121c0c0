#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace upsun::http {

using duration = std::chrono::steady_clock::duration;

/// What one look at the sockets came to.
struct look_outcome {
  std::size_t watched = 0;  ///< Sockets, all in all.
  bool full = false;        ///< There may have been more.
  std::size_t answers = 0;
  duration quickest_answer =
      duration::max();  ///< How long the one that was waited for the least had been under way.

  void note_answer(duration took) noexcept {
    ++answers;
    quickest_answer = std::min(quickest_answer, took);
  }
};

constexpr duration longest_pause = std::chrono::microseconds(100);
constexpr duration shortest_pause = std::chrono::microseconds(25);

/// How long to pause before the next look, instead of looking as soon as there is anything; zero:
/// not at all. Answers then come in batches, and what it costs to wake up, and to turn from reading
/// to handlers to writing, is paid once for each batch: see doc/decisions/answers-in-batches.md.
///
/// Not where few answers come, since batches would hardly be larger, nor where there may be more
/// already. At most an eighth of the time that answers take, and not when more than half of all
/// connections were answered: so those who wait hardly notice, and the servers do not run out of
/// requests.
constexpr duration pause_after(const look_outcome& last) noexcept {
  if (last.answers < 3 || last.full || last.answers > last.watched / 2) return {};
  const duration pause = std::min(last.quickest_answer / 8, longest_pause);
  return pause < shortest_pause ? duration() : pause;
}

}  // namespace upsun::http
