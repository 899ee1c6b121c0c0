#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "http/pool/pool_core.hpp"

namespace upsun::http::test {

struct model_connection {
  time_point retires = time_point::max();
  time_point idles_until{};
  time_point idle_since{};
  bool trimmed = false;
  bool server_limited = false;
  bool served = false;
  bool retired = false;
  std::size_t leases = 0;
  std::size_t capacity = 1;
  time_point established{};
};

struct model_waiter {
  ticket id{};
  demand want = demand::any;
  time_point since{};
  [[nodiscard]] bool fresh() const { return want == demand::fresh; }
};

/// The pool beside a naive model of it: lists that are searched, and no cleverness. Expects that
/// they agree after every event.
class pool_model {
 public:
  /// \param pick chooses the events: a number below its argument. \param capacity of a connection,
  /// at most.
  pool_model(const pool_limits& limits, std::function<std::size_t(std::size_t below)> pick,
             std::size_t capacity = 1)
      : limits_(limits),
        pool_(limits),
        pick_(std::move(pick)),
        capacity_(capacity),
        asks_(limits.asks_protocol) {}

  /// Lets some time pass, and then one thing happen.
  void step() {
    now_ += std::chrono::milliseconds(pick(40) == 0 ? pick(20'000) : pick(30));
    one_event();
    compare();
  }

  /// Lets every dial succeed and every lease come back, until nothing happens any more.
  void settle() {
    while (!::testing::Test::HasFailure() && (!dialling_.empty() || !leased_.empty())) {
      dialling_.empty() ? release(release_verdict::reusable) : dial_succeeds();
      compare();
    }
    EXPECT_TRUE(waiters_.empty()) << "somebody waits for nothing";
  }

  void close() {
    pool_effects out;
    pool_.close(out);
    apply(out);
    EXPECT_TRUE(waiters_.empty() && idle_.empty() && dialling_.empty());
    closed_ = true;
    while (!leased_.empty()) release(release_verdict::reusable);
    compare();
  }

  [[nodiscard]] std::size_t resolved() const { return granted_ + failed_ + cancelled_; }
  [[nodiscard]] std::size_t queued() const { return queued_; }

 private:
  std::size_t pick(std::size_t below) { return pick_(below); }
  template <class Set>
  auto any_of(Set& set) {
    return std::next(set.begin(), static_cast<std::ptrdiff_t>(pick(set.size())));
  }
  [[nodiscard]] std::size_t total() const {
    return idle_.size() + leased_.size() + dialling_.size();
  }
  [[nodiscard]] std::size_t most() const {
    return limits_.max_connections + std::min(pool_.statistics().draining, limits_.max_connections);
  }
  [[nodiscard]] std::size_t room() const { return most() - total(); }
  [[nodiscard]] std::size_t fresh_waiters() const {
    return static_cast<std::size_t>(std::count_if(waiters_.begin(), waiters_.end(),
                                                  [](const model_waiter& w) { return w.fresh(); }));
  }
  [[nodiscard]] auto waiter_of(ticket id) {
    return std::find_if(waiters_.begin(), waiters_.end(),
                        [id](const model_waiter& w) { return w.id == id; });
  }
  [[nodiscard]] auto first_not_fresh() {
    return std::find_if(waiters_.begin(), waiters_.end(),
                        [](const model_waiter& w) { return !w.fresh(); });
  }

  [[nodiscard]] bool has_room(connection_id id) const {
    const model_connection& c = connections_.at(id);
    return leased_.count(id) > 0 && !c.retired && now_ < c.retires && c.leases < c.capacity;
  }
  [[nodiscard]] std::size_t fewest_leases() const {
    std::size_t fewest = SIZE_MAX;
    for (const connection_id id : leased_) {
      if (has_room(id)) fewest = std::min(fewest, connections_.at(id).leases);
    }
    return fewest;
  }
  /// Who has waited longest of those that may have this connection.
  [[nodiscard]] auto next_for(const model_connection& c) {
    const bool takes_fresh =
        fresh_waiters() > 0 &&
        (!c.served || (c.capacity > 1 && c.established > waiters_.front().since));
    return takes_fresh ? waiters_.begin() : first_not_fresh();
  }
  /// How many waiters the dials in flight will serve.
  [[nodiscard]] std::size_t covered() const { return dialling_.size() * leases_a_dial_; }

  void one_event() {
    const std::size_t what = pick(100);
    if (what < 40)
      return acquire(pick(12) == 0 ? demand::fresh : pick(12) == 0 ? demand::again : demand::any);
    if (what < 60 && !leased_.empty())
      return release(pick(8) != 0   ? release_verdict::reusable
                     : pick(2) == 0 ? release_verdict::failed
                                    : release_verdict::not_reusable);
    if (what < 75 && !dialling_.empty()) return bad_times_ ? dial_fails() : dial_succeeds();
    if (what < 80 && !dialling_.empty()) return bad_times_ ? dial_succeeds() : dial_fails();
    if (what < 86 && !waiters_.empty()) return cancel();
    if (what < 90 && !idle_.empty()) return dies();
    if (what < 92 && !connections_.empty()) return retire();
    if (what < 93 && capacity_ > 1 && !connections_.empty()) return change_capacity();
    if (what < 98) return tick();
    bad_times_ = pick(2) == 0;
  }

  [[nodiscard]] bool overdue(const model_connection& c) const {
    return now_ >= c.retires ||
           (now_ >= c.idles_until && (c.server_limited || total() > limits_.min_connections));
  }

  void acquire(demand want) {
    pool_effects out;
    ahead_ = limits_.streams > 1 || capacity_ > 1 ? 1 : 0;
    const bool fresh = want == demand::fresh;
    const std::size_t room = this->room();
    const bool full = want == demand::any &&
                      waiters_.size() >= covered() + room * leases_a_dial_ + limits_.max_waiters;
    const std::size_t fewest = fewest_leases();
    const acquired got = pool_.acquire(now_, want, out);
    if (got.what == acquired::kind::queued) {
      ++queued_;
      waiters_.insert(want == demand::any ? waiters_.end() : first_not_fresh(),
                      {got.waiter, want, now_});
      EXPECT_TRUE(tickets_.insert(got.waiter).second);
    }
    const auto dials = std::count_if(out.begin(), out.end(), [](const pool_effect& e) {
      return e.what == pool_effect::kind::dial;
    });
    const auto closes = std::count_if(out.begin(), out.end(), [](const pool_effect& e) {
      return e.what == pool_effect::kind::close;
    });
    if (got.what == acquired::kind::leased) {
      EXPECT_EQ(closes + dials, std::ssize(out));
      EXPECT_LE(static_cast<std::size_t>(dials), ahead_);
    }
    apply(out);
    ahead_ = 0;
    switch (got.what) {
      case acquired::kind::leased: {
        if (leased_.count(got.connection) > 0) {
          EXPECT_TRUE(!fresh && idle_.empty() && first_not_fresh() == waiters_.end());
          EXPECT_EQ(connections_[got.connection].leases, fewest);
          lease_again(got.connection);
          break;
        }
        ASSERT_FALSE(fresh || idle_.empty());
        EXPECT_EQ(idle_.back(), got.connection) << "last in, first out";
        EXPECT_FALSE(overdue(connections_[got.connection]));
        idle_.pop_back();
        lease(got.connection, got.reused);
        break;
      }
      case acquired::kind::queued: EXPECT_TRUE(fresh || idle_.empty()); break;
      case acquired::kind::queue_full: EXPECT_TRUE(full && idle_.empty()); break;
      case acquired::kind::closed: ADD_FAILURE() << "not closed"; break;
    }
  }

  void release(release_verdict verdict) {
    const auto it = any_of(leased_);
    const connection_id id = *it;
    const std::size_t was_room = room();
    const std::optional<std::chrono::seconds> keep_alive =
        pick(4) == 0 ? std::optional(std::chrono::seconds(pick(80))) : std::nullopt;
    model_connection& c = connections_[id];
    pool_effects out;
    pool_.release(id, now_, verdict, keep_alive, out);
    const bool ended =
        verdict == release_verdict::failed || verdict == release_verdict::not_reusable;
    const bool unusable = verdict != release_verdict::reusable || closed_ || c.retired ||
                          now_ >= c.retires || (keep_alive && *keep_alive <= keep_alive_margin);
    const bool replaced = !unusable && fresh_waiters() > covered() && was_room == 0;
    if (!ended && c.leases > 1) {
      --c.leases;
      c.retired = unusable || replaced;
      return apply(out);
    }
    leased_.erase(it);
    for (; c.leases > 1; --c.leases) {
      pool_effects none;
      pool_.release(id, now_, release_verdict::failed, std::nullopt, none);
      EXPECT_TRUE(none.empty()) << "it was closed already";
    }
    c.leases = 0;
    const auto other = next_for(c);
    if (unusable || replaced) {
      ASSERT_FALSE(out.empty());
      EXPECT_TRUE(out[0].what == pool_effect::kind::close && out[0].connection == id);
      returned_ = id;
    } else if (other != waiters_.end()) {
      ASSERT_FALSE(out.empty());
      EXPECT_TRUE(out[0].what == pool_effect::kind::grant && out[0].connection == id &&
                  out[0].waiter == other->id);
      returned_ = id;
    } else {
      make_idle(id, keep_alive);
    }
    apply(out);
    EXPECT_FALSE(returned_) << "a returned connection went nowhere";
  }

  void dial_succeeds() {
    const auto it = any_of(dialling_);
    const connection_id id = *it;
    dialling_.erase(it);
    const double jitter = static_cast<double>(pick(1000)) / 1000;
    if (limits_.max_lifetime > duration::zero())
      connections_[id].retires =
          now_ + std::chrono::duration_cast<duration>(limits_.max_lifetime * (1 - 0.1 * jitter));
    pool_effects out;
    const std::size_t capacity = connections_[id].capacity = 1 + pick(capacity_);
    connections_[id].established = now_;
    leases_a_dial_ = std::min(limits_.streams, capacity);
    asks_ = false;
    EXPECT_TRUE(pool_.dial_succeeded(id, now_, jitter, out, capacity));
    if (waiters_.empty()) {
      make_idle(id, std::nullopt);
    } else {
      ASSERT_FALSE(out.empty());
      EXPECT_TRUE(out[0].what == pool_effect::kind::grant && out[0].connection == id &&
                  out[0].waiter == waiters_.front().id);
      returned_ = id;
    }
    apply(out);
    EXPECT_FALSE(returned_) << "a new connection went nowhere";
  }

  void dial_fails() {
    const auto it = any_of(dialling_);
    pool_effects out;
    const connection_id id = *it;
    dialling_.erase(it);
    connections_.erase(id);
    const std::size_t waiting = waiters_.size();
    const std::size_t fresh = fresh_waiters();
    const std::size_t before = failed_;
    const bool leased = !leased_.empty();
    const std::size_t hoped = covered();
    std::size_t expected = 0;
    const std::size_t sharers = asks_ ? limits_.max_connections : leases_a_dial_;
    for (std::size_t i = 0; i < sharers; ++i) {
      const std::size_t fresh_left = fresh - std::min(expected, fresh);
      if (fresh_left > hoped || (!leased && waiting - expected > hoped)) ++expected;
    }
    pool_.dial_failed(id, now_, out);
    apply(out);
    EXPECT_EQ(failed_ - before, expected);
  }

  void change_capacity() {
    const auto it = any_of(connections_);
    const connection_id id = it->first;
    const bool is_leased = leased_.count(id) > 0;
    const bool is_idle = std::find(idle_.begin(), idle_.end(), id) != idle_.end();
    const std::size_t capacity = pick(capacity_ + 1);
    const std::size_t allowed = capacity + pick(2);
    if (capacity > 0 && (is_idle || is_leased)) {
      it->second.capacity = capacity;
      leases_a_dial_ = std::min(limits_.streams, allowed);
    }
    it->second.retired = it->second.retired || (capacity == 0 && is_leased);
    pool_effects out;
    pool_.set_capacity(id, capacity, now_, out, allowed);
    ahead_ = capacity == 0 ? 1 : 0;
    apply(out);
    ahead_ = 0;
  }

  void cancel() {
    const auto it = any_of(waiters_);
    EXPECT_TRUE(pool_.cancel_waiter(it->id, pick(2) == 0));
    EXPECT_FALSE(pool_.cancel_waiter(it->id, false));
    waiters_.erase(it);
    ++cancelled_;
  }

  void dies() {
    const auto it = any_of(idle_);
    pool_effects out;
    const connection_id id = *it;
    idle_.erase(it);
    connections_.erase(id);
    EXPECT_TRUE(pool_.connection_dead(id, now_, out));
    EXPECT_FALSE(pool_.connection_dead(id, now_, out));
    apply(out);
  }

  void retire() {
    const auto it = any_of(connections_);
    const connection_id id = it->first;
    const bool was_idle = std::find(idle_.begin(), idle_.end(), id) != idle_.end();
    it->second.retired = it->second.retired || leased_.count(id) > 0;
    pool_effects out;
    pool_.retire(id, eviction::address_gone, now_, out);
    apply(out);
    EXPECT_EQ(connections_.count(id), was_idle ? 0U : 1U);
  }

  void tick() {
    pool_effects out;
    pool_.tick(now_, out);
    apply(out);
    for (const connection_id id : idle_) {  // those kept as part of the minimum begin anew
      model_connection& c = connections_[id];
      if (now_ >= c.idles_until) c.idles_until = now_ + limits_.idle_timeout;
    }
    EXPECT_TRUE(std::none_of(idle_.begin(), idle_.end(),
                             [&](connection_id id) { return now_ >= connections_[id].retires; }));
    EXPECT_TRUE(limits_.trim_after == duration::zero() ||
                std::all_of(idle_.begin(), idle_.end(), [&](connection_id id) {
                  return connections_[id].trimmed ||
                         now_ < connections_[id].idle_since + limits_.trim_after;
                }));
    EXPECT_GT(pool_.next_deadline().value_or(time_point::max()), now_);
  }

  void lease(connection_id id, bool reused) {
    EXPECT_EQ(reused, connections_[id].served);
    connections_[id].served = true;
    connections_[id].leases = 1;
    EXPECT_TRUE(leased_.insert(id).second);
  }

  void lease_again(connection_id id) {
    EXPECT_TRUE(has_room(id));
    ++connections_[id].leases;
  }

  void make_idle(connection_id id, std::optional<std::chrono::seconds> keep_alive) {
    model_connection& c = connections_[id];
    c.idle_since = now_;
    c.trimmed = false;
    c.idles_until = now_ + limits_.idle_timeout;
    c.server_limited = keep_alive && now_ + *keep_alive - keep_alive_margin < c.idles_until;
    if (c.server_limited) c.idles_until = now_ + *keep_alive - keep_alive_margin;
    idle_.push_back(id);
  }

  void apply(const pool_effects& effects) {
    for (const pool_effect& e : effects) {
      switch (e.what) {
        case pool_effect::kind::dial:
          EXPECT_TRUE(ever_dialled_.insert(e.connection).second) << "an id was used again";
          dialling_.insert(e.connection);
          connections_[e.connection] = {};
          EXPECT_LE(dialling_.size(), std::max({waiters_.size(), limits_.min_connections, ahead_}))
              << "dialled beyond need";
          break;
        case pool_effect::kind::grant: {
          const auto waiter = waiter_of(e.waiter);
          ASSERT_NE(waiter, waiters_.end()) << "granted to somebody who does not wait";
          if (leased_.count(e.connection) > 0) {
            EXPECT_TRUE(e.reused && waiter == next_for(connections_[e.connection]));
            lease_again(e.connection);
          } else {
            ASSERT_EQ(returned_, e.connection);
            EXPECT_TRUE(waiter == next_for(connections_[e.connection]));
            returned_.reset();
            lease(e.connection, e.reused);
          }
          waiters_.erase(waiter);
          ++granted_;
          break;
        }
        case pool_effect::kind::fail: {
          const auto waiter = waiter_of(e.waiter);
          ASSERT_NE(waiter, waiters_.end()) << "failed somebody who does not wait";
          waiters_.erase(waiter);
          ++failed_;
          break;
        }
        case pool_effect::kind::close:
          if (returned_ == e.connection) {
            returned_.reset();
          } else {
            const auto it = std::find(idle_.begin(), idle_.end(), e.connection);
            ASSERT_NE(it, idle_.end()) << "closed what is not idle";
            idle_.erase(it);
          }
          EXPECT_EQ(connections_.erase(e.connection), 1U) << "closed twice";
          break;
        case pool_effect::kind::abandon:
          EXPECT_EQ(dialling_.erase(e.connection), 1U);
          EXPECT_EQ(connections_.erase(e.connection), 1U);
          break;
        case pool_effect::kind::trim: {
          EXPECT_NE(std::find(idle_.begin(), idle_.end(), e.connection), idle_.end())
              << "trims what is not idle";
          model_connection& c = connections_[e.connection];
          EXPECT_TRUE(!c.trimmed && limits_.trim_after > duration::zero() &&
                      now_ >= c.idle_since + limits_.trim_after)
              << "trims too soon, or twice";
          c.trimmed = true;
          break;
        }
      }
    }
  }

  void compare() {
    EXPECT_EQ(pool_.broken_invariant(), "");
    const pool_statistics s = pool_.statistics();
    EXPECT_EQ(s.idle, idle_.size());
    EXPECT_EQ(s.leased, leased_.size());
    EXPECT_EQ(s.dialling, dialling_.size());
    EXPECT_EQ(s.waiting, waiters_.size());
    EXPECT_LE(total(), most());
    std::size_t retired = 0;
    std::size_t old = 0;
    for (const connection_id id : leased_) {
      retired += connections_.at(id).retired ? 1 : 0;
      old += connections_.at(id).retired || now_ >= connections_.at(id).retires ? 1 : 0;
    }
    if (limits_.streams > 1) {
      EXPECT_GE(s.draining, retired);
      EXPECT_LE(s.draining, old);
    } else {
      EXPECT_EQ(s.draining, 0U);
    }
    EXPECT_EQ(connections_.size(), total());
    EXPECT_EQ(queued_, resolved() + waiters_.size());
    EXPECT_TRUE(waiters_.empty() || !dialling_.empty() || room() == 0 || pool_.next_deadline())
        << "nobody would notice that the host is back";
  }

  const pool_limits limits_;
  pool_core pool_;
  std::function<std::size_t(std::size_t below)> pick_;
  const std::size_t capacity_;
  time_point now_{std::chrono::hours(1)};
  std::size_t leases_a_dial_ = 1;
  std::size_t ahead_ = 0;  // dials that may begin for nobody
  bool asks_;
  bool bad_times_ = false;
  bool closed_ = false;

  std::map<connection_id, model_connection> connections_;
  std::set<connection_id> ever_dialled_;
  std::set<connection_id> dialling_;
  std::set<connection_id> leased_;
  std::deque<connection_id> idle_;  // the back was used last
  std::optional<connection_id> returned_;
  std::deque<model_waiter> waiters_;
  std::set<ticket> tickets_;
  std::size_t queued_ = 0;
  std::size_t granted_ = 0;
  std::size_t failed_ = 0;
  std::size_t cancelled_ = 0;
};

}  // namespace upsun::http::test
