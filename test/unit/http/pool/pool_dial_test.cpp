#include <gtest/gtest.h>

#include "unit/http/pool/pool_script.hpp"

namespace upsun::http::test {
namespace pool_dial_test {

using namespace std::chrono_literals;

TEST(PoolDial, FailureWithNothingLeasedFailsTheOldestWaiterAndDialsForTheRest) {
  pool_script p({.max_connections = 2});
  for (int i = 0; i < 4; ++i) p.acquire();
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 0 2 4");
  EXPECT_EQ(p.dial_failed(1), "fail w1, dial c3");
  EXPECT_EQ(p.dial_failed(2), "fail w2, dial c4");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 0 2 2");
  EXPECT_EQ(p.dial_failed(3), "fail w3");
  EXPECT_EQ(p.dialled(4), "c4 to w4");
  EXPECT_EQ(p.pool.statistics().dial_failures, 3U);
}

TEST(PoolDial, FailureFreesItsSlot) {
  pool_script p({.max_connections = 1});
  p.acquire();
  EXPECT_EQ(p.dial_failed(1), "fail w1");
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
}

TEST(PoolDial, FailureSparesAWaiterThatAnotherDialCovers) {
  pool_script p;
  p.acquire();
  p.acquire();
  p.cancel(1);
  EXPECT_EQ(p.dial_failed(1), "");
  EXPECT_EQ(p.dialled(2), "c2 to w2");
}

TEST(PoolDial, FailureBesideALeasedConnectionFailsNobody) {
  pool_script p({.max_connections = 3});
  p.lease();
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire(), "w3 queued, dial c3");
  EXPECT_EQ(p.dial_failed(2), "");
  EXPECT_EQ(p.dial_failed(3), "");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 1 0 2");
  EXPECT_EQ(p.release(1), "c1 again to w2, dial c4");
}

TEST(PoolDial, AfterAFailureOneDialAtATimeProbesUntilOneSucceeds) {
  pool_script p({.max_connections = 8});
  p.lease();
  for (int i = 0; i < 5; ++i) p.acquire();  // w2 to w6
  for (std::size_t c = 2; c <= 6; ++c) p.dial_failed(c);
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 1 0 5");
  EXPECT_EQ(p.acquire(), "w7 queued, dial c7");
  EXPECT_EQ(p.acquire(), "w8 queued");
  EXPECT_EQ(p.dial_failed(7), "");
  EXPECT_EQ(p.release(1), "c1 again to w2, dial c8");
  EXPECT_EQ(p.dialled(8), "c8 to w3, dial c9, dial c10, dial c11, dial c12, dial c13");
}

TEST(PoolDial, BesideLeasedConnectionsATimerProbesAsLongAsSomebodyWaits) {
  pool_script p({.max_connections = 3});
  p.lease();
  p.acquire();
  p.acquire();
  p.dial_failed(2);
  p.dial_failed(3);
  for (std::size_t probe = 4; probe < 8; ++probe) {
    EXPECT_EQ(p.pool.next_deadline(), p.now + probe_pause);
    p.now += probe_pause - 1ns;
    EXPECT_EQ(p.tick(), "") << "a server that refuses is not hammered";
    p.now += 1ns;
    EXPECT_EQ(p.tick(), "dial c" + std::to_string(probe));
    EXPECT_EQ(p.dial_failed(probe), "");
  }
  p.now += probe_pause;
  EXPECT_EQ(p.tick(), "dial c8");
  EXPECT_FALSE(p.pool.next_deadline()) << "one probe at a time";
  EXPECT_EQ(p.dialled(8), "c8 to w2, dial c9");
}

TEST(PoolDial, NobodyProbesForNobodyNorWithoutRoom) {
  pool_script p({.max_connections = 2});
  p.lease();
  p.acquire();
  p.dial_failed(2);
  p.cancel(2);
  EXPECT_FALSE(p.pool.next_deadline());
  p.now += probe_pause;
  EXPECT_EQ(p.tick(), "");

  pool_script full({.max_connections = 2});
  full.lease(2);
  full.acquire();
  EXPECT_FALSE(full.pool.next_deadline());
  full.now += probe_pause;
  EXPECT_EQ(full.tick(), "");
}

TEST(PoolDial, ADrainingPoolProbesForThoseWhoWait) {
  pool_script p({.max_connections = 2});
  p.lease();
  p.acquire();
  p.dial_failed(2);
  p.pool.begin_drain();
  p.now += probe_pause;
  EXPECT_EQ(p.tick(), "dial c3");
}

TEST(PoolDial, WhenTheLastLeasedConnectionIsLostDialsAreToppedUp) {
  pool_script p({.max_connections = 4});
  p.lease();
  p.acquire();
  p.acquire();
  p.dial_failed(2);
  p.dial_failed(3);
  EXPECT_EQ(p.release(1, release_verdict::failed), "close c1, dial c4, dial c5");
}

TEST(PoolDial, FailureIsTheFreshWaitersSinceLiveConnectionsCannotServeIt) {
  pool_script p({.max_connections = 2});
  p.lease();
  EXPECT_EQ(p.acquire_fresh(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.dial_failed(2), "fail w2");
  EXPECT_EQ(p.release(1), "c1 again to w3");
}

TEST(PoolDial, FailureForAFreshWaiterBesideIdleConnectionsIsItsOwn) {
  pool_script p;
  p.lease();
  p.release(1);
  EXPECT_EQ(p.acquire_fresh(), "w2 queued, dial c2");
  EXPECT_EQ(p.dial_failed(2), "fail w2");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "1 0 0 0");
}

TEST(PoolDial, AFreshWaiterCostsNoMoreThanOneLiveConnectionWhileDialsFail) {
  pool_script p({.max_connections = 2});
  p.lease(2);
  p.acquire_fresh();
  EXPECT_EQ(p.release(1), "close c1, dial c3");
  EXPECT_EQ(p.dial_failed(3), "fail w3");
  EXPECT_EQ(p.release(2), "");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "1 0 0 0");
}

