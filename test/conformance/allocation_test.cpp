#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "conformance/failing_allocator.hpp"

// Memory fails at each allocation that a call makes, once and for longer: the call's initiation
// throws, or the call completes once, with its value or with an error; nothing is lost, and the
// client goes on.

namespace upsun::test {
namespace allocation_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::fault_kind;
using testing::sandbox;

/// How one call ended. Never allocates.
struct ending {
  bool threw = false;
  int completions = 0;
  std::optional<result<integration>> got{};

  [[nodiscard]] bool over() const noexcept { return threw || completions > 0; }
  void operator()(result<integration> outcome) {
    ++completions;
    got.emplace(std::move(outcome));
  }
};

client_config config_for(const sandbox& server) {
  return {.base_url = server.url(),
          .credentials = bearer_token(server.token()),
          .tls = {.ca_pem = server.ca_pem()},
          .retry = {.max_attempts = 1}};
}

/// A client on a context of its own, which the test's thread runs.
struct rig {
  explicit rig(client_config config) : user(io.get_executor(), std::move(config)) {}

  void begin(ending& call, const call_options& options = {}) noexcept {
    begin(call, options, [&call](result<integration> outcome) { call(std::move(outcome)); });
  }
  template <class Handler>
  void begin(ending& call, const call_options& options, Handler handler) noexcept {
    try {
      user.async_get_integration(project_id("project-0"), integration_id("integration-1"), options,
                                 std::move(handler));
    } catch (const std::bad_alloc&) {
      call.threw = true;
    }
  }
  /// Runs until `over`, or until the test has hung; counts the exceptions that leave the context.
  template <class Over>
  void run_until(Over over) {
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (!over() && std::chrono::steady_clock::now() < limit) {
      try {
        io.run_one_until(limit);
      } catch (const std::bad_alloc&) {
        ++escaped;
      }
      io.restart();
    }
  }
  void run_until_over(const ending& call) {
    run_until([&] { return call.over(); });
  }
  /// A whole call that meets no failure.
  void fetch() {
    ending call;
    begin(call);
    run_until_over(call);
    EXPECT_EQ(call.completions, 1);
    EXPECT_TRUE(call.got && *call.got) << (call.got ? call.got->error() : error());
  }
  [[nodiscard]] bool idle() const {
    const client_statistics now = user.statistics();
    return now.leased == 0 && now.waiting == 0 && now.dialling == 0 && now.in_flight == 0;
  }

  asio::io_context io{1};
  client user;
  int escaped = 0;
  int may_escape = 0;
};

/// Either nothing was begun, or it completed once: by no deadline, which would hide that a wake-up
/// was lost.
void expect_ended(const ending& call) {
  EXPECT_EQ(call.completions, call.threw ? 0 : 1);
  if (!call.got) return;
  if (*call.got) {
    EXPECT_EQ((*call.got)->type, "bitbucket_server");
  } else {
    EXPECT_FALSE(call.got->error() == condition::timeout) << call.got->error();
  }
}

/// What holds after the failure, whatever came of the calls that met it: the books add up, the next
/// call succeeds, the client closes and leaves no work behind.
void expect_sound(rig& r) {
  EXPECT_LE(r.escaped, r.may_escape);
  r.run_until([&] { return r.idle(); });
  EXPECT_TRUE(r.idle());
  r.fetch();

  int closed = 0;
  r.user.async_close(0ms, [&](const result<close_report>& report) { closed += report ? 1 : 0; });
  r.run_until([&] { return closed > 0; });
  EXPECT_EQ(closed, 1);
  r.io.restart();
  r.io.run_for(20s);
  EXPECT_TRUE(r.io.stopped()) << "the client left work behind";
  EXPECT_EQ(closed, 1);
}

/// Does `act` with a failure at its first allocation, the second, and so on, until it meets none;
/// with one allocation that fails, with three, and with all. `prepare` makes the rig, without
/// failures. `act` returns when the calls are over.
template <class Prepare, class Act>
void sweep(Prepare prepare, Act act) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}, allocation_failure::all}) {
    std::size_t first = 1;
    for (bool met = true; met && !::testing::Test::HasFailure(); ++first) {
      SCOPED_TRACE("allocation " + std::to_string(first) + " fails" +
                   (count == 1   ? ""
                    : count == 3 ? " and two more"
                                 : " and all that follow"));
      const std::unique_ptr<rig> r = prepare();
      act(*r, [&](auto body) {
        const allocation_failure failing(first, count);
        body();
        met = failing.met();
      });
      expect_sound(*r);
    }
    EXPECT_GT(first, 5U) << "nothing was allocated";
  }
}

