#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace upsun::util {

/// What waits for a deadline derives from this, or holds one. Must be cancelled or expired before
/// it is destroyed, and the queue must outlive it until then.
class deadline_entry {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  deadline_entry() = default;
  deadline_entry(const deadline_entry&) = delete;
  deadline_entry& operator=(const deadline_entry&) = delete;

  [[nodiscard]] bool scheduled() const noexcept {
    return recent_.is_linked() || sorted_.is_linked();
  }
  /// When it was last scheduled for.
  [[nodiscard]] time_point due() const noexcept { return due_; }

  friend bool operator<(const deadline_entry& a, const deadline_entry& b) noexcept {
    return a.due_ < b.due_;
  }

 private:
  friend class deadline_queue;

  time_point due_{};
  boost::intrusive::list_member_hook<> recent_;
  boost::intrusive::set_member_hook<> sorted_;
};

/// All deadlines of a client, so that a request arms no timer of its own. Pure: the driver keeps
/// one timer at `next_due()` and then takes out what has expired. An entry never expires early, and
/// at most one tick late.
///
/// Entries are sorted when the first of the recent ones is due: most requests have ended by then.
class deadline_queue {
 public:
  using time_point = deadline_entry::time_point;
  using ticks = std::chrono::duration<std::int64_t, std::centi>;

  /// Moves an entry that is scheduled already.
  void schedule(deadline_entry& entry, time_point due) noexcept {
    cancel(entry);
    entry.due_ = due;
    first_recent_ = recent_.empty() ? due : std::min(first_recent_, due);
    recent_.push_back(entry);
  }
  /// Does nothing for an entry that is not scheduled.
  void cancel(deadline_entry& entry) noexcept {
    if (entry.recent_.is_linked()) {
      recent_.erase(recent_.iterator_to(entry));
    } else if (entry.sorted_.is_linked()) {
      sorted_.erase(sorted_.iterator_to(entry));
    }
  }

  /// Takes out one entry that is due at `now`, or returns null when there is none.
  [[nodiscard]] deadline_entry* pop_expired(time_point now) noexcept {
    while (!recent_.empty() && first_recent_ <= now) {
      deadline_entry& entry = recent_.front();
      recent_.pop_front();
      sorted_.insert(sorted_.end(), entry);
    }
    if (sorted_.empty() || now < sorted_.begin()->due_) return nullptr;
    deadline_entry& first = *sorted_.begin();
    sorted_.erase(sorted_.begin());
    return &first;
  }

  /// When to call `pop_expired` next: on a whole tick, so that entries close together expire
  /// together. Absent when nothing is scheduled. Nothing may have expired by then, since the entry
  /// that was the first may have been cancelled.
  [[nodiscard]] std::optional<time_point> next_due() const noexcept {
    if (recent_.empty() && sorted_.empty()) return std::nullopt;
    time_point next = time_point::max() - ticks(1);
    if (!recent_.empty()) next = std::min(next, first_recent_);
    if (!sorted_.empty()) next = std::min(next, sorted_.begin()->due_);
    return std::chrono::ceil<ticks>(next);
  }

 private:
  template <class Hook, Hook deadline_entry::*Member>
  using by = boost::intrusive::member_hook<deadline_entry, Hook, Member>;
  using unsized = boost::intrusive::constant_time_size<false>;

  boost::intrusive::list<
      deadline_entry, by<boost::intrusive::list_member_hook<>, &deadline_entry::recent_>, unsized>
      recent_;
  time_point first_recent_{};  // no entry in `recent_` is due before
  boost::intrusive::multiset<
      deadline_entry, by<boost::intrusive::set_member_hook<>, &deadline_entry::sorted_>, unsized>
      sorted_;
};

}  // namespace upsun::util