TEST(PoolDial, FailureOfADialNobodyWaitsForFailsNobody) {
  pool_script p;
  p.acquire();
  p.cancel(1);
  EXPECT_EQ(p.dial_failed(1), "");
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 0 0 0");
}

// ---- the warm-up minimum

TEST(PoolWarmUp, DialsUpToTheMinimum) {
  pool_script p({.min_connections = 2});
  EXPECT_EQ(p.warm_up(), "dial c1, dial c2");
  EXPECT_EQ(p.dialled(1), "");
  EXPECT_EQ(p.acquire(), "leased c1");
  EXPECT_EQ(p.acquire(), "w1 queued");  // the second dial covers it
  EXPECT_EQ(p.dialled(2), "c2 to w1");
}

TEST(PoolWarmUp, FailureIsNotRepeatedBeforeAPause) {
  pool_script p({.min_connections = 1});
  p.warm_up();
  p.now += 5s;
  EXPECT_EQ(p.dial_failed(1), "");
  EXPECT_EQ(p.tick(), "");
  EXPECT_EQ(p.pool.next_deadline(), p.now + warm_up_pause);
  p.now += warm_up_pause - 1ns;
  EXPECT_EQ(p.tick(), "");
  p.now += 1ns;
  EXPECT_EQ(p.tick(), "dial c2");
}

TEST(PoolWarmUp, ReplacesAConnectionThatDied) {
  pool_script p({.min_connections = 1});
  p.warm_up();
  p.dialled(1);
  p.now += 10s;
  EXPECT_EQ(p.dead(1), "dial c2");
  EXPECT_EQ(p.evicted(eviction::dead), 1U);
}

TEST(PoolWarmUp, DoesNotSpinWithAServerThatClosesAtOnce) {
  pool_script p({.min_connections = 1});
  p.warm_up();
  p.dialled(1);
  EXPECT_EQ(p.dead(1), "");
  EXPECT_EQ(p.tick(), "");
  p.now = *p.pool.next_deadline();
  EXPECT_EQ(p.tick(), "dial c2");
}

TEST(PoolWarmUp, ReplacesAConnectionThatWasUsedUp) {
  pool_script p({.min_connections = 1});
  p.lease();
  p.now += 10s;
  EXPECT_EQ(p.release(1, release_verdict::not_reusable), "close c1");
  EXPECT_LE(p.pool.next_deadline(), p.now);
  EXPECT_EQ(p.tick(), "dial c2");
}

TEST(PoolWarmUp, SharesItsDialsWithWaiters) {
  pool_script p({.min_connections = 2});
  p.acquire();
  EXPECT_EQ(p.warm_up(), "dial c2");
}

}  // namespace pool_dial_test
}  // namespace upsun::http::test
