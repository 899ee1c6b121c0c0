#include "unit/http/pool/pool_script.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace upsun::http::test {
namespace {

template <class Id>
std::string name_in(std::vector<Id>& seen, Id id, const char* prefix) {
  auto found = std::find(seen.begin(), seen.end(), id);
  if (found == seen.end()) found = seen.insert(found, id);
  return prefix + std::to_string(found - seen.begin() + 1);
}

}  // namespace

std::string pool_script::name(connection_id id) { return name_in(connections_, id, "c"); }
std::string pool_script::name(ticket id) { return name_in(waiters_, id, "w"); }

std::string pool_script::words() {
  std::string result;
  for (const pool_effect& e : effects_) {
    if (!result.empty()) result += ", ";
    switch (e.what) {
      case pool_effect::kind::dial: result += "dial " + name(e.connection); break;
      case pool_effect::kind::grant:
        result += name(e.connection) + (e.reused ? " again" : "") + " to " + name(e.waiter);
        break;
      case pool_effect::kind::fail: result += "fail " + name(e.waiter); break;
      case pool_effect::kind::close: result += "close " + name(e.connection); break;
      case pool_effect::kind::abandon: result += "abandon " + name(e.connection); break;
      case pool_effect::kind::trim: result += "trim " + name(e.connection); break;
    }
  }
  effects_.clear();
  EXPECT_EQ(pool.broken_invariant(), "");
  return result;
}

std::string pool_script::acquire(demand want, std::size_t avoided) {
  const acquired got = pool.acquire(now, want, effects_,
                                    avoided > 0 ? connections_.at(avoided - 1) : connection_id{});
  std::string result;
  switch (got.what) {
    case acquired::kind::leased:
      result = "leased " + name(got.connection) + (got.reused ? " again" : "");
      break;
    case acquired::kind::queued: result = name(got.waiter) + " queued"; break;
    case acquired::kind::queue_full: result = "queue full"; break;
    case acquired::kind::closed: result = "closed"; break;
  }
  const std::string effects = words();
  return effects.empty() ? result : result + ", " + effects;
}

std::string pool_script::dialled(std::size_t c, double jitter, std::size_t capacity) {
  if (!pool.dial_succeeded(connections_.at(c - 1), now, jitter, effects_, capacity))
    return "abandoned";
  return words();
}

std::string pool_script::dial_failed(std::size_t c) {
  pool.dial_failed(connections_.at(c - 1), now, effects_);
  return words();
}

std::string pool_script::release(std::size_t c, release_verdict verdict,
                                 std::optional<std::chrono::seconds> keep_alive) {
  pool.release(connections_.at(c - 1), now, verdict, keep_alive, effects_);
  return words();
}

bool pool_script::cancel(std::size_t w, bool timed_out) {
  const bool waited = pool.cancel_waiter(waiters_.at(w - 1), timed_out);
  EXPECT_EQ(pool.broken_invariant(), "");
  return waited;
}

std::string pool_script::dead(std::size_t c) {
  if (!pool.connection_dead(connections_.at(c - 1), now, effects_)) return "not idle";
  return words();
}

std::string pool_script::retire(std::size_t c) {
  pool.retire(connections_.at(c - 1), eviction::address_gone, now, effects_);
  return words();
}

std::string pool_script::set_capacity(std::size_t c, std::size_t capacity) {
  pool.set_capacity(connections_.at(c - 1), capacity, now, effects_, capacity);
  return words();
}

std::string pool_script::suspended(duration slept) {
  pool.suspended(slept, now, effects_);
  return words();
}

std::string pool_script::tick() {
  pool.tick(now, effects_);
  EXPECT_GT(pool.next_deadline().value_or(time_point::max()), now) << "the driver would spin";
  return words();
}

std::string pool_script::warm_up() {
  pool.warm_up(now, effects_);
  return words();
}

std::string pool_script::close() {
  pool.close(effects_);
  return words();
}

void pool_script::lease(int count) {
  for (; count > 0; --count) {
    const acquired got = pool.acquire(now, demand::any, effects_);
    if (got.what == acquired::kind::leased) continue;
    const connection_id dialling = effects_.at(0).connection;
    name(got.waiter);
    name(dialling);
    effects_.clear();
    EXPECT_TRUE(pool.dial_succeeded(dialling, now, 0, effects_));
    EXPECT_EQ(effects_.at(0).waiter, got.waiter);
    effects_.clear();
  }
}

std::uint64_t pool_script::evicted(eviction why) const {
  return pool.statistics().evictions[static_cast<std::size_t>(why)];
}

std::string pool_script::idle_leased_dialling_waiting() const {
  const pool_statistics s = pool.statistics();
  return std::to_string(s.idle) + " " + std::to_string(s.leased) + " " +
         std::to_string(s.dialling) + " " + std::to_string(s.waiting);
}

}  // namespace upsun::http::test
