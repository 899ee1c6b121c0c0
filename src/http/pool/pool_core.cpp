#include "http/pool/pool_core.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>
#include <utility>

namespace upsun::http {
namespace {

constexpr double lifetime_jitter = 0.1;

// Longer than any idle timeout, and short enough to add to a time.
constexpr std::chrono::seconds longest_keep_alive = std::chrono::hours(24 * 365);

std::size_t wait_bucket(duration wait, std::size_t buckets) noexcept {
  const auto whole = std::max<std::int64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(wait).count(), 0);
  return std::min<std::size_t>(
      1 + static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(whole))), buckets - 1);
}

}  // namespace

acquired pool_core::acquire(time_point now, demand want, pool_effects& out, connection_id avoided) {
  const bool fresh = want == demand::fresh;
  const bool admitted = want != demand::any;
  if (admission_ == admission::closed || (admission_ == admission::draining && !admitted))
    return {.what = acquired::kind::closed};
  if (fresh) ++counters_.stale_replays;
  auto at = find_idle(fresh, now, out);
  if (at != connections::none) {
    connections_.remove(idle_, at);
  } else if (!fresh && others_.empty()) {
    at = find_room(now, avoided);
  }
  if (at != connections::none) {
    ++counters_.wait_histogram[0];
    const bool reused = lease(at);
    if (usual_life_ > 0) dial_ahead(at, out);
    return {.what = acquired::kind::leased, .connection = connections_.id(at), .reused = reused};
  }
  const std::size_t expected = covered() + room() * leases_a_dial_;
  if (!admitted && waiting() >= expected + limits_.max_waiters) {
    ++counters_.queue_refusals;
    return {.what = acquired::kind::queue_full};
  }
  const std::size_t dials = std::min(waiting() + 1, limits_.max_connections);
  waiters_.reserve(waiting() + 1);
  connections_.reserve(total() + dials);
  util::grow(out, out.size() + idle_.size + dials + waiting() + 1);  // nothing below throws
  const auto waiter = waiters_.insert({.want = want, .since = now});
  want == demand::again ? waiters_.push_front(others_, waiter)
                        : waiters_.push_back(fresh ? fresh_ : others_, waiter);
  const ticket id = waiters_.id(waiter);
  top_up(now, out);
  return {.what = acquired::kind::queued, .waiter = id};
}

void pool_core::release(connection_id id, time_point now, release_verdict verdict,
                        std::optional<std::chrono::seconds> keep_alive, pool_effects& out) {
  const auto at = connections_.find(id);
  if (at == connections::none) return;  // another of its leases reported its end
  connection_record& c = connections_[at];
  assert(c.is == state::leased && c.leases > 0);
  std::optional<eviction> why;
  if (verdict == release_verdict::failed) {
    why = eviction::failed;
  } else if (verdict == release_verdict::not_reusable ||
             (keep_alive && *keep_alive <= keep_alive_margin)) {
    why = eviction::not_reusable;
  } else if (admission_ == admission::closed) {
    why = eviction::closed;
  } else if (c.retired) {
    why = c.retired;
  } else if (now >= c.retire_at) {
    why = eviction::lifetime;
  } else if (!fresh_are_covered() && room() == 0) {
    why = eviction::replaced;
  }
  const bool ended = verdict == release_verdict::failed || verdict == release_verdict::not_reusable;
  --leases_;
  if (--c.leases > 0 && !ended) {
    if (why) {
      finish_using(at, *why);
    } else {
      note_room(at, c.leases < c.capacity);
      serve(at, now, out);
    }
    return top_up(now, out);
  }
  note_room(at, false);
  if (c.retired && limits_.streams > 1) --draining_;
  --leased_;
  leases_ -= std::exchange(c.leases, 0);
  if (why) {
    drop(at, *why, out);
  } else {
    c.is = state::idle;
    if (waiting() > 0) serve(at, now, out);
    if (c.is == state::idle) make_idle(at, now, keep_alive);
  }
  if (waiting() > 0) top_up(now, out);
}

bool pool_core::cancel_waiter(ticket waiter, bool timed_out) {
  const auto at = waiters_.find(waiter);
  if (at == waiters::none) return false;
  waiters_.remove(waiters_[at].want == demand::fresh ? fresh_ : others_, at);
  waiters_.erase(at);
  if (timed_out) ++counters_.acquire_timeouts;
  return true;
}

