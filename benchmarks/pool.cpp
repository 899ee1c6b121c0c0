// The cost of leasing a connection from the pool and returning it: the bookkeeping alone, under a
// lock as in the transport, and with waiters.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

#include "http/pool/pool_core.hpp"

namespace {

using namespace upsun::http;
using clock_type = std::chrono::steady_clock;

/// A pool whose connections are open and idle.
class warm_pool {
 public:
  explicit warm_pool(std::size_t connections) : core_({.max_connections = connections}) {
    const time_point now = clock_type::now();
    for (std::size_t i = 0; i < connections; ++i) (void)core_.acquire(now, demand::any, effects_);
    const pool_effects dials = std::exchange(effects_, {});
    for (const pool_effect& dial : dials) core_.dial_succeeded(dial.connection, now, 0.5, effects_);
    for (const pool_effect& dial : dials)
      core_.release(dial.connection, now, release_verdict::reusable, std::nullopt, effects_);
    effects_.clear();
  }

  acquired check_out(demand want = demand::any) {
    return core_.acquire(clock_type::now(), want, effects_);
  }
  /// \return the waiter that gets the connection next, if there is one
  std::optional<pool_effect> check_in(connection_id id) {
    core_.release(id, clock_type::now(), release_verdict::reusable, std::nullopt, effects_);
    if (effects_.empty()) return std::nullopt;
    const pool_effect granted = effects_.front();
    effects_.clear();
    return granted;
  }

 private:
  pool_core core_;
  pool_effects effects_;
};

void bookkeeping(benchmark::State& state) {
  warm_pool pool(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) pool.check_in(pool.check_out().connection);
}

/// Every connection is leased, and as many callers wait: a returned connection goes to the oldest
/// waiter, and another caller joins the queue.
void with_waiters(benchmark::State& state) {
  const auto connections = static_cast<std::size_t>(state.range(0));
  warm_pool pool(connections);
  connection_id held{};
  for (std::size_t i = 0; i < connections; ++i) held = pool.check_out().connection;
  for (std::size_t i = 0; i < connections; ++i) pool.check_out();
  for (auto _ : state) {
    const auto granted = pool.check_in(held);
    if (!granted) return state.SkipWithError("nobody waited");
    held = granted->connection;
    pool.check_out();
  }
}

/// Threads that share a client: a lease and a return take the lock once each.
void locked(benchmark::State& state) {
  static std::mutex mutex;
  static std::optional<warm_pool> pool;
  if (state.thread_index() == 0) pool.emplace(64);
  for (auto _ : state) {
    connection_id mine{};
    {
      const std::scoped_lock lock(mutex);
      mine = pool->check_out().connection;
    }
    const std::scoped_lock lock(mutex);
    pool->check_in(mine);
  }
}

}  // namespace

BENCHMARK(bookkeeping)->Name("pool/checkout-and-return/connections")->Arg(1)->Arg(64)->Arg(1024);
BENCHMARK(with_waiters)->Name("pool/return-to-a-waiter/connections")->Arg(1)->Arg(64)->Arg(1024);
BENCHMARK(locked)
    ->Name("pool/checkout-and-return/locked")
    ->Threads(1)
    ->Threads(2)
    ->Threads(4)
    ->UseRealTime();

BENCHMARK_MAIN();
