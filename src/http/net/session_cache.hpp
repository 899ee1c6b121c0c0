#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace upsun::http {

/// Sessions to resume with one server under one set of verify settings: a resumed session skips the
/// certificate checks, so the owner of a cache must keep both the same throughout. Each
/// session is given out once (RFC 8446 appendix C.4: else connections could be linked), the newest
/// first, and none when its time is over. Pure: times are arguments; of the wall clock, as
/// certificates have them.
template <class Session>
class session_cache {
 public:
  using time_point = std::chrono::system_clock::time_point;

  /// The most sessions kept; one more pushes out the oldest.
  static constexpr std::size_t capacity = 8;

  session_cache() { entries_.reserve(capacity); }

  /// Adds a session that may be offered before `expires`. Allocates nothing.
  void keep(Session session, time_point expires) noexcept {
    if (entries_.size() == capacity) entries_.erase(entries_.begin());
    entries_.push_back({std::move(session), expires});
  }

  /// The newest session whose time is not over. Those that are passed over on the way are dropped.
  [[nodiscard]] std::optional<Session> take(time_point now) noexcept {
    while (!entries_.empty()) {
      entry newest = std::move(entries_.back());
      entries_.pop_back();
      if (now < newest.expires) return std::move(newest.session);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct entry {
    Session session;
    time_point expires;
  };
  std::vector<entry> entries_;  // oldest first
};

}  // namespace upsun::http