bool pool_core::dial_succeeded(connection_id id, time_point now, double jitter, pool_effects& out,
                               std::size_t capacity, std::size_t allowed) {
  const auto at = connections_.find(id);
  if (at == connections::none) return false;
  connections_.remove(dialling_, at);
  last_dial_failed_ = false;
  connections_[at].established = now;
  connections_[at].capacity = static_cast<std::uint32_t>(std::max<std::size_t>(capacity, 1));
  expect_leases(std::max(capacity, allowed));
  const bool told = std::exchange(asks_protocol_, false);
  if (told) warm_up_after_ = now;
  if (limits_.max_lifetime > duration::zero()) {
    connections_[at].retire_at = now + std::chrono::duration_cast<duration>(
                                           limits_.max_lifetime * (1 - lifetime_jitter * jitter));
  }
  serve(at, now, out);
  if (connections_[at].leases == 0) make_idle(at, now);
  top_up(now, out);
  if (told) warm_up(now, out);
  return true;
}

void pool_core::set_capacity(connection_id id, std::size_t capacity, time_point now,
                             pool_effects& out, std::size_t allowed) {
  if (capacity == 0) return retire(id, eviction::not_reusable, now, out);
  const auto at = connections_.find(id);
  if (at == connections::none || connections_[at].is == state::dialling) return;
  connection_record& c = connections_[at];
  c.capacity = static_cast<std::uint32_t>(std::min<std::size_t>(capacity, UINT32_MAX));
  expect_leases(std::max(capacity, allowed));
  if (c.is == state::leased) note_room(at, c.leases < c.capacity && !c.retired);
  top_up(now, out);
}

void pool_core::dial_failed(connection_id id, time_point now, pool_effects& out) {
  const auto at = connections_.find(id);
  if (at == connections::none) return;  // abandoned
  connections_.remove(dialling_, at);
  connections_.erase(at);
  ++counters_.dial_failures;
  last_dial_failed_ = true;
  warm_up_after_ = now + warm_up_pause;
  probe_at_ = now + probe_pause;
  // Those who wait for the dial that tells the protocol share its failure, as if each had dialled.
  for (std::size_t left = asks_protocol_ ? limits_.max_connections : leases_a_dial_; left > 0;
       --left) {
    if (!fresh_are_covered()) {
      fail_oldest(fresh_, out);
    } else if (leased_ == 0 && waiting() > covered()) {
      fail_oldest(others_, out);
    }
  }
  leased_ == 0 ? top_up(now, out) : serve_from_room(now, out);
}

bool pool_core::connection_dead(connection_id id, time_point now, pool_effects& out) {
  const auto at = connections_.find(id);
  if (at == connections::none || connections_[at].is != state::idle) return false;
  connections_.remove(idle_, at);
  connections_.erase(at);
  ++counters_.evictions[static_cast<std::size_t>(eviction::dead)];
  warm_up(now, out);
  return true;
}

void pool_core::retire(connection_id id, eviction why, time_point now, pool_effects& out) {
  const auto at = connections_.find(id);
  if (at == connections::none) return;
  if (connections_[at].is == state::idle) {
    evict_idle(at, why, out);
    warm_up(now, out);
  } else if (connections_[at].is == state::leased) {
    const bool ends_use = why == eviction::not_reusable && admission_ == admission::open;
    if (ends_use) usual_life_ = connections_[at].served;
    finish_using(at, why);
    top_up(now, out);
    // The next request should not have to wait, since this was not the last.
    if (ends_use && idle_.empty() && has_room_.empty() && dialling_.empty() && room() > 0)
      dial(1, out);
  }
}

void pool_core::suspended(duration slept, time_point now, pool_effects& out) {
  const auto age = [slept](time_point& until) {
    if (until != time_point::max()) until -= slept;
  };
  connections_.for_each([&](connections::index at, const connection_record&) {
    connection_record& c = connections_[at];
    age(c.idle_until);
    age(c.retire_at);
    age(c.trim_at);
  });
  age(next_look_);
  for (auto at = idle_.back; at != connections::none;) {
    const auto newer = connections_.previous(at);
    const connection_record& c = connections_[at];
    const auto why = now >= c.idle_until ? eviction::idle_timeout : overdue(c, now);
    if (why) evict_idle(at, *why, out);
    at = newer;
  }
  warm_up(now, out);
}

