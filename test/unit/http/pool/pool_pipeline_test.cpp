// Several leases of one connection at once.

#include <gtest/gtest.h>

#include "unit/http/pool/pool_script.hpp"

namespace upsun::http::test {
namespace pool_pipeline_test {

using namespace std::chrono_literals;

/// A pool whose connections, all of them, have answered once and are idle; the last is used first.
pool_script seasoned(pool_limits limits) {
  pool_script p(limits);
  for (std::size_t i = 0; i < limits.max_connections; ++i) p.lease();
  for (std::size_t c = limits.max_connections; c > 0; --c) p.release(c);
  return p;
}

TEST(PoolPipeline, IsNotThereAtDepthOne) {
  pool_script p = seasoned({.max_connections = 1});
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "c1 again to w2");
}

TEST(PoolPipeline, TakesIdleConnectionsBeforePlacesBehindOthers) {
  pool_script p = seasoned({.max_connections = 2, .pipeline_depth = 2});
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.acquire(), "leased c2 again");
  EXPECT_EQ(p.acquire(), "leased c1 shared");
  EXPECT_EQ(p.acquire(), "leased c2 shared");
  EXPECT_EQ(p.acquire(), "w3 queued") << "both are as deep as they may be";
  EXPECT_EQ(p.pool.statistics().pipelined, 2U);
  EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 2 0 1");
}

TEST(PoolPipeline, DialsBeforeItShares) {
  pool_script p({.max_connections = 2, .pipeline_depth = 4});
  p.lease();
  p.release(1);
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.acquire(), "w3 queued, c1 shared to w2") << "one dial covers one waiter";
  EXPECT_EQ(p.dialled(2), "c2 to w3");
}

TEST(PoolPipeline, SharesAConnectionOnlyOnceItHasAnswered) {
  pool_script p({.max_connections = 1, .pipeline_depth = 4});
  p.lease();
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.release(1), "c1 again to w2, c1 shared to w3");
  EXPECT_EQ(p.acquire(), "leased c1 shared");
}

TEST(PoolPipeline, DoesNotTakeAnUntouchedLeaseForAnAnswer) {
  pool_script p({.max_connections = 1, .pipeline_depth = 4});
  p.lease();
  EXPECT_EQ(p.release(1, release_verdict::untouched), "");
  EXPECT_EQ(p.acquire(), "leased c1 again");
  EXPECT_EQ(p.acquire(), "w2 queued");
}

TEST(PoolPipeline, TakesTheConnectionWithTheFewestLeases) {
  pool_script p = seasoned({.max_connections = 2, .pipeline_depth = 4});
  for (int i = 0; i < 4; ++i) p.acquire();
  p.release(2);
  EXPECT_EQ(p.acquire(), "leased c2 shared");
  p.release(1);
  EXPECT_EQ(p.acquire(), "leased c1 shared");
}

TEST(PoolPipeline, GivesAFreePlaceToTheOldestWaiter) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 2});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.release(1), "c1 shared to w2");
  EXPECT_EQ(p.release(1), "c1 shared to w3");
}

TEST(PoolPipeline, LetsNothingBehindALeaseThatWantsToBeAlone) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 2});
  EXPECT_EQ(p.acquire(demand::alone), "leased c1 again");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.acquire(), "leased c1 shared");
}

TEST(PoolPipeline, EmptiesAConnectionForAWaiterThatWantsItAlone) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 3});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.acquire(demand::alone), "w2 queued");
  EXPECT_EQ(p.acquire(), "w3 queued") << "nobody overtakes";
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.release(1), "c1 again to w3");
}

TEST(PoolPipeline, PutsMovedRequestsBeforeTheOthersWhateverTheQueuesLength) {
  pool_script p = seasoned({.max_connections = 1, .max_waiters = 0, .pipeline_depth = 2});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.acquire(), "queue full");
  EXPECT_EQ(p.acquire(demand::moved), "w2 queued");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.pool.statistics().pipeline_moves, 1U);
}

TEST(PoolPipeline, AdmitsMovedRequestsWhileItDrains) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 2});
  p.pool.begin_drain();
  EXPECT_EQ(p.acquire(), "closed");
  EXPECT_EQ(p.acquire(demand::moved), "leased c1 again");
}

TEST(PoolPipeline, EndsAllLeasesOfAConnectionWithTheFirstThatFails) {
  for (const auto verdict : {release_verdict::failed, release_verdict::not_reusable}) {
    pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 4});
    for (int i = 0; i < 3; ++i) p.acquire();
    EXPECT_EQ(p.release(1, verdict), "close c1");
    EXPECT_EQ(p.idle_leased_dialling_waiting(), "0 0 0 0");
    EXPECT_EQ(p.release(1), "");
    EXPECT_EQ(p.release(1, verdict), "");
    EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  }
}

TEST(PoolPipeline, KeepsTheLeaseOfAnAbandonedExchangeAndAddsNoneBehindIt) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 4});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.release(1, release_verdict::abandoned), "");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "c1 again to w2");
  EXPECT_EQ(p.acquire(), "leased c1 shared") << "it has emptied";
}

TEST(PoolPipeline, RetiresAConnectionWhenItsLastLeaseEnds) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 4});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.retire(1), "");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "close c1, dial c2");
}

TEST(PoolPipeline, EndsAnOldConnectionThatIsNeverIdle) {
  pool_script p({.max_connections = 1, .max_lifetime = 60s, .pipeline_depth = 4});
  p.lease();
  p.release(1);
  p.acquire();
  p.acquire();
  p.now += 60s;
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.acquire(), "w2 queued");
  EXPECT_EQ(p.release(1), "close c1, dial c2");
}

TEST(PoolPipeline, SharesNothingWhileAFreshWaiterNeedsRoom) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 4});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.acquire_fresh(), "w2 queued");
  EXPECT_EQ(p.acquire(), "w3 queued");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "close c1, dial c2");
}

TEST(PoolPipeline, SharesWithThoseWhoseDialFailed) {
  pool_script p({.max_connections = 2, .pipeline_depth = 4});
  p.lease();
  p.release(1);
  p.acquire();
  EXPECT_EQ(p.acquire(), "w2 queued, dial c2");
  EXPECT_EQ(p.dial_failed(2), "c1 shared to w2");
}

TEST(PoolPipeline, ClosesWhatIsSharedWhenItsLeasesEnd) {
  pool_script p = seasoned({.max_connections = 1, .pipeline_depth = 4});
  p.acquire();
  p.acquire();
  EXPECT_EQ(p.close(), "");
  EXPECT_EQ(p.release(1), "");
  EXPECT_EQ(p.release(1), "close c1");
}

}  // namespace pool_pipeline_test
}  // namespace upsun::http::test