struct Allocation : ::testing::Test {
#if defined(UPSUN_ALLOCATIONS_DO_NOT_FAIL)
  void SetUp() override { GTEST_SKIP() << "allocations do not fail in this program"; }
#endif
};

TEST_F(Allocation, MayFailAnywhereInACallOnAPooledConnection) {
  const sandbox server;
  sweep(
      [&] {
        auto r = std::make_unique<rig>(config_for(server));
        r->fetch();
        return r;
      },
      [](rig& r, auto failing) {
        ending call;
        failing([&] {
          r.begin(call);
          r.run_until_over(call);
        });
        expect_ended(call);
      });
}

TEST_F(Allocation, MayFailAnywhereInACallThatDials) {
  const sandbox server;
  sweep([&] { return std::make_unique<rig>(config_for(server)); },
        [](rig& r, auto failing) {
          ending call;
          failing([&] {
            r.begin(call);
            r.run_until_over(call);
          });
          expect_ended(call);
        });
}

TEST_F(Allocation, MayFailAnywhereInACallThatLooksUpTheHost) {
  const sandbox server;
  sweep(
      [&] {
        client_config config = config_for(server);
        config.base_url = "https://localhost:" + std::to_string(server.port());
        auto r = std::make_unique<rig>(std::move(config));
        r->may_escape = 1;  // from Asio's making of its list of addresses
        return r;
      },
      [](rig& r, auto failing) {
        ending call;
        failing([&] {
          r.begin(call);
          r.run_until_over(call);
        });
        expect_ended(call);
      });
}

TEST_F(Allocation, MayFailAnywhereInACallThatIsTriedAgain) {
  sandbox server;
  sweep(
      [&] {
        client_config config = config_for(server);
        config.retry = {.max_attempts = 3, .base = 1ms};
        auto r = std::make_unique<rig>(std::move(config));
        r->fetch();
        server.inject({.kind = fault_kind::status, .status = 503});
        return r;
      },
      [&](rig& r, auto failing) {
        ending call;
        failing([&] {
          r.begin(call);
          r.run_until_over(call);
        });
        expect_ended(call);
        server.clear_faults();
      });
}

TEST_F(Allocation, MayFailAnywhereInACallThatExchangesAToken) {
  const sandbox server;
  sweep(
      [&] {
        client_config config = config_for(server);
        config.credentials = api_token(server.api_token(), server.url());
        return std::make_unique<rig>(std::move(config));
      },
      [](rig& r, auto failing) {
        ending call;
        failing([&] {
          r.begin(call);
          r.run_until_over(call);
        });
        expect_ended(call);
      });
}

TEST_F(Allocation, MayFailAnywhereWhileAnotherCallWaitsForTheConnection) {
  const sandbox server;
  sweep(
      [&] {
        client_config config = config_for(server);
        config.pool.max_connections = 1;
        return std::make_unique<rig>(std::move(config));
      },
      [](rig& r, auto failing) {
        std::array<ending, 3> calls;
        failing([&] {
          for (ending& call : calls) r.begin(call);
          r.run_until([&] { return calls[0].over() && calls[1].over() && calls[2].over(); });
        });
        for (const ending& call : calls) expect_ended(call);
      });
}

