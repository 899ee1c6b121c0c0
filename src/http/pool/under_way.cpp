#include "http/pool/under_way.hpp"

#include <algorithm>
#include <numeric>
#include <string>

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds longest_grace = std::chrono::hours(24 * 365);

std::size_t evictions_of(const pool_statistics& pool) {
  return std::accumulate(pool.evictions.begin(), pool.evictions.end(), std::size_t{0});
}

}  // namespace

void requests_under_way::admit(exchange& e) {
  e.admitted_open = !closing_;
  all_.push_back(e);
}

pool_driver::lease_result requests_under_way::acquire(const exchange_ptr& e, demand want,
                                                      time_point now) {
  const time_point queued_until = std::min(e->deadline, now + acquire_timeout_);
  deadlines_.arm(std::min(queued_until, now + e->attempt_timeout));  // nothing below throws for it
  auto got = pool_.lease(e, want, now);
  if (got.what == acquired::kind::leased) {
    activate(*e, got.on, got.reused, now);
  } else if (got.what == acquired::kind::queued) {
    e->stage = exchange::stage_kind::queued;
    e->due_code = queued_until == e->deadline ? errc::deadline_exceeded : errc::acquire_timeout;
    deadlines_.schedule(*e, queued_until);
  }
  return got;
}

void requests_under_way::activate(exchange& e, std::shared_ptr<connection> on, bool reused,
                                  time_point now) {
  const time_point until = std::min(e.deadline, now + e.attempt_timeout);
  e.stage = exchange::stage_kind::active;
  e.on = std::move(on);
  e.reused = reused;
  e.leased = now;
  e.due_code = until == e.deadline ? errc::deadline_exceeded : errc::attempt_timeout;
  deadlines_.schedule(e, until);
}

void requests_under_way::move(exchange& e) {
  deadlines_.cancel(e);
  e.on.reset();
  e.stage = exchange::stage_kind::moving;
}

void requests_under_way::leave(exchange& e, transport_actions& todo) {
  deadlines_.cancel(e);
  e.on.reset();
  e.stage = exchange::stage_kind::done;
  all_.erase(all_.iterator_to(e));
  if (!closing_) return;
  if (e.admitted_open)
    ++(e.aborted.load(std::memory_order_relaxed) == 0 ? report_.drained : report_.cancelled);
  if (all_.empty()) end_close(todo);
}

void requests_under_way::end(const exchange_ptr& e, errc reason, transport_actions& todo) {
  int none = 0;
  const bool first =
      e->aborted.compare_exchange_strong(none, static_cast<int>(reason), std::memory_order_acq_rel);
  if (e->stage == exchange::stage_kind::active && first)
    todo.list.push_back({.what = pool_action::kind::abort, .on = e->on, .request = e});
  if (e->stage != exchange::stage_kind::queued) return;
  pool_.cancel(*e, reason == errc::acquire_timeout);
  auto [blocked_in, cause] = pool_.blocked_by();
  todo.list.push_back({.what = pool_action::kind::fail,
                       .request = e,
                       .why = failure_of(*e, reason, std::move(cause), blocked_in)});
  leave(*e, todo);
}

// Those that wait go first: a connection that comes free, or fails, must not be given to them, nor
// dialled anew.
void requests_under_way::end_all(errc reason, transport_actions& todo) {
  for (const bool waiting : {true, false}) {
    for (auto at = all_.begin(); at != all_.end();) {
      exchange& e = *at++;  // it may leave
      if ((e.stage == exchange::stage_kind::queued) == waiting)
        end(e.shared_from_this(), reason, todo);
    }
  }
}

void requests_under_way::expire(time_point now, transport_actions& todo) {
  while (util::deadline_entry* entry = deadlines_.pop_expired(now)) {
    if (entry == &pool_entry_) {
      pool_.tick(now);
    } else if (entry == &close_entry_) {
      end_all(errc::cancelled, todo);
    } else {
      auto& e = static_cast<exchange&>(*entry);
      end(e.shared_from_this(), e.due_code, todo);
    }
  }
  deadlines_.rearm();
}

void requests_under_way::apply(transport_actions& todo) {
  const std::size_t before = todo.list.size();
  pool_.apply(todo.list);
  for (std::size_t i = before; i < todo.list.size(); ++i) {
    pool_action& action = todo.list[i];
    if (action.what == pool_action::kind::begin) {
      activate(*action.request, action.on, action.reused, clock::now());
    } else if (action.what == pool_action::kind::fail) {
      const auto& [failure, failed_in] = pool_.last_failure();
      action.why = failure_of(*action.request, failure.code, failure.cause, failed_in);
      leave(*action.request, todo);
    }
  }
  if (todo.drained) pool_.apply(todo.list);
  const auto next = pool_.next_deadline();
  if (next && (!pool_entry_.scheduled() || *next < pool_entry_.due()))
    deadlines_.schedule(pool_entry_, *next);
}

void requests_under_way::close(std::chrono::milliseconds grace, transport::close_handler handler,
                               transport_actions& todo) {
  close_handlers_.push_back(std::move(handler));
  if (!closing_) begin_close();
  const time_point over =
      clock::now() + std::clamp(grace, std::chrono::milliseconds(0), longest_grace);
  if (all_.empty()) {
    end_close(todo);
  } else if (grace.count() <= 0) {
    end_all(errc::cancelled, todo);
  } else if (!close_entry_.scheduled() || over < close_entry_.due()) {
    deadlines_.schedule(close_entry_, over);
  }
}

void requests_under_way::shut_down(transport_actions& todo) {
  if (!closing_) begin_close();
  all_.empty() ? end_close(todo) : end_all(errc::cancelled, todo);
}

void requests_under_way::begin_close() {
  closing_ = true;
  evicted_before_close_ = evictions_of(pool_.statistics());
  pool_.begin_drain();
}

void requests_under_way::end_close(transport_actions& todo) {
  deadlines_.cancel(close_entry_);
  deadlines_.cancel(pool_entry_);
  deadlines_.stop();
  const std::size_t dialling = pool_.statistics().dialling;
  pool_.close();
  const std::size_t evicted = evictions_of(pool_.statistics());
  report_.connections_closed = evicted - std::exchange(evicted_before_close_, evicted) + dialling;
  todo.drained = true;
  todo.closed = std::exchange(close_handlers_, {});
  todo.report = std::exchange(report_, {});
}

}  // namespace upsun::http
