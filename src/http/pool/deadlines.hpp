#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>

#include "http/net/clock.hpp"
#include "util/deadline_queue.hpp"

namespace upsun::http {

/// The deadlines of a transport, all on one timer. Guarded by the transport's lock.
class deadlines {
 public:
  explicit deadlines(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// `due` is called, without the lock, when some may have expired: then `pop_expired` all, and
  /// `rearm`. Once, before the first `arm`.
  void call(std::function<void()> due) { due_ = std::move(due); }

  /// Calls back by then. \throws std::bad_alloc
  void arm(time_point by) {
    if (by >= armed_) return;
    // The handler of a wait that this cancels calls back, too: so a failure here loses nothing.
    armed_ = time_point::max();
    timer_.expires_at(by);
    timer_.async_wait([due = due_](const error_code&) { due(); });
    armed_ = by;
  }
  void schedule(util::deadline_entry& entry, time_point due) {
    queue_.schedule(entry, due);
    if (due < armed_) arm(*queue_.next_due());
  }
  void cancel(util::deadline_entry& entry) noexcept { queue_.cancel(entry); }

  [[nodiscard]] util::deadline_entry* pop_expired(time_point now) noexcept {
    if (armed_ <= now) armed_ = time_point::max();
    return queue_.pop_expired(now);
  }
  void rearm() {
    if (const auto next = queue_.next_due()) arm(*next);
  }
  void stop() {
    timer_.cancel();
    if (armed_ != disowned) armed_ = time_point::max();
  }
  /// In a forked child, where the system's timer behind Asio's may be the parent's, too: sets none
  /// any more.
  void disown() {
    timer_.cancel();
    armed_ = disowned;
  }

 private:
  static constexpr time_point disowned = time_point::min();

  util::deadline_queue queue_;
  boost::asio::steady_timer timer_;
  std::function<void()> due_;
  time_point armed_ = time_point::max();
};

}  // namespace upsun::http
