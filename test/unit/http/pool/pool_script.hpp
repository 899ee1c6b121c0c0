#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "http/pool/pool_core.hpp"

namespace upsun::http::test {

/// A pool and a clock moved by hand. Every event returns in words what came of it, with connections
/// named c1, c2 ... and waiters w1, w2 ... in the order of their appearance, and checks the pool's
/// invariants.
class pool_script {
 public:
  explicit pool_script(pool_limits limits = {}) : pool(limits) {}

  /// \param avoided number of a connection; zero: none
  std::string acquire(demand want = demand::any, std::size_t avoided = 0);
  std::string acquire_fresh() { return acquire(demand::fresh); }
  std::string dialled(std::size_t c, double jitter = 0, std::size_t capacity = 1);
  std::string dial_failed(std::size_t c);
  std::string release(std::size_t c, release_verdict verdict = release_verdict::reusable,
                      std::optional<std::chrono::seconds> keep_alive = std::nullopt);
  bool cancel(std::size_t w, bool timed_out = false);
  std::string dead(std::size_t c);
  std::string retire(std::size_t c);
  std::string set_capacity(std::size_t c, std::size_t capacity);
  std::string suspended(duration slept);
  std::string tick();
  std::string warm_up();
  std::string close();

  /// Leased connections: acquires, and lets the dial succeed if there has to be one.
  void lease(int count = 1);

  [[nodiscard]] std::string idle_leased_dialling_waiting() const;
  [[nodiscard]] std::uint64_t evicted(eviction why) const;

  pool_core pool;
  time_point now{std::chrono::hours(1)};

 private:
  std::string words();
  std::string name(connection_id id);
  std::string name(ticket id);

  pool_effects effects_;
  std::vector<connection_id> connections_;
  std::vector<ticket> waiters_;
};

}  // namespace upsun::http::test
