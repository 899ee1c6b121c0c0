#include "http/pool/pool_driver.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "util/random.hpp"

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

// How often connections are looked at for servers that are silent.
constexpr std::chrono::seconds probe_period(5);

constexpr std::chrono::milliseconds longest_grace = std::chrono::hours(24 * 365);

/// Moves an entry's value out of a map; null when there is none.
template <class Map>
typename Map::mapped_type take(Map& map, const typename Map::key_type& key) {
  auto entry = map.extract(key);
  return entry ? std::move(entry.mapped()) : nullptr;
}

std::size_t evictions_of(const pool_statistics& pool) {
  return std::accumulate(pool.evictions.begin(), pool.evictions.end(), std::size_t{0});
}

}  // namespace

pool_driver::pool_driver(const boost::asio::any_io_executor& executor, const pool_limits& limits,
                         duration acquire_timeout, std::shared_ptr<const dial_target> target,
                         std::shared_ptr<resolver> names)
    : acquire_timeout_(acquire_timeout),
      probes_(limits.asks_protocol),
      target_(std::move(target)),
      names_(std::move(names)),
      core_(limits),
      deadlines_(executor) {}

void pool_driver::start(dial_maker make, std::function<void()> due) {
  make_dial_ = std::move(make);
  deadlines_.call(std::move(due));
  core_.warm_up(clock::now(), effects_);
}

// ---- requests

std::shared_ptr<connection> pool_driver::acquire(const exchange_ptr& e, pool_actions& todo) {
  const bool admitted = e->replayed || e->refusals > 0;
  if (closing_ && !admitted) {
    todo.list.push_back({.what = pool_action::kind::complete,
                         .request = e,
                         .why = failure_of(*e, errc::client_closed, {}, phase::admission)});
    return nullptr;
  }
  if (!admitted) under_way_.push_back(*e);
  try {
    auto leased = lease_or_queue(e, todo);
    apply(todo);
    return leased;
  } catch (...) {  // nobody else has seen it yet
    std::erase_if(todo.list, [&](const pool_action& action) { return action.request == e; });
    take_back(*e, todo);
    apply(todo);
    throw;
  }
}

std::shared_ptr<connection> pool_driver::lease_or_queue(const exchange_ptr& e, pool_actions& todo) {
  if (const int reason = e->aborted.load(std::memory_order_acquire); reason != 0) {
    refuse(e, static_cast<errc>(reason), {}, phase::queue, todo);
    return nullptr;
  }
  const bool moved = e->replayed || e->refusals > 0;
  const time_point now = moved ? clock::now() : e->admitted;
  const time_point queued_until = std::min(e->deadline, now + acquire_timeout_);
  deadlines_.arm(std::min(queued_until, now + e->attempt_timeout));  // nothing below throws for it
  if (const duration slept = suspensions_.since_last_time(now); slept > duration::zero())
    core_.suspended(slept, now, effects_);
  const acquired got = core_.acquire(now, e->wants, effects_, e->avoided);
  switch (got.what) {
    case acquired::kind::leased: {
      auto on = connections_.at(got.connection);
      e->leased_idle = true;
      activate(*e, on, got.reused, now);
      return on;
    }
    case acquired::kind::queued:
      e->stage = exchange::stage_kind::queued;
      e->waiter = got.waiter;
      if (e->progress) e->progress->leased = time_point::max();
      e->due_code = queued_until == e->deadline ? errc::deadline_exceeded : errc::acquire_timeout;
      waiters_.emplace(got.waiter, e);
      deadlines_.schedule(*e, queued_until);
      break;
    case acquired::kind::queue_full:
      refuse(e, errc::queue_full, "pool.max_waiters are waiting already", phase::queue, todo);
      break;
    case acquired::kind::closed: refuse(e, errc::client_closed, {}, phase::admission, todo); break;
  }
  return nullptr;
}

