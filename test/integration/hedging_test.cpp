// A second request beside a slow one, over real sockets.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace hedging_test {

using asio::awaitable;

client_config hedging(const sandbox& server, std::chrono::milliseconds delay) {
  client_config config = config_for(server);
  config.hedge = {.enabled = true, .delay = delay};
  return config;
}

/// Makes calls that are not hedged, until there is a budget for some that are.
awaitable<void> save_up(client& client) {
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(co_await fetch(client, call_options().hedge({})));
}

TEST(Hedging, SucceedsOverAnotherConnectionWhenOneIsStuckAndCancelsTheLoser) {
  sandbox server;
  with_client(hedging(server, 10ms), [&](client& client) -> awaitable<void> {
    co_await save_up(client);
    for (int stuck = 0; stuck < 3; ++stuck) {
      server.inject({.kind = fault_kind::silent});
      response_info info;
      const auto got = co_await fetch(client, integration_number(1), call_options().info(&info));
      EXPECT_TRUE(got) << "the stuck attempt would have ended in a timeout" << got.error();
      EXPECT_EQ(info.attempts, 2u);
      EXPECT_EQ(client.statistics().leased, 0u) << "the loser is gone";
    }
  });
}

/// A server whose first connections are quick. It withholds the responses on all others, the slow
/// ones, until the test releases them.
class uneven_server {
 public:
  explicit uneven_server(std::size_t quick) : server_(scripts(quick)) {}
  uneven_server(const uneven_server&) = delete;
  uneven_server& operator=(const uneven_server&) = delete;
  ~uneven_server() { release(all); }

  [[nodiscard]] std::string url() const { return server_.url(); }
  /// Requests that came over slow connections, and how many of them wait for their response.
  [[nodiscard]] std::size_t slow_requests() const {
    const std::scoped_lock lock(mutex_);
    return came_;
  }
  [[nodiscard]] std::size_t withheld() const {
    const std::scoped_lock lock(mutex_);
    return came_ - std::min(came_, released_);
  }
  void release(std::size_t responses) {
    {
      const std::scoped_lock lock(mutex_);
      released_ = responses == all ? all : released_ + responses;
    }
    changed_.notify_all();
  }

 private:
  static constexpr std::size_t all = static_cast<std::size_t>(-1);

  std::vector<test::script> scripts(std::size_t quick) {
    const test::step send = test::send(test::json_response());
    const test::step read = test::read_head();
    const test::step withhold = test::run([this] {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this, mine = ++came_] { return mine <= released_; });
    });
    std::vector<test::script> scripts(quick, {[read, send](test::scripted_connection& c) {
                                        while (read(c) && send(c)) {
                                        }
                                        return false;
                                      }});
    scripts.push_back({[read, withhold, send](test::scripted_connection& c) {
      while (read(c) && withhold(c) && send(c)) {
      }
      return false;
    }});
    return scripts;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t came_ = 0;
  std::size_t released_ = 0;
  test::scripted_server server_;  // last, for its threads use the others
};

/// Four calls at a time over four connections, of which one is slow. Whenever only withheld
/// responses are missing, one is released, if `may_release`.
struct rounds_over_a_slow_connection {
  static constexpr std::size_t rounds = 4;
  static constexpr std::size_t connections = 4;

  std::size_t succeeded = 0;
  std::size_t waited_for_the_slow_one = 0;
  std::size_t slow_requests = 0;
  client_statistics statistics{};

  rounds_over_a_slow_connection(const hedge_options& hedge, bool may_release) {
    uneven_server server(connections - 1);
    asio::io_context io;
    client_config config{.base_url = server.url(),
                         .pool = {.max_connections = connections},
                         .retry = {.max_attempts = 1},
                         .hedge = hedge};
    client client(io.get_executor(), prepared(config));
    for (std::size_t round = 0; round < rounds; ++round) {
      std::size_t pending = connections;
      for (std::size_t i = 0; i < connections; ++i) {
        start_fetch(client, integration_number(i), [&](const result<integration>& got) {
          EXPECT_TRUE(got) << got.error();
          succeeded += got ? 1 : 0;
          --pending;
        });
      }
      while (pending > 0) {
        io.run_one_for(5ms);
        io.restart();
        if (!may_release || pending == 0 || server.withheld() != pending) continue;
        server.release(1);
        ++waited_for_the_slow_one;
      }
    }
    slow_requests = server.slow_requests();
    statistics = client.statistics();
  }
};