void pool_core::tick(time_point now, pool_effects& out) {
  next_look_ = time_point::max();
  for (auto at = idle_.back; at != connections::none;) {
    const auto newer = connections_.previous(at);
    connection_record& c = connections_[at];
    if (const auto why = overdue(c, now)) {
      evict_idle(at, *why, out);
    } else {
      if (now >= c.idle_until)
        c.idle_until = now + limits_.idle_timeout;  // kept as part of the minimum
      if (now >= c.trim_at) {
        out.push_back({.what = pool_effect::kind::trim, .connection = connections_.id(at)});
        c.trim_at = time_point::max();
      }
      look_again_at(c.next_look());
    }
    at = newer;
  }
  warm_up(now, out);
  if (needs_probe() && now >= probe_at_) top_up(now, out);
}

std::optional<time_point> pool_core::next_deadline() const noexcept {
  time_point next = next_look_;
  if (admission_ == admission::open && total() < limits_.min_connections)
    next = std::min(next, warm_up_after_);
  if (needs_probe()) next = std::min(next, probe_at_);
  if (next == time_point::max()) return std::nullopt;
  return next;
}

void pool_core::warm_up(time_point now, pool_effects& out) {
  if (admission_ != admission::open || now < warm_up_after_ || total() >= limits_.min_connections)
    return;
  warm_up_after_ = now + warm_up_pause;
  const std::size_t missing = limits_.min_connections - total();
  dial(asks_protocol_ ? std::min<std::size_t>(missing, dialling_.empty() ? 1 : 0) : missing, out);
}

void pool_core::begin_drain() noexcept {
  if (admission_ == admission::open) admission_ = admission::draining;
}

void pool_core::close(pool_effects& out) {
  admission_ = admission::closed;
  while (!fresh_.empty()) fail_oldest(fresh_, out);
  while (!others_.empty()) fail_oldest(others_, out);
  while (!idle_.empty()) evict_idle(idle_.back, eviction::closed, out);
  while (!dialling_.empty()) {
    const auto at = dialling_.front;
    connections_.remove(dialling_, at);
    out.push_back({.what = pool_effect::kind::abandon, .connection = connections_.id(at)});
    connections_.erase(at);
    ++counters_.dial_failures;
  }
  next_look_ = time_point::max();
}

pool_statistics pool_core::statistics() const {
  pool_statistics now = counters_;
  now.max = limits_.max_connections;
  now.idle = idle_.size;
  now.leased = leased_;
  now.streams = leases_;
  now.draining = draining_;
  now.dialling = dialling_.size;
  now.waiting = waiting();
  return now;
}

// ---- parts of events

std::optional<eviction> pool_core::overdue(const connection_record& c,
                                           time_point now) const noexcept {
  if (now >= c.retire_at) return eviction::lifetime;
  if (now >= c.idle_until && (c.server_limited || total() > limits_.min_connections))
    return eviction::idle_timeout;
  return std::nullopt;
}

/// The one used last; overdue ones on the way are closed.
pool_core::connections::index pool_core::find_idle(bool fresh, time_point now, pool_effects& out) {
  for (auto at = idle_.front; at != connections::none;) {
    const auto older = connections_.next(at);
    if (const auto why = overdue(connections_[at], now)) {
      evict_idle(at, *why, out);
    } else if (!fresh) {
      return at;
    }
    at = older;
  }
  return connections::none;
}

/// The leased connection that may be leased once more and has the fewest leases.
pool_core::connections::index pool_core::find_room(time_point now, connection_id avoided) noexcept {
  const auto is_better = [&](connections::index one, connections::index best) {
    if (best == connections::none || connections_.id(best) == avoided) return true;
    return connections_.id(one) != avoided && connections_[one].leases < connections_[best].leases;
  };
  auto best = connections::none;
  for (auto at = has_room_.front; at != connections::none;) {
    const auto next = connections_.next(at);
    connection_record& c = connections_[at];
    if (now >= c.retire_at) {
      finish_using(at, eviction::lifetime);
    } else if (c.leases < wanted_leases(c) && is_better(at, best)) {
      best = at;
    }
    at = next;
  }
  return best;
}