void pool_driver::activate(exchange& e, std::shared_ptr<connection> on, bool reused,
                           time_point now) {
  const time_point until = std::min(e.deadline, now + e.attempt_timeout);
  e.stage = exchange::stage_kind::active;
  e.on = std::move(on);
  e.reused = reused;
  e.leased = now;
  if (e.progress) {
    e.progress->leased = now;
    e.progress->connection = static_cast<std::uint64_t>(e.on->id());
  }
  e.due_code = until == e.deadline ? errc::deadline_exceeded : errc::attempt_timeout;
  deadlines_.schedule(e, until);
  if (probes_ && !probe_entry_.scheduled()) deadlines_.schedule(probe_entry_, now + probe_period);
}

void pool_driver::take_back(exchange& e, pool_actions& todo) {
  if (e.stage == exchange::stage_kind::queued) withdraw(e, false);
  if (e.stage == exchange::stage_kind::active)
    core_.release(e.on->id(), clock::now(), release_verdict::failed, std::nullopt, effects_);
  if (e.stage != exchange::stage_kind::done) leave(e, todo);
  fail_unstarted_dials();
}

void pool_driver::release(connection& from, const exchange_outcome& outcome, bool again,
                          pool_actions& todo) {
  exchange& e = *outcome.finished;
  const bool ended = outcome.verdict == release_verdict::failed ||
                     outcome.verdict == release_verdict::not_reusable;
  if (outcome.capacity) capacity_changed(from, *outcome.capacity);
  if (ended) connections_.erase(from.id());
  core_.release(from.id(), outcome.at != time_point{} ? outcome.at : clock::now(), outcome.verdict,
                outcome.keep_alive, effects_);
  if (again) {
    if (outcome.unprocessed) {
      e.wants = demand::again;
      ++e.refusals;
    } else {
      e.wants = demand::fresh;
      e.replayed = true;
    }
    deadlines_.cancel(e);
    e.on.reset();
    e.stage = exchange::stage_kind::moving;
  } else {
    leave(e, todo);
  }
}

/// `e` is done.
void pool_driver::leave(exchange& e, pool_actions& todo) {
  deadlines_.cancel(e);
  e.on.reset();
  e.stage = exchange::stage_kind::done;
  if (e.streams) {
    streaming_.erase(streaming_.iterator_to(e));
    return;
  }
  under_way_.erase(under_way_.iterator_to(e));
  if (!closing_) return;
  ++(e.aborted.load(std::memory_order_relaxed) == 0 ? report_.drained : report_.cancelled);
  if (under_way_.empty()) end_close(todo);
}

void pool_driver::streams(exchange& e, pool_actions& todo) {
  if (e.stage != exchange::stage_kind::active || e.streams) return;
  e.streams = true;
  deadlines_.cancel(e);
  under_way_.erase(under_way_.iterator_to(e));
  streaming_.push_back(e);
  if (closing_ && under_way_.empty()) end_close(todo);
}

void pool_driver::refuse(const exchange_ptr& e, errc code, std::string cause, phase in,
                         pool_actions& todo) {
  todo.list.push_back({.what = pool_action::kind::complete,
                       .request = e,
                       .why = failure_of(*e, code, std::move(cause), in)});
  leave(*e, todo);
}

void pool_driver::end(const exchange_ptr& e, errc reason, pool_actions& todo) {
  int none = 0;
  const bool first =
      e->aborted.compare_exchange_strong(none, static_cast<int>(reason), std::memory_order_acq_rel);
  if (e->stage == exchange::stage_kind::active && first)
    todo.list.push_back({.what = pool_action::kind::abort, .on = e->on, .request = e});
  if (e->stage != exchange::stage_kind::queued) return;
  withdraw(*e, reason == errc::acquire_timeout);
  auto [blocked_in, cause] = blocked_by();
  refuse(e, reason, std::move(cause), blocked_in, todo);
}

// Those that wait go first: a connection that comes free, or fails, must not be given to them, nor
// dialled anew.
void pool_driver::end_all(errc reason, pool_actions& todo) {
  end_streams(reason, todo);
  for (const bool waiting : {true, false}) {
    for (auto at = under_way_.begin(); at != under_way_.end();) {
      exchange& e = *at++;  // it may leave
      if ((e.stage == exchange::stage_kind::queued) == waiting)
        end(e.shared_from_this(), reason, todo);
    }
  }
}

