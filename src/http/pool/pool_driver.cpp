#include "http/pool/pool_driver.hpp"

#include <utility>

#include "util/random.hpp"

namespace upsun::http {
namespace {

using clock = std::chrono::steady_clock;

/// Moves an entry's value out of a map; null when there is none.
template <class Map>
typename Map::mapped_type take(Map& map, const typename Map::key_type& key) {
  auto entry = map.extract(key);
  return entry ? std::move(entry.mapped()) : nullptr;
}

}  // namespace

pool_driver::pool_driver(const pool_limits& limits, std::shared_ptr<const dial_target> target,
                         std::shared_ptr<resolver> names)
    : target_(std::move(target)), names_(std::move(names)), core_(limits) {}

pool_driver::lease_result pool_driver::lease(const exchange_ptr& e, demand want, time_point now) {
  const acquired got = core_.acquire(now, want, effects_);
  if (got.what == acquired::kind::leased)
    return {.what = got.what, .on = connections_.at(got.connection), .reused = got.reused};
  if (got.what == acquired::kind::queued) {
    e->waiter = got.waiter;
    try {
      waiters_.emplace(got.waiter, e);
    } catch (...) {
      core_.cancel_waiter(got.waiter, false);
      throw;
    }
  }
  return {.what = got.what};
}

void pool_driver::cancel(const exchange& waiting, bool timed_out) {
  core_.cancel_waiter(waiting.waiter, timed_out);
  waiters_.erase(waiting.waiter);
}

void pool_driver::release(const connection& from, const exchange_outcome& outcome) {
  const bool ended = outcome.verdict == release_verdict::failed ||
                     outcome.verdict == release_verdict::not_reusable;
  if (ended) connections_.erase(from.id());
  core_.release(from.id(), outcome.at != time_point{} ? outcome.at : clock::now(), outcome.verdict,
                outcome.keep_alive, effects_);
}

bool pool_driver::dialled(connection_id id, const std::shared_ptr<connection>& made,
                          dial_failure failure) {
  if (dials_.find(id) == dials_.end()) return false;
  if (!made) {
    fail_dial(id, std::move(failure));
    return true;
  }
  dials_.erase(id);
  connections_.emplace(id, made);
  core_.dial_succeeded(id, clock::now(), util::roll(), effects_);
  retire_if_gone(*made);
  return true;
}

void pool_driver::died(const connection& idle) {
  if (core_.connection_dead(idle.id(), clock::now(), effects_)) connections_.erase(idle.id());
}

void pool_driver::addresses_gone() {
  for (const auto& [id, one] : connections_) retire_if_gone(*one);
}

void pool_driver::retire_if_gone(const connection& one) {
  if (one.peer() && !names_->holds(*one.peer())) core_.retire(one.id(), clock::now(), effects_);
}

void pool_driver::apply(pool_actions& todo) {
  for (; applied_ < effects_.size(); ++applied_) {
    const pool_effect effect = effects_[applied_];
    switch (effect.what) {
      case pool_effect::kind::dial: {
        auto begun = make_dial_(effect.connection);
        dials_.emplace(effect.connection, begun);
        todo.push_back({.what = pool_action::kind::start, .dialled = std::move(begun)});
        break;
      }
      case pool_effect::kind::grant:
        todo.push_back({.what = pool_action::kind::begin,
                        .on = connections_.at(effect.connection),
                        .request = take(waiters_, effect.waiter),
                        .reused = effect.reused});
        break;
      case pool_effect::kind::fail:
        todo.push_back({.what = pool_action::kind::fail, .request = take(waiters_, effect.waiter)});
        break;
      case pool_effect::kind::close:
        // A connection that reported its own end is not here any more.
        if (auto gone = take(connections_, effect.connection))
          todo.push_back({.what = pool_action::kind::close, .on = std::move(gone)});
        break;
      case pool_effect::kind::abandon:
        todo.push_back(
            {.what = pool_action::kind::abandon, .dialled = take(dials_, effect.connection)});
        break;
      case pool_effect::kind::trim:
        todo.push_back({.what = pool_action::kind::trim, .on = connections_.at(effect.connection)});
        break;
    }
  }
  effects_.clear();
  applied_ = 0;
}

void pool_driver::fail_unstarted(const pool_actions& todo) {
  const dial_failure why{.failure = {errc::connect_failed, "out of memory"}};
  for (const pool_action& action : todo) {
    if (action.what == pool_action::kind::start && action.dialled)
      fail_dial(action.dialled->id(), why);
  }
  for (std::size_t i = applied_; i < effects_.size(); ++i) {  // a failed dial may add another
    if (effects_[i].what != pool_effect::kind::dial) continue;
    fail_dial(effects_[i].connection, why);
    effects_.erase(effects_.begin() + static_cast<std::ptrdiff_t>(i--));
  }
}

void pool_driver::fail_dial(connection_id id, dial_failure why) {
  dials_.erase(id);
  last_failure_ = std::move(why);
  core_.dial_failed(id, clock::now(), effects_);
}

/// The dial that the waiters hang on, or the last one that failed.
pool_driver::blocker pool_driver::blocked_by() const {
  const std::string last =
      last_failure_ ? "the last dial failed: " + last_failure_->failure.cause : std::string();
  if (!dials_.empty()) {
    return {dials_.begin()->second->now_in(),
            "while dialling " + target_->origin.host_header + (last.empty() ? "" : "; ") + last};
  }
  return {phase::queue, last.empty() ? "every connection was in use" : last};
}

}  // namespace upsun::http
