#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <upsun/observer.hpp>

// The pool's bookkeeping, without sockets, clocks, threads or callbacks: an event goes in, effects come out. The driver (pool.cpp) calls it under its
// lock, and performs the effects after it has let go of the lock.

namespace upsun::http {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

enum class connection_id : std::uint64_t {};  ///< A dial, and the connection it becomes.
enum class ticket : std::uint64_t {};         ///< A waiter in the queue.

struct pool_limits {
  std::size_t max_connections = 64;
  std::size_t max_waiters = 4096;
  std::size_t min_connections = 0;
  duration idle_timeout = std::chrono::seconds(55);
  duration max_lifetime = std::chrono::minutes(10);  ///< Zero: none.
};

/// What the driver does after an event, in this order.
struct pool_effect {
  enum class kind {
    dial,     ///< Start a dial and name it `connection`.
    grant,    ///< Give `connection` to the waiter `waiter`; `reused` says whether it had been leased before.
    fail,     ///< Tell the waiter `waiter` that its dial failed (the driver has the error), or that the pool is closed.
    close,    ///< Close `connection`; it is forgotten already.
    abandon,  ///< Cancel the dial `connection`; it is forgotten already.
  } what;
  connection_id connection{};
  ticket waiter{};
  bool reused = false;
};
using pool_effects = std::vector<pool_effect>;
}  // namespace upsun::http