void pool_driver::end_streams(errc reason, pool_actions& todo) {
  for (exchange& e : streaming_) end(e.shared_from_this(), reason, todo);
}

void pool_driver::withdraw(const exchange& waiting, bool timed_out) {
  core_.cancel_waiter(waiting.waiter, timed_out);
  waiters_.erase(waiting.waiter);
}

/// The dial that the waiters hang on, or the last one that failed.
std::pair<phase, std::string> pool_driver::blocked_by() const {
  const std::string last =
      last_failure_ ? "the last dial failed: " + last_failure_->failure.cause : std::string();
  if (!dials_.empty()) {
    return {dials_.begin()->second->now_in(),
            "while dialling " + target_->origin.host_header + (last.empty() ? "" : "; ") + last};
  }
  return {phase::queue, last.empty() ? "every connection was in use" : last};
}

// ---- connections

void pool_driver::dialled(connection_id id, const std::shared_ptr<connection>& made,
                          const stream_capacity& capacity, dial_failure failure,
                          pool_actions& todo) {
  const bool wanted = dials_.find(id) != dials_.end();
  if (wanted && made) {
    connections_.emplace(id, made);
    dials_.erase(id);
    core_.dial_succeeded(id, clock::now(), util::roll(), effects_, capacity.streams,
                         capacity.allowed);
    retire_if_gone(*made);
  } else if (wanted) {
    fail_dial(id, std::move(failure));
  } else if (made) {
    todo.list.push_back({.what = pool_action::kind::close, .on = made});
  }
}

void pool_driver::died(const connection& idle) {
  if (core_.connection_dead(idle.id(), clock::now(), effects_)) connections_.erase(idle.id());
}

void pool_driver::capacity_changed(connection& of, const stream_capacity& capacity) {
  if (capacity.number < of.last_capacity) return;
  of.last_capacity = capacity.number;
  core_.set_capacity(of.id(), capacity.streams, clock::now(), effects_, capacity.allowed);
}

void pool_driver::retire_http2() {
  for (const auto& [id, one] : connections_) {
    if (one->protocol_version() == "2")
      core_.retire(id, eviction::not_reusable, clock::now(), effects_);
  }
}

void pool_driver::addresses_gone() {
  for (const auto& [id, one] : connections_) retire_if_gone(*one);
}

void pool_driver::retire_if_gone(const connection& one) {
  if (one.peer() && !names_->holds(*one.peer()))
    core_.retire(one.id(), eviction::address_gone, clock::now(), effects_);
}

void pool_driver::start_dial(connection_id id) {
  const auto begun = make_dial_(id);
  begun->start();
  dials_.emplace(id, begun);
}

void pool_driver::fail_dial(connection_id id, dial_failure why) {
  dials_.erase(id);
  last_failure_ = std::move(why);
  core_.dial_failed(id, clock::now(), effects_);
}

void pool_driver::fail_unstarted_dials() {
  for (std::size_t i = applied_; i < effects_.size(); ++i) {  // a failed dial may add another
    if (effects_[i].what != pool_effect::kind::dial) continue;
    fail_dial(effects_[i].connection, {.failure = {errc::connect_failed, "out of memory"}});
    effects_.erase(effects_.begin() + static_cast<std::ptrdiff_t>(i--));
  }
}

// ---- the core's effects and deadlines

