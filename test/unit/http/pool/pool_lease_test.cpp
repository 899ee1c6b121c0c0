#include <gtest/gtest.h>

#include <numeric>

#include "unit/http/pool/pool_script.hpp"

namespace upsun::http::test {
namespace pool_lease_test {

using namespace std::chrono_literals;

TEST(Pool, DialsForTheFirstWaiterAndGrantsIt) {
  pool_script p;
  EXPECT_EQ(p.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(p.dialled(1), "c1 to w1");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 1 0 0");
}

TEST(Pool, LeasesAnIdleConnectionAtOnce) {
  pool_script p;
  p.lease();
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.pool.statistics().reuses, 1U);
}

TEST(Pool, LeasesTheConnectionUsedLast) {
  pool_script p;
  p.lease(3);
  p.release(2);
  p.release(1);
  p.release(3);
  EXPECT_EQ(p.acquire(), "leased c3 again");
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.acquire(), "leased c2 again");
}

TEST(Pool, GivesAReturnedConnectionToTheOldestWaiter) {
  pool_script p({.max_connections = 1});
  p.lease();
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.release(1), "c1 again to w3");
  EXPECT_EQ(p.release(1), "");
}

TEST(Pool, GivesADialledConnectionToTheOldestWaiterWhoeverAskedForIt) {
  pool_script p;
  EXPECT_EQ(p.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.dialled(2), "c2 to w1");
  EXPECT_EQ(p.dialled(1), "c1 to w2");
}

TEST(Pool, CountsDialsAgainstTheCap) {
  pool_script p({.max_connections = 2});
  EXPECT_EQ(p.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire(), "w3 queued");
}

TEST(Pool, PoolsTheDialOfAWaiterThatWentAway) {
  pool_script p;
  p.acquire();
  EXPECT_TRUE(p.cancel(1));
  EXPECT_EQ(p.dialled(1), "");
  EXPECT_EQ(p.acquire(), "leased c1");
  EXPECT_EQ(p.pool.statistics().reuses, 0U);
}

TEST(Pool, LetsADialInFlightServeTheNextWaiterInsteadOfDiallingAgain) {
  pool_script p;
  p.acquire();
  p.cancel(1);
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.dialled(1), "c1 to w2");
}

TEST(Pool, CancelsAWaiterOnce) {
  pool_script p({.max_connections = 1});
  p.lease();
  p.acquire();
  p.acquire();
  EXPECT_TRUE(p.cancel(2));
  EXPECT_FALSE(p.cancel(2));
  EXPECT_EQ(p.release(1), "c1 again to w3");
  EXPECT_FALSE(p.cancel(3));
  EXPECT_EQ(p.pool.statistics().acquire_timeouts, 0U);
}

TEST(Pool, CountsWaitersThatTimedOut) {
  pool_script p({.max_connections = 1});
  p.lease();
  p.acquire();
  EXPECT_TRUE(p.cancel(2, true));
  EXPECT_FALSE(p.cancel(2, true));
  EXPECT_EQ(p.pool.statistics().acquire_timeouts, 1U);
}

TEST(Pool, RefusesAWaiterBeyondTheQueue) {
  pool_script p({.max_connections = 1, .max_waiters = 2});
  p.lease();
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.acquire(), "queue full");
  EXPECT_EQ(p.pool.statistics().queue_refusals, 1U);
  p.cancel(2);
  EXPECT_EQ(p.acquire(), "w4 queued");
}

TEST(Pool, LetsNobodyWaitWithoutAQueueExceptForADial) {
  pool_script p({.max_connections = 2, .max_waiters = 0});
  EXPECT_EQ(p.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire(), "queue full");
  p.cancel(1);
  EXPECT_EQ(p.acquire(), "w3 queued");
  p.dialled(1);
  p.dialled(2);
  EXPECT_EQ(p.acquire(), "queue full");
}

TEST(Pool, ClosesAConnectionThatMayNotBeReusedAndDialsForTheNextWaiter) {
  pool_script p({.max_connections = 1});
  p.lease();
  p.acquire();
  EXPECT_EQ(p.release(1, release_verdict::not_reusable), "close c1, dial c2");
  EXPECT_EQ(p.dialled(2), "c2 to w2");
  EXPECT_EQ(p.release(2, release_verdict::failed), "close c2");
  EXPECT_EQ(p.evicted(eviction::not_reusable), 1U);
  EXPECT_EQ(p.evicted(eviction::failed), 1U);
}

