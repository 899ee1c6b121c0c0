// A second request beside a slow one, over real sockets.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "integration/harness.hpp"
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
  for (int i = 0; i < 200; ++i)
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)},
                                                      call_options().hedge({})));
}

TEST(Hedging, AnswersOverAnotherConnectionWhenOneIsStuckAndCancelsTheLoser) {
  sandbox server;
  run([&]() -> awaitable<void> {
    client client(co_await asio::this_coro::executor, hedging(server, 10ms));
    co_await save_up(client);
    for (int stuck = 0; stuck < 3; ++stuck) {
      server.inject({.kind = fault_kind::silent});
      response_info info;
      const auto got = co_await client.async_get_integration({project(), integration_number(1)},
                                                             call_options().info(&info));
      EXPECT_TRUE(got) << "the stuck attempt would have ended in a timeout" << got.error();
      EXPECT_EQ(info.attempts, 2u);
      EXPECT_EQ(client.statistics().leased, 0u) << "the loser is gone";
    }
  });
}

/// A server whose first connections are quick. It withholds the answers on all others, which are
/// slow, until the test lets them go.
class uneven_server {
 public:
  explicit uneven_server(std::size_t quick) : server_(scripts(quick)) {}
  uneven_server(const uneven_server&) = delete;
  uneven_server& operator=(const uneven_server&) = delete;
  ~uneven_server() { let_go(never_less); }

  [[nodiscard]] std::string url() const { return server_.url(); }
  /// Requests that came over slow connections, and how many of their answers were let go.
  [[nodiscard]] std::size_t slow_requests() const {
    const std::scoped_lock lock(mutex_);
    return came_;
  }
  [[nodiscard]] std::size_t withheld() const {
    const std::scoped_lock lock(mutex_);
    return came_ - std::min(came_, released_);
  }
  void let_go(std::size_t answers) {
    {
      const std::scoped_lock lock(mutex_);
      released_ = answers == never_less ? answers : released_ + answers;
    }
    changed_.notify_all();
  }

 private:
  static constexpr std::size_t never_less = static_cast<std::size_t>(-1);

  std::vector<test::script> scripts(std::size_t quick) {
    const std::string body =
        R"({"id":"x","type":"health.slack","channel":"#ops","role":"","created_at":null,"updated_at":null})";
    const test::step send =
        test::send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
    const test::step read = test::read_head();
    const test::step withhold = test::run([this] {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this, mine = ++came_] { return mine <= released_; });
    });
    std::vector<test::script> all(quick, {[read, send](test::scripted_connection& c) {
                                    while (read(c) && send(c)) {
                                    }
                                    return false;
                                  }});
    all.push_back({[read, withhold, send](test::scripted_connection& c) {
      while (read(c) && withhold(c) && send(c)) {
      }
      return false;
    }});
    return all;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t came_ = 0;
  std::size_t released_ = 0;
  test::scripted_server server_;  // last, for its threads use the others
};

/// Four calls at a time over four connections, of which one is slow. Whenever only withheld answers
/// are missing, one is let go, if it may.
struct rounds_over_a_slow_connection {
  static constexpr std::size_t rounds = 4;
  static constexpr std::size_t connections = 4;

  std::size_t succeeded = 0;
  std::size_t waited_for_the_slow_one = 0;
  std::size_t slow_requests = 0;
  client_statistics statistics{};

  rounds_over_a_slow_connection(const hedge_options& hedge, bool may_let_go) {
    uneven_server server(connections - 1);
    asio::io_context io;
    client_config config{.base_url = server.url(),
                         .pool = {.max_connections = connections},
                         .retry = {.max_attempts = 1},
                         .hedge = hedge};
    client client(io.get_executor(), watched(config));
    for (std::size_t round = 0; round < rounds; ++round) {
      std::size_t pending = connections;
      for (std::size_t i = 0; i < connections; ++i) {
        client.async_get_integration({project(), integration_number(i)},
                                     [&](const result<integration>& got) {
                                       EXPECT_TRUE(got) << got.error();
                                       succeeded += got ? 1 : 0;
                                       --pending;
                                     });
      }
      while (pending > 0) {
        io.run_one_for(5ms);
        io.restart();
        if (!may_let_go || pending == 0 || server.withheld() != pending) continue;
        server.let_go(1);
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

  // Here no slow answer is ever given, so whatever succeeds was answered over another connection.
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

TEST(Hedging, CanBeTurnedOnAndOffForACall) {
  sandbox server;
  run([&]() -> awaitable<void> {
    client client(co_await asio::this_coro::executor, hedging(server, 1ms));
    co_await save_up(client);
    server.inject({.kind = fault_kind::silent});
    const auto stuck = co_await client.async_get_integration(
        {project(), integration_number(1)}, call_options().hedge({}).timeout(100ms));
    EXPECT_EQ(stuck.error(), condition::timeout);
    EXPECT_EQ(stuck.error().details().attempts, 1u);
  });
}

TEST(Hedging, AddsNoLoadBeyondItsShareWhenEverythingIsSlow) {
  constexpr std::size_t calls = 400;
  sandbox server({.tls = false});
  server.inject({.kind = fault_kind::silent}, 0);
  asio::io_context io;
  client_config config = hedging(server, 1ms);
  config.pool.max_connections = 2 * calls;
  client client(io.get_executor(), config);
  std::size_t ended = 0;
  std::uint64_t hedges = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    client.async_get_integration({project(), integration_number(0)}, call_options().timeout(500ms),
                                 [&](const result<integration>& got) {
                                   EXPECT_EQ(got.error(), condition::timeout);
                                   hedges = client.statistics().hedges;
                                   if (++ended == calls)
                                     client.async_close(0ms, [](const result<close_report>&) {});
                                 });
  }
  io.run();
  EXPECT_EQ(ended, calls);
  EXPECT_LE(server.statistics().requests, calls * 105 / 100);
  EXPECT_GT(hedges, 0u);
  EXPECT_LE(hedges, calls * 5 / 100);
}

TEST(Hedging, EndsInTheFailureOfBothOnce) {
  sandbox server;
  run([&]() -> awaitable<void> {
    client client(co_await asio::this_coro::executor, hedging(server, 1ms));
    co_await save_up(client);
    server.inject({.kind = fault_kind::silent}, 2);
    const auto got = co_await client.async_get_integration({project(), integration_number(1)},
                                                           call_options().attempt_timeout(500ms));
    EXPECT_EQ(got.error(), condition::timeout);
    EXPECT_EQ(got.error().details().attempts, 2u);
    EXPECT_EQ(client.statistics().leased, 0u);
  });
}

}  // namespace hedging_test
}  // namespace upsun::testing