std::size_t pool_core::wanted_leases(const connection_record& c) const noexcept {
  const bool may_dial = room() > 0 && !last_dial_failed_;
  return may_dial ? std::min<std::size_t>(limits_.streams, c.capacity) : c.capacity;
}

void pool_core::dial_ahead(connections::index at, pool_effects& out) {
  connection_record& c = connections_[at];
  if (c.served >= 2 * usual_life_) usual_life_ = 0;  // that end was an exception, as by a restart
  const bool ends_soon = usual_life_ > 0 && c.served + c.leases >= usual_life_;
  if (!ends_soon || c.has_successor || c.capacity == 1 || admission_ != admission::open ||
      last_dial_failed_ || room() == 0)
    return;
  c.has_successor = true;
  if (idle_.empty() && dialling_.empty()) dial(1, out);
}

/// It takes no more leases, and closes with its last.
void pool_core::finish_using(connections::index at, eviction why) noexcept {
  connection_record& c = connections_[at];
  if (!c.retired && limits_.streams > 1) ++draining_;
  c.retired = why;
  note_room(at, false);
}

/// \return whether it had been leased before
bool pool_core::lease(connections::index at) noexcept {
  connection_record& c = connections_[at];
  ++c.served;
  if (c.leases++ == 0) {
    c.is = state::leased;
    ++leased_;
  }
  note_room(at, c.leases < c.capacity);
  ++leases_;
  ++counters_.leases;
  const bool reused = std::exchange(c.leased_before, true);
  if (reused) ++counters_.reuses;
  return reused;
}

/// Leases a connection to those who have waited longest, as far as its capacity goes.
void pool_core::serve(connections::index at, time_point now, pool_effects& out) {
  const connection_record& c = connections_[at];
  while (c.leases < wanted_leases(c)) {
    waiters::list* const queue = next_queue(c);
    if (queue == nullptr) return;
    grant(at, *queue, now, out);
  }
}

/// Whom the connection serves next. A fresh waiter takes only one that has not been leased before,
/// or that takes several and was dialled after its own was lost.
pool_core::waiters::list* pool_core::next_queue(const connection_record& c) noexcept {
  const bool is_fresh =
      !fresh_.empty() &&
      (!c.leased_before || (c.capacity > 1 && c.established > waiters_[fresh_.front].since));
  if (is_fresh) return &fresh_;
  return others_.empty() ? nullptr : &others_;
}

void pool_core::grant(connections::index at, waiters::list& queue, time_point now,
                      pool_effects& out) {
  const auto waiter = queue.front;
  const duration waited = now - waiters_[waiter].since;
  ++counters_.wait_histogram[wait_bucket(waited, counters_.wait_histogram.size())];
  out.push_back({.what = pool_effect::kind::grant,
                 .connection = connections_.id(at),
                 .waiter = waiters_.id(waiter),
                 .reused = lease(at)});
  waiters_.remove(queue, waiter);
  waiters_.erase(waiter);
}

/// Leases what has room left, the least leased first.
void pool_core::serve_from_room(time_point now, pool_effects& out) {
  while (waiting() > 0 && !has_room_.empty()) {
    const auto at = find_room(now);
    waiters::list* const queue = at != connections::none ? next_queue(connections_[at]) : nullptr;
    if (queue == nullptr) return;
    grant(at, *queue, now, out);
  }
}

void pool_core::make_idle(connections::index at, time_point now,
                          std::optional<std::chrono::seconds> keep_alive) {
  connection_record& c = connections_[at];
  c.is = state::idle;
  c.idle_until = now + limits_.idle_timeout;
  c.server_limited = false;
  if (keep_alive) {
    const time_point server_closes =
        now + std::min(*keep_alive, longest_keep_alive) - keep_alive_margin;
    c.server_limited = server_closes < c.idle_until;
    c.idle_until = std::min(c.idle_until, server_closes);
  }
  c.trim_at = limits_.trim_after > duration::zero() ? now + limits_.trim_after : time_point::max();
  connections_.push_front(idle_, at);
  look_again_at(c.next_look());
}

void pool_core::fail_oldest(waiters::list& queue, pool_effects& out) {
  const auto waiter = queue.front;
  out.push_back({.what = pool_effect::kind::fail, .waiter = waiters_.id(waiter)});
  waiters_.remove(queue, waiter);
  waiters_.erase(waiter);
}