TEST(Pool, SortsWaitsByLength) {
  pool_script p({.max_connections = 1, .max_lifetime = 0s});
  p.lease();
  const auto wait = [&](duration length) {
    p.acquire();
    p.now += length;
    p.release(1);
  };
  const auto bucket = [&](std::size_t i) { return p.pool.statistics().wait_histogram[i]; };
  EXPECT_EQ(bucket(1), 1U);  // the first lease waited for its dial, no time at all
  wait(999us);
  EXPECT_EQ(bucket(1), 2U);
  wait(1ms);
  EXPECT_EQ(bucket(2), 1U);
  wait(2ms);
  wait(3999us);
  EXPECT_EQ(bucket(3), 2U);
  wait(4ms);
  EXPECT_EQ(bucket(4), 1U);
  wait(32767ms);
  EXPECT_EQ(bucket(16), 1U);
  wait(32768ms);
  wait(24h);
  EXPECT_EQ(bucket(17), 2U);
  p.release(1);
  p.acquire();
  EXPECT_EQ(bucket(0), 1U);
  const pool_statistics s = p.pool.statistics();
  EXPECT_EQ(std::accumulate(s.wait_histogram.begin(), s.wait_histogram.end(), std::uint64_t{0}),
            s.leases);
}

// ---- fresh waiters

TEST(Pool, GivesAFreshWaiterNoConnectionThatServedBefore) {
  pool_script p;
  p.lease();
  p.release(1);
  EXPECT_EQ(p.acquire_fresh(), "w2 queued, dial c2");
  EXPECT_EQ(p.dialled(2), "c2 to w2");
  EXPECT_EQ(p.pool.statistics().stale_replays, 1U);
}

TEST(Pool, GivesAFreshWaiterNoIdleConnectionSinceThatMayBeAsStale) {
  pool_script p;
  p.lease();
  p.acquire();
  p.cancel(2);
  p.dialled(2);
  EXPECT_EQ(p.acquire_fresh(), "w3 queued, dial c3");
  EXPECT_EQ(p.dialled(3), "c3 to w3");
}

TEST(Pool, ReplacesTheOldestIdleConnectionAtTheCapForAFreshWaiter) {
  pool_script p({.max_connections = 2});
  p.lease(2);
  p.release(1);
  p.release(2);
  EXPECT_EQ(p.acquire_fresh(), "w3 queued, close c1, dial c3");
  EXPECT_EQ(p.evicted(eviction::replaced), 1U);
}

TEST(Pool, ReplacesAReturnedConnectionForAFreshWaiterAtTheCap) {
  pool_script p({.max_connections = 1});
  p.lease();
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.acquire_fresh(), "w3 queued");
  EXPECT_EQ(p.release(1), "close c1, dial c2");
  EXPECT_EQ(p.dialled(2), "c2 to w3");
  EXPECT_EQ(p.release(2), "c2 again to w2");
}

TEST(Pool, GivesTheOthersWhatComesBackWhileADialCoversTheFreshWaiter) {
  pool_script p({.max_connections = 2});
  p.lease();
  EXPECT_EQ(p.acquire_fresh(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.release(1), "c1 again to w3");
  EXPECT_EQ(p.dialled(2), "c2 to w2");
}

TEST(Pool, PutsAFreshWaiterBeforeTheOthers) {
  pool_script p({.max_connections = 2});
  p.lease();
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire_fresh(), "w3 queued");
  EXPECT_EQ(p.acquire_fresh(), "w4 queued");
  EXPECT_EQ(p.dialled(2), "c2 to w3");
}

TEST(Pool, AdmitsAFreshWaiterToAFullQueue) {
  pool_script p({.max_connections = 1, .max_waiters = 0});
  p.lease();
  EXPECT_EQ(p.acquire(), "queue full");
  EXPECT_EQ(p.acquire_fresh(), "w2 queued");
}

// ---- several leases of one connection

TEST(Pool, LeasesAConnectionUpToItsCapacity) {
  pool_script p({.max_connections = 2, .streams = 2});
  EXPECT_EQ(p.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(p.dialled(1, 0, 2), "c1 to w1");
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.dialled(2), "");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "2 0 0 0");
}

TEST(Pool, GivesADialledConnectionToAsManyWaitersAsItTakes) {
  pool_script p({.max_connections = 1, .streams = 3});
  for (int i = 0; i < 4; ++i) p.acquire();
  EXPECT_EQ(p.dialled(1, 0, 3), "c1 to w1, c1 again to w2, c1 again to w3");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 1 0 1");
}