TEST_F(Allocation, MayFailAnywhereInACallThatIsCancelled) {
  sandbox server;
  server.inject({.kind = fault_kind::silent}, 0);
  sweep(
      [&] {
        client_config config = config_for(server);
        config.pool.max_connections = 1;
        server.clear_faults();
        auto r = std::make_unique<rig>(std::move(config));
        r->fetch();
        server.inject({.kind = fault_kind::silent}, 0);
        return r;
      },
      [&](rig& r, auto failing) {
        std::array<ending, 2> calls;  // one on the connection, one in the queue
        std::array<asio::cancellation_signal, 2> cancel;
        failing([&] {
          for (std::size_t i = 0; i < calls.size(); ++i) {
            try {
              r.begin(calls[i], {},
                      asio::bind_cancellation_slot(cancel[i].slot(),
                                                   [&call = calls[i]](result<integration> outcome) {
                                                     call(std::move(outcome));
                                                   }));
            } catch (const std::bad_alloc&) {
              calls[i].threw = true;
            }
          }
          for (auto& one : cancel) one.emit(asio::cancellation_type::total);
          r.run_until([&] { return calls[0].over() && calls[1].over(); });
        });
        for (const ending& call : calls) {
          expect_ended(call);
          EXPECT_FALSE(call.got && *call.got);
        }
        server.clear_faults();
      });
}

TEST_F(Allocation, MayFailAnywhereInAHedgedCall) {
  sandbox server;
  sweep(
      [&] {
        client_config config = config_for(server);
        config.hedge = {.enabled = true, .delay = 1ms, .max_extra_percent = 100};
        auto r = std::make_unique<rig>(std::move(config));
        r->fetch();
        server.inject({.kind = fault_kind::delay, .delay = 10ms});
        return r;
      },
      [&](rig& r, auto failing) {
        ending call;
        failing([&] {
          r.begin(call);
          r.run_until_over(call);
        });
        expect_ended(call);
        server.clear_faults();
      });
}

TEST_F(Allocation, MayFailAnywhereInAClose) {
  sandbox server;
  for (const std::size_t count : {std::size_t{1}, std::size_t{3}, allocation_failure::all}) {
    bool met = true;
    for (std::size_t first = 1; met && !HasFailure(); ++first) {
      SCOPED_TRACE("allocation " + std::to_string(first));
      rig r(config_for(server));
      r.fetch();
      server.inject({.kind = fault_kind::silent});
      ending call;
      r.begin(call);
      bool threw = false;
      int closed = 0;
      {
        const allocation_failure failing(first, count);
        try {
          r.user.async_close(0ms, [&](const result<close_report>&) { ++closed; });
        } catch (const std::bad_alloc&) {
          threw = true;
        }
        if (!threw) r.run_until([&] { return closed > 0 && call.over(); });
        met = failing.met();
      }
      EXPECT_EQ(r.escaped, 0);
      if (threw) {
        EXPECT_EQ(closed, 0);
        r.user.async_close(0ms, [&](const result<close_report>&) { ++closed; });
        r.run_until([&] { return closed > 0 && call.over(); });
      }
      EXPECT_EQ(closed, 1);
      expect_ended(call);
      r.io.restart();
      r.io.run_for(20s);
      EXPECT_TRUE(r.io.stopped()) << "the client left work behind";
      server.clear_faults();
    }
  }
}

TEST_F(Allocation, MayFailAnywhereWhenTheClientIsDestroyed) {
  sandbox server;
  bool met = true;
  for (std::size_t first = 1; met && !HasFailure(); ++first) {
    for (const std::size_t count : {std::size_t{1}, allocation_failure::all}) {
      SCOPED_TRACE("allocation " + std::to_string(first));
      auto r = std::make_unique<rig>(config_for(server));
      r->fetch();
      server.inject({.kind = fault_kind::silent});
      ending call;
      r->begin(call);
      {
        const allocation_failure failing(first, count);
        { const client gone = std::move(r->user); }
        r->run_until_over(call);
        met = failing.met();
      }
      EXPECT_EQ(r->escaped, 0);
      expect_ended(call);
      r->io.restart();
      r->io.run_for(20s);
      EXPECT_TRUE(r->io.stopped()) << "the client left work behind";
      server.clear_faults();
    }
  }
}

}  // namespace allocation_test
}  // namespace upsun::test
