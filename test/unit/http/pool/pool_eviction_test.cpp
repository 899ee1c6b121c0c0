#include <gtest/gtest.h>

#include <utility>

#include "unit/http/pool/pool_script.hpp"

namespace upsun::http::test {
namespace pool_eviction_test {

using namespace std::chrono_literals;

TEST(PoolEviction, ClosesAConnectionIdleForTooLong) {
  pool_script p({.idle_timeout = 55s});
  EXPECT_EQ(p.pool.next_deadline(), std::nullopt);
  p.lease();
  EXPECT_EQ(p.pool.next_deadline(), std::nullopt);
  p.release(1);
  EXPECT_EQ(p.pool.next_deadline(), p.now + 55s);
  p.now += 55s - 1ns;
  EXPECT_EQ(p.tick(), "");
  p.now += 1ns;
  EXPECT_EQ(p.tick(), "close c1");
  EXPECT_EQ(p.evicted(eviction::idle_timeout), 1U);
  EXPECT_EQ(p.pool.next_deadline(), std::nullopt);
}

TEST(PoolEviction, ClosesOnlyThoseWhoseTimeIsUp) {
  pool_script p({.idle_timeout = 55s});
  p.lease(2);
  p.release(1);
  p.now += 10s;
  p.release(2);
  p.now += 50s;
  EXPECT_EQ(p.tick(), "close c1");
  EXPECT_EQ(p.pool.next_deadline(), p.now - 50s + 55s);
}

TEST(PoolEviction, ReuseStartsTheIdleTimeAnewAndForgetsAnEarlierKeepAlive) {
  pool_script p({.idle_timeout = 55s});
  p.lease();
  p.release(1, release_verdict::reusable, 53s);
  p.now += 50s;
  EXPECT_EQ(p.acquire(), "leased c1 again");
  p.release(1);
  p.now += 54s;
  EXPECT_EQ(p.tick(), "");
  EXPECT_EQ(p.acquire(), "leased c1 again");
}

TEST(PoolEviction, TheServersKeepAliveLessAMarginCountsWhenItIsShorterThanOurs) {
  for (const auto& [keep_alive, closed_after] :
       {std::pair{5s, 3s}, std::pair{std::chrono::seconds::max(), 55s}}) {
    pool_script p({.idle_timeout = 55s});
    p.lease();
    p.release(1, release_verdict::reusable, keep_alive);
    EXPECT_EQ(p.pool.next_deadline(), p.now + closed_after);
    p.now += closed_after;
    EXPECT_EQ(p.tick(), "close c1");
    EXPECT_EQ(p.evicted(eviction::idle_timeout), 1U);
  }
}

TEST(PoolEviction, AKeepAliveWithinTheMarginMeansNotReusable) {
  pool_script p;
  p.lease();
  EXPECT_EQ(p.release(1, release_verdict::reusable, 2s), "close c1");
  EXPECT_EQ(p.evicted(eviction::not_reusable), 1U);
}

TEST(PoolEviction, AnOverdueConnectionIsNotLeasedEvenBeforeTheTick) {
  pool_script p({.idle_timeout = 55s});
  p.lease();
  p.release(1);
  p.now += 55s;
  EXPECT_EQ(p.acquire(), "w2 queued, close c1, dial c2");
}

TEST(PoolEviction, TheTimeOfASuspensionCountsThoughTheClockStoodStill) {
  pool_script p({.idle_timeout = 55s, .max_lifetime = 0s});
  p.lease();
  p.release(1);
  p.now += 5s;
  EXPECT_EQ(p.suspended(50s - 1ns), "");
  EXPECT_EQ(p.acquire(), "leased c1 again");
  p.release(1);
  EXPECT_EQ(p.suspended(55s - 1ns), "");
  EXPECT_LE(p.pool.next_deadline(), p.now + 1ns);
  EXPECT_EQ(p.suspended(8h), "close c1");
  EXPECT_EQ(p.evicted(eviction::idle_timeout), 1U);
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
}

TEST(PoolEviction, ASuspensionCountsForTheLifetimeOfLeasedConnectionsToo) {
  pool_script p({.idle_timeout = 1h, .max_lifetime = 10min});
  p.lease(2);
  p.release(2);
  EXPECT_EQ(p.suspended(10min), "close c2");
  EXPECT_EQ(p.evicted(eviction::lifetime), 1U);
  EXPECT_EQ(p.release(1), "close c1");
  EXPECT_EQ(p.evicted(eviction::lifetime), 2U);
}

TEST(PoolEviction, ASuspensionCountsAgainstTheServersKeepAlive) {
  pool_script p({.idle_timeout = 55s});
  p.lease();
  p.release(1, release_verdict::reusable, 20s);
  EXPECT_EQ(p.suspended(18s), "close c1");
}

TEST(PoolEviction, OverASuspensionNotEvenTheMinimumIsKept) {
  pool_script p({.min_connections = 1, .idle_timeout = 55s, .max_lifetime = 0s});
  EXPECT_EQ(p.warm_up(), "dial c1");
  EXPECT_EQ(p.dialled(1), "");
  p.now += 10s;
  EXPECT_EQ(p.suspended(55s), "close c1, dial c2") << "nothing has probed it meanwhile";
}

TEST(PoolEviction, ALeasedConnectionPastItsLifetimeIsClosedOnRelease) {
  pool_script p({.max_connections = 1, .max_lifetime = 10min});
  p.lease();
  p.acquire();
  p.now += 10min - 1ns;
  EXPECT_EQ(p.release(1), "c1 again to w2");
  p.now += 1ns;
  EXPECT_EQ(p.release(1), "close c1");
  EXPECT_EQ(p.evicted(eviction::lifetime), 1U);
}

TEST(PoolEviction, TheJitterTakesUpToATenthOffTheLifetime) {
  pool_script p({.max_lifetime = 100s});
  p.acquire();
  p.dialled(1, 0.5);
  p.now += 95s - 1ms;
  p.release(1);
  EXPECT_EQ(p.tick(), "");
  p.now += 1ms;
  EXPECT_EQ(p.tick(), "close c1");
  EXPECT_EQ(p.evicted(eviction::lifetime), 1U);
}

TEST(PoolEviction, ALifetimeOfZeroHasNoEnd) {
  pool_script p({.max_lifetime = 0s});
  p.lease();
  p.now += 24h * 365;
  EXPECT_EQ(p.release(1), "");
}

TEST(PoolEviction, TheIdleTimeoutKeepsTheMinimum) {
  pool_script p({.min_connections = 2, .idle_timeout = 55s});
  p.lease(3);
  for (std::size_t c = 1; c <= 3; ++c) p.release(c);
  p.now += 55s;
  EXPECT_EQ(p.tick(), "close c1");
  EXPECT_EQ(p.acquire(), "leased c3 again");
  EXPECT_EQ(p.acquire(), "leased c2 again");
}

TEST(PoolEviction, NeitherTheServersKeepAliveNorTheLifetimeKeepsTheMinimumWhichIsMadeUpFor) {
  for (const auto& [keep_alive, over] :
       {std::pair{std::optional(12s), duration(10s)},
        std::pair{std::optional<std::chrono::seconds>(), duration(10min)}}) {
    pool_script p({.min_connections = 1, .idle_timeout = 55s, .max_lifetime = 10min});
    p.lease();
    p.release(1, release_verdict::reusable, keep_alive);
    p.now += over;
    EXPECT_EQ(p.tick(), "close c1, dial c2");
  }
}

TEST(PoolEviction, ADeadConnectionIsForgottenOnce) {
  pool_script p;
  p.lease();
  EXPECT_EQ(p.dead(1), "not idle");
  p.release(1);
  EXPECT_EQ(p.dead(1), "");
  EXPECT_EQ(p.dead(1), "not idle");
  EXPECT_EQ(p.evicted(eviction::dead), 1U);
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
}

TEST(PoolEviction, ClosesAnIdleConnectionWhoseAddressIsGoneAtOnce) {
  pool_script p;
  p.lease(2);
  p.release(1);
  p.release(2);
  EXPECT_EQ(p.retire(1), "close c1");
  EXPECT_EQ(p.retire(1), "") << "known no more";
  EXPECT_EQ(p.evicted(eviction::address_gone), 1U);
  EXPECT_EQ(p.acquire(), "leased c2 again");
}

TEST(PoolEviction, ClosesALeasedConnectionWhoseAddressIsGoneWhenItComesBack) {
  pool_script p({.max_connections = 1});
  p.lease();
  EXPECT_EQ(p.retire(1), "");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "close c1, dial c2") << "the waiter gets a new one";
  EXPECT_EQ(p.evicted(eviction::address_gone), 1U);
  EXPECT_EQ(p.dialled(2), "c2 to w2");
}

TEST(PoolEviction, CountsAConnectionThatFailedAsFailedThoughItsAddressIsGone) {
  pool_script p;
  p.lease();
  p.retire(1);
  EXPECT_EQ(p.release(1, release_verdict::failed), "close c1");
  EXPECT_EQ(p.evicted(eviction::failed), 1U);
  EXPECT_EQ(p.evicted(eviction::address_gone), 0U);
}

TEST(PoolEviction, DialsItsMinimumAgainWhenAddressesAreGone) {
  pool_script p({.min_connections = 1});
  EXPECT_EQ(p.warm_up(), "dial c1");
  EXPECT_EQ(p.dialled(1), "");
  p.now += warm_up_pause;
  EXPECT_EQ(p.retire(1), "close c1, dial c2");
}

TEST(PoolEviction, TrimsAConnectionThatHasBeenIdleForAWhileOnce) {
  pool_script p({.idle_timeout = 55s, .trim_after = 1s});
  p.lease();
  p.release(1);
  EXPECT_EQ(p.pool.next_deadline(), p.now + 1s);
  p.now += 1s - 1ns;
  EXPECT_EQ(p.tick(), "");
  p.now += 1ns;
  EXPECT_EQ(p.tick(), "trim c1");
  EXPECT_EQ(p.pool.next_deadline(), p.now + 54s);
  EXPECT_EQ(p.tick(), "");
  EXPECT_EQ(p.acquire(), "leased c1 again");
  p.release(1);
  p.now += 1s;
  EXPECT_EQ(p.tick(), "trim c1") << "once more after a lease";
}

// ---- closing

TEST(PoolClose, EndsTheIdleTheWaitingAndTheDialsAtOnceAndTheLeasedOnRelease) {
  pool_script p({.max_connections = 3});
  p.lease(2);
  p.release(2);
  EXPECT_EQ(p.acquire(), "leased c2 again");
  EXPECT_EQ(p.acquire(), "w3 queued, dial c3");
  EXPECT_EQ(p.acquire(), "w4 queued");
  EXPECT_EQ(p.acquire_fresh(), "w5 queued");
  p.cancel(3);
  EXPECT_EQ(p.close(), "fail w5, fail w4, abandon c3");
  EXPECT_EQ(p.acquire(), "closed");
  EXPECT_EQ(p.acquire_fresh(), "closed");
  EXPECT_EQ(p.dialled(3), "abandoned");
  EXPECT_EQ(p.release(1), "close c1");
  EXPECT_EQ(p.release(2, release_verdict::failed), "close c2");
  EXPECT_EQ(p.evicted(eviction::closed), 1U);
  EXPECT_EQ(p.close(), "");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 0 0 0");
}

TEST(PoolClose, ClosesTheIdle) {
  pool_script p({.min_connections = 1});
  p.lease();
  p.release(1);
  EXPECT_EQ(p.close(), "close c1");
  EXPECT_EQ(p.evicted(eviction::closed), 1U);
  EXPECT_EQ(p.pool.next_deadline(), std::nullopt);
  EXPECT_EQ(p.tick(), "");
  EXPECT_EQ(p.warm_up(), "");
}

TEST(PoolClose, DrainingServesThoseWhoWaitAndAdmitsOnlyReplays) {
  pool_script p({.max_connections = 1});
  p.lease();
  p.acquire();
  p.pool.begin_drain();
  EXPECT_EQ(p.acquire(), "closed");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.acquire_fresh(), "w3 queued");
  EXPECT_EQ(p.release(1, release_verdict::failed), "close c1, dial c2");
  EXPECT_EQ(p.dialled(2), "c2 to w3");
}

TEST(PoolClose, DrainingDialsNoMinimum) {
  pool_script p({.min_connections = 1});
  p.pool.begin_drain();
  EXPECT_EQ(p.warm_up(), "");
  EXPECT_EQ(p.pool.next_deadline(), std::nullopt);
}

TEST(PoolClose, DrainingDoesNotReopenAClosedPool) {
  pool_script p;
  p.close();
  p.pool.begin_drain();
  EXPECT_EQ(p.acquire_fresh(), "closed");
}

}  // namespace pool_eviction_test
}  // namespace upsun::http::test