TEST(Pool, DoesNotWaitForWhatOnlyFinishesItsLeases) {
  pool_script p({.max_connections = 1, .streams = 4});
  p.acquire();
  p.dialled(1, 0, 4);
  p.acquire();
  EXPECT_EQ(p.set_capacity(1, 0), "dial c2") << "ahead of the next";
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.dialled(2, 0, 4), "c2 to w2");
  EXPECT_EQ(p.set_capacity(2, 0), "") << "at most as many drain as there may be";
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "close c1, dial c3");
  EXPECT_EQ(p.dialled(3, 0, 4), "c3 to w3");
}

TEST(Pool, DialsAheadForAConnectionThatItsServerWillSoonEnd) {
  pool_script p({.max_connections = 4, .streams = 4});
  p.acquire();
  p.dialled(1, 0, 4);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(p.release(1), "");
    EXPECT_EQ(p.acquire(), "leased c1 again");
  }
  EXPECT_EQ(p.set_capacity(1, 0), "dial c2") << "after ten requests";
  EXPECT_EQ(p.release(1), "close c1");
  EXPECT_EQ(p.dialled(2, 0, 4), "");
  EXPECT_EQ(p.acquire(), "leased c2");
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(p.release(2), "");
    EXPECT_EQ(p.acquire(), "leased c2 again");
  }
  EXPECT_EQ(p.acquire(), "leased c2 again, dial c3")
      << "two are under way, of which one is the ninth";
  EXPECT_EQ(p.acquire(), "leased c2 again") << "once";
  EXPECT_EQ(p.dialled(3, 0, 4), "");
  EXPECT_EQ(p.set_capacity(2, 0), "") << "another is there";
}

TEST(Pool, DialsAheadNoMoreWhenConnectionsLastLongerThanTheLastOne) {
  pool_script p({.max_connections = 64, .streams = 4});
  p.acquire();
  p.dialled(1, 0, 4);
  EXPECT_EQ(p.set_capacity(1, 0), "dial c2") << "after one request, as when a server restarts";
  EXPECT_EQ(p.release(1), "close c1");
  EXPECT_EQ(p.dialled(2, 0, 4), "");
  EXPECT_EQ(p.acquire(), "leased c2, dial c3");
  EXPECT_EQ(p.dialled(3, 0, 4), "");
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(p.release(2), "");
    EXPECT_EQ(p.acquire().substr(0, 8), "leased c");
  }
  EXPECT_EQ(p.pool.statistics().dials, 3U);
}

TEST(Pool, DialsOnceAtATimeUntilItKnowsWhatTheHostSpeaks) {
  pool_script p({.max_connections = 8, .streams = 4, .asks_protocol = true});
  EXPECT_EQ(p.acquire(), "w1 queued, dial c1");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.dial_failed(1), "fail w1, fail w2");
  EXPECT_EQ(p.acquire(), "w3 queued, dial c2");
  EXPECT_EQ(p.acquire(), "w4 queued");
  EXPECT_EQ(p.dialled(2, 0, 4), "c2 to w3, c2 again to w4");
}

TEST(Pool, LeasesAnotherConnectionThanTheAvoidedOneIfThereIsOne) {
  pool_script p({.max_connections = 4, .streams = 2});
  for (int i = 0; i < 3; ++i) p.acquire();
  EXPECT_EQ(p.dialled(1, 0, 4), "c1 to w1, c1 again to w2");
  EXPECT_EQ(p.dialled(2, 0, 4), "c2 to w3");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.acquire(demand::any, 1), "leased c2 again");
  EXPECT_EQ(p.acquire(demand::any, 1), "leased c1 again") << "no other has room";
}

TEST(Pool, EndsAllLeasesOfAConnectionThatFailed) {
  pool_script p({.max_connections = 1});
  p.acquire();
  p.dialled(1, 0, 2);
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.release(1, release_verdict::failed), "close c1, dial c2");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 0 1 1");
}

TEST(Pool, LeasesAConnectionWhoseAddressIsGoneToNobodyElse) {
  pool_script p({.max_connections = 1});
  p.acquire();
  p.dialled(1, 0, 3);
  p.acquire();
  EXPECT_EQ(p.retire(1), "");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "close c1, dial c2");
}

}  // namespace pool_lease_test
}  // namespace upsun::http::test