void pool_core::drop(connections::index at, eviction why, pool_effects& out) {
  out.push_back({.what = pool_effect::kind::close, .connection = connections_.id(at)});
  connections_.erase(at);
  ++counters_.evictions[static_cast<std::size_t>(why)];
}

void pool_core::evict_idle(connections::index at, eviction why, pool_effects& out) {
  util::grow(out, out.size() + 1);
  connections_.remove(idle_, at);
  drop(at, why, out);
}

/// Serves waiters from what has room; dials for those that no dial in flight covers, and makes room
/// for the fresh ones.
void pool_core::top_up(time_point now, pool_effects& out) {
  serve_from_room(now, out);
  if (waiting() <= covered()) return;
  while (fresh_.size > covered() + room() * leases_a_dial_ && !idle_.empty())
    evict_idle(idle_.back, eviction::replaced, out);
  const auto dials_for = [&](std::size_t count) {
    return (count + leases_a_dial_ - 1) / leases_a_dial_;
  };
  std::size_t wanted = dials_for(waiting() - covered());
  const std::size_t probe = dialling_.empty() ? 1 : 0;
  if (asks_protocol_) wanted = probe;
  if (last_dial_failed_ && leased_ > 0)
    wanted = std::min(wanted, fresh_are_covered() ? probe : dials_for(fresh_.size - covered()));
  dial(std::min(wanted, room()), out);
  if (room() == 0) serve_from_room(now, out);
}

void pool_core::dial(std::size_t count, pool_effects& out) {
  for (; count > 0; --count) {
    const auto at = connections_.insert({});
    connections_.push_back(dialling_, at);
    ++counters_.dials;
    out.push_back({.what = pool_effect::kind::dial, .connection = connections_.id(at)});
  }
}

std::string_view pool_core::broken_invariant() const {
  if (total() > limits_.max_connections + std::min(draining_, limits_.max_connections))
    return "idle + leased + dialling <= max_connections, but for those that drain";
  std::size_t count[3] = {};
  connections_.for_each([&](connections::index, const connection_record& c) {
    ++count[static_cast<std::size_t>(c.is)];
  });
  if (count[0] != dialling_.size || count[1] != idle_.size || count[2] != leased_)
    return "every connection is in the list of its state";
  std::size_t with_room = 0;
  bool consistent = true;
  connections_.for_each([&](connections::index, const connection_record& c) {
    const bool room_left = c.leases > 0 && c.leases < c.capacity && !c.retired;
    consistent = consistent && (c.is == state::leased) == (c.leases > 0) && c.has_room == room_left;
    with_room += c.has_room ? 1 : 0;
  });
  if (!consistent || with_room != has_room_.size)
    return "a connection is listed for another lease exactly when it may have one";
  std::size_t queued[2] = {};
  waiters_.for_each(
      [&](waiters::index, const waiter_record& w) { ++queued[w.want == demand::fresh ? 1 : 0]; });
  if (queued[0] != others_.size || queued[1] != fresh_.size) return "every waiter is in its queue";
  if (!others_.empty() && !idle_.empty()) return "nobody waits beside an idle connection";
  bool spare = false;
  connections_.for_each([&](connections::index, const connection_record& c) {
    spare = spare || (c.has_room && c.leases < wanted_leases(c));
  });
  if (!others_.empty() && spare) return "nobody waits beside a connection with room";
  const bool all_dial = dialling_.size >= (asks_protocol_ ? 1 : limits_.max_connections);
  if (leased_ == 0 && waiting() > covered() && !all_dial)
    return "a waiter has somebody to wait for";
  const auto evicted =
      std::accumulate(counters_.evictions.begin(), counters_.evictions.end(), std::uint64_t{0});
  if (counters_.dials != counters_.dial_failures + total() + evicted)
    return "every dial is accounted for";
  if (counters_.leases != std::accumulate(counters_.wait_histogram.begin(),
                                          counters_.wait_histogram.end(), std::uint64_t{0}))
    return "every lease had a wait";
  if (admission_ == admission::closed && idle_.size + dialling_.size + waiting() > 0)
    return "a closed pool holds nothing but leases";
  return {};
}

}  // namespace upsun::http