void pool_driver::apply(pool_actions& todo) {
  for (; applied_ < effects_.size(); ++applied_) {
    const pool_effect effect = effects_[applied_];  // a copy, since more may be added
    switch (effect.what) {
      case pool_effect::kind::dial: start_dial(effect.connection); break;
      case pool_effect::kind::grant: {
        const exchange_ptr e = take(waiters_, effect.waiter);
        e->leased_idle = false;
        activate(*e, connections_.at(effect.connection), effect.reused, clock::now());
        todo.list.push_back({.what = pool_action::kind::begin, .on = e->on, .request = e});
        break;
      }
      case pool_effect::kind::fail:
        refuse(take(waiters_, effect.waiter), last_failure_->failure.code,
               last_failure_->failure.cause, last_failure_->failed_in, todo);
        break;
      case pool_effect::kind::close:
        // A connection that reported its own end is not here any more.
        if (auto gone = take(connections_, effect.connection))
          todo.list.push_back({.what = pool_action::kind::close, .on = std::move(gone)});
        break;
      case pool_effect::kind::abandon:
        // A dial is missing when memory ran out while its connection was being added.
        if (auto gone = take(dials_, effect.connection))
          todo.list.push_back({.what = pool_action::kind::abandon, .dialled = std::move(gone)});
        break;
      case pool_effect::kind::trim:
        todo.list.push_back(
            {.what = pool_action::kind::trim, .on = connections_.at(effect.connection)});
        break;
    }
  }
  effects_.clear();
  applied_ = 0;
  const auto next = core_.next_deadline();
  if (next && (!pool_entry_.scheduled() || *next < pool_entry_.due()))
    deadlines_.schedule(pool_entry_, *next);
}

void pool_driver::expire(pool_actions& todo) {
  const time_point now = clock::now();
  while (util::deadline_entry* entry = deadlines_.pop_expired(now)) {
    if (entry == &pool_entry_) {
      core_.tick(now, effects_);
    } else if (entry == &probe_entry_) {
      look_for_silence(now, todo);
    } else if (entry == &close_entry_) {
      end_all(errc::cancelled, todo);
    } else {
      auto& e = static_cast<exchange&>(*entry);
      end(e.shared_from_this(), e.due_code, todo);
    }
  }
  deadlines_.rearm();
}

/// While a connection is leased.
void pool_driver::look_for_silence(time_point now, pool_actions& todo) {
  if (core_.statistics().leased == 0) return;
  for (const auto& [id, one] : connections_)
    todo.list.push_back({.what = pool_action::kind::probe, .on = one});
  deadlines_.schedule(probe_entry_, now + probe_period);
}

// ---- the close

void pool_driver::disown(pool_actions& todo) {
  deadlines_.disown();
  deadlines_.cancel(pool_entry_);
  deadlines_.cancel(probe_entry_);
  deadlines_.cancel(close_entry_);
  for (const auto& [id, one] : connections_)
    todo.list.push_back({.what = pool_action::kind::close, .on = one});
  for (const auto& [id, one] : dials_)
    todo.list.push_back({.what = pool_action::kind::abandon, .dialled = one});
}

void pool_driver::close(std::chrono::milliseconds grace, transport::close_handler handler,
                        pool_actions& todo) {
  close_handlers_.push_back(std::move(handler));
  if (!closing_) begin_close();
  const time_point over =
      clock::now() + std::clamp(grace, std::chrono::milliseconds(0), longest_grace);
  if (under_way_.empty()) {
    end_close(todo);
  } else if (grace.count() <= 0) {
    end_all(errc::cancelled, todo);
  } else if (!close_entry_.scheduled() || over < close_entry_.due()) {
    deadlines_.schedule(close_entry_, over);
  }
}

void pool_driver::shut_down(pool_actions& todo) {
  if (!closing_) begin_close();
  under_way_.empty() ? end_close(todo) : end_all(errc::cancelled, todo);
}

void pool_driver::begin_close() {
  closing_ = true;
  evicted_before_close_ = evictions_of(core_.statistics());
  core_.begin_drain();
}

void pool_driver::end_close(pool_actions& todo) {
  deadlines_.cancel(close_entry_);
  deadlines_.cancel(pool_entry_);
  deadlines_.cancel(probe_entry_);
  end_streams(errc::cancelled, todo);
  deadlines_.stop();
  const std::size_t dialling = core_.statistics().dialling;
  core_.close(effects_);
  const std::size_t evicted = evictions_of(core_.statistics());
  report_.connections_closed = evicted - std::exchange(evicted_before_close_, evicted) + dialling;
  todo.drained = true;
  todo.closed = std::exchange(close_handlers_, {});
  todo.report = std::exchange(report_, {});
}

}  // namespace upsun::http
