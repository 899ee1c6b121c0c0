#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "http/net/clock.hpp"

namespace upsun::http {

/// What one poll of the sockets found.
struct poll_outcome {
  std::size_t watched = 0;  ///< Sockets in all.
  bool full = false;        ///< There may have been more.
  std::size_t responses = 0;
  duration quickest =
      duration::max();  ///< The shortest time that a request waited for its response.

  void note_response(duration waited) noexcept {
    ++responses;
    quickest = std::min(quickest, waited);
  }
};

constexpr duration longest_pause = std::chrono::microseconds(100);
constexpr duration shortest_pause = std::chrono::microseconds(25);

/// How long to pause before the next poll, instead of polling as soon as a socket is ready; zero:
/// not at all. Responses then come in batches, and the cost of a wake-up, and of going from reads
/// to handlers to writes, is paid once a batch: see doc/decisions/responses-in-batches.md.
///
/// No pause where few responses come, since batches would hardly be larger, nor where there may be
/// more already. At most an eighth of the time that responses take, and not when more than half of
/// all connections had one: so callers hardly notice, and servers do not run out of requests.
constexpr duration pause_after(const poll_outcome& last) noexcept {
  if (last.responses < 3 || last.full || last.responses > last.watched / 2) return {};
  const duration pause = std::min(last.quickest / 8, longest_pause);
  return pause < shortest_pause ? duration() : pause;
}

}  // namespace upsun::http