TEST(Hedging, SparesEveryCallTheWaitForASlowConnection) {
  const rounds_over_a_slow_connection without({}, true);
  EXPECT_EQ(without.succeeded, without.rounds * without.connections);
  EXPECT_GT(without.waited_for_the_slow_one, 0u);
  EXPECT_EQ(without.waited_for_the_slow_one, without.slow_requests)
      << "whoever met it waited for it";

  // Here no withheld response is ever released, so whatever succeeds came over another connection.
  const rounds_over_a_slow_connection hedged(
      {.enabled = true, .delay = 100ms, .max_extra_percent = 100}, false);
  EXPECT_EQ(hedged.succeeded, hedged.rounds * hedged.connections);
  EXPECT_GT(hedged.slow_requests, 0u);
  EXPECT_GT(hedged.statistics.hedges_won, 0u);
  EXPECT_EQ(hedged.statistics.leased, 0u) << "the losers were cancelled";
  EXPECT_GE(hedged.statistics.evictions[static_cast<std::size_t>(eviction::failed)],
            hedged.slow_requests)
      << "with their connections";
}

TEST(Hedging, IsDueAfterTheFirstRequestHasGotItsConnection) {
  uneven_server server(0);
  const client_config config{.base_url = server.url(),
                             .pool = {.max_connections = 1},
                             .retry = {.max_attempts = 1},
                             .hedge = {.enabled = true, .delay = 5ms, .max_extra_percent = 100}};
  with_client(config, [&](client& client) -> awaitable<void> {
    const auto ended = std::make_shared<int>(0);
    const auto count = [ended](const result<integration>& got) {
      EXPECT_TRUE(got) << got.error();
      ++*ended;
    };
    client.async_get_integration({project(), integration_number(0)}, call_options().hedge({}),
                                 count);
    co_await until([&] { return server.withheld() == 1; });
    start_fetch(client, count);
    const auto begun = std::chrono::steady_clock::now();
    co_await until([&] { return std::chrono::steady_clock::now() - begun > 100ms; });
    EXPECT_EQ(client.statistics().waiting, 1u);
    EXPECT_EQ(client.statistics().hedges, 0u) << "it could only wait behind its first request";
    server.release(1);
    co_await until([&] { return server.slow_requests() == 2; });
    co_await until([&] { return client.statistics().hedges == 1; });
    EXPECT_EQ(*ended, 1);
    server.release(2);
    co_await until([&] { return *ended == 2; });
  });
}

TEST(Hedging, CanBeTurnedOnAndOffForACall) {
  sandbox server;
  with_client(hedging(server, 1ms), [&](client& client) -> awaitable<void> {
    co_await save_up(client);
    server.inject({.kind = fault_kind::silent});
    const auto stuck =
        co_await fetch(client, integration_number(1), call_options().hedge({}).timeout(100ms));
    EXPECT_EQ(stuck.error(), condition::timeout);
    EXPECT_EQ(stuck.error().details().attempts, 1u);
  });
}

TEST(Hedging, AddsNoLoadBeyondItsShareWhenEverythingIsSlow) {
  constexpr std::size_t calls = 400;
  with_growing_limit(500ms, [&](std::chrono::milliseconds deadline) {
    sandbox server({.tls = false});
    server.inject({.kind = fault_kind::silent}, 0);
    client_config config = hedging(server, 1ms);
    config.pool.max_connections = 2 * calls;
    config.timeouts.total = deadline;
    std::size_t ended = 0;
    std::uint64_t hedges = 0;
    with_client(config, [&](client& client) -> awaitable<void> {
      for (std::size_t i = 0; i < calls; ++i) {
        start_fetch(client, [&](const result<integration>& got) {
          EXPECT_EQ(got.error(), condition::timeout);
          ++ended;
        });
      }
      co_await until([&] { return ended == calls; });
      hedges = client.statistics().hedges;
    });
    EXPECT_LE(server.statistics().requests, calls * 105 / 100);
    EXPECT_LE(hedges, calls * 5 / 100);
    return hedges > 0;
  });
}

TEST(Hedging, EndsInTheFailureOfBothOnce) {
  sandbox server;
  with_growing_limit(100ms, [&](std::chrono::milliseconds limit) {
    unsigned attempts = 0;
    with_client(hedging(server, 1ms), [&](client& client) -> awaitable<void> {
      co_await save_up(client);
      server.inject({.kind = fault_kind::silent}, 2);
      const auto got =
          co_await fetch(client, integration_number(1), call_options().attempt_timeout(limit));
      EXPECT_EQ(got.error(), condition::timeout);
      EXPECT_EQ(client.statistics().leased, 0u);
      attempts = got.error().details().attempts;
    });
    server.clear_faults();
    EXPECT_LE(attempts, 2u);
    return attempts == 2;
  });
}

}  // namespace hedging_test
}  // namespace upsun::testing
