#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <upsun/client.hpp>
#include <upsun/testing/sandbox.hpp>

#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "conformance/failing_allocator.hpp"

// Each allocation that the initiation of a call makes fails in turn: the initiating function throws
// std::bad_alloc, the handler is not called, and nothing is left behind.

namespace upsun::test {
namespace allocation_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::sandbox;

client_config config_for(const sandbox& server) {
  return {.base_url = server.url(),
          .credentials = bearer_token(server.token()),
          .tls = {.ca_pem = server.ca_pem()},
          .retry = {.max_attempts = 1}};
}

/// A client on a context of its own, which the test's thread runs.
struct rig {
  explicit rig(client_config config) : user(io.get_executor(), std::move(config)) {}

  void begin() {
    user.async_get_integration(
        {project_id("project-0"), integration_id("integration-1")},
        asio::bind_cancellation_slot(cancel.slot(), [this](result<integration> outcome) {
          ++completions;
          got.emplace(std::move(outcome));
        }));
  }
  template <class Over>
  void run_until(Over over) {
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (!over() && std::chrono::steady_clock::now() < limit) {
      io.restart();
      io.run_one_until(limit);
    }
  }
  /// A whole call that meets no failure.
  void fetch() {
    const int before = completions;
    begin();
    run_until([&] { return completions > before; });
    EXPECT_EQ(completions, before + 1);
    EXPECT_TRUE(got && *got) << (got ? got->error() : error());
  }
  [[nodiscard]] bool idle() const {
    const client_statistics now = user.statistics();
    return now.leased == 0 && now.waiting == 0 && now.dialling == 0 && now.in_flight == 0;
  }

  asio::io_context io{1};
  asio::cancellation_signal cancel;
  client user;
  int completions = 0;
  std::optional<result<integration>> got;
};

/// The client goes on as before, closes, and leaves no work behind.
void expect_sound(rig& r) {
  r.fetch();
  r.run_until([&] { return r.idle(); });
  EXPECT_TRUE(r.idle());
  int closed = 0;
  r.user.async_close(0ms, [&](const result<close_report>& report) { closed += report ? 1 : 0; });
  r.run_until([&] { return closed > 0; });
  EXPECT_EQ(closed, 1);
  r.io.restart();
  r.io.run_for(20s);
  EXPECT_TRUE(r.io.stopped()) << "the client left work behind";
}

/// Begins calls with a failure at the first allocation, the second, and so on, until one meets
/// none.
template <class Prepare>
void fail_each_allocation(Prepare prepare) {
  std::size_t first = 1;
  for (bool met = true; met && !::testing::Test::HasFailure(); ++first) {
    SCOPED_TRACE("allocation " + std::to_string(first) + " fails");
    const std::unique_ptr<rig> r = prepare();
    const int before = r->completions;
    bool threw = false;
    {
      const allocation_failure failing(first);
      try {
        r->begin();
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      met = failing.met();
    }
    EXPECT_EQ(threw, met);
    if (threw) {
      EXPECT_TRUE(r->idle());
      r->io.restart();
      r->io.poll();
      EXPECT_EQ(r->completions, before);
      expect_sound(*r);
    } else {
      r->run_until([&] { return r->completions > before; });
      EXPECT_EQ(r->completions, before + 1);
    }
  }
  EXPECT_GT(first, 2U) << "nothing was allocated";
}

struct AllocationOfAnInitiation : ::testing::Test {
#if defined(UPSUN_ALLOCATIONS_DO_NOT_FAIL)
  void SetUp() override { GTEST_SKIP() << "allocations do not fail in this program"; }
#endif
};

TEST_F(AllocationOfAnInitiation, MayFailOnAPooledConnection) {
  const sandbox server;
  fail_each_allocation([&] {
    auto r = std::make_unique<rig>(config_for(server));
    r->fetch();
    return r;
  });
}

TEST_F(AllocationOfAnInitiation, MayFailWhenTheCallDials) {
  const sandbox server;
  fail_each_allocation([&] { return std::make_unique<rig>(config_for(server)); });
}

TEST_F(AllocationOfAnInitiation, MayFailOnAPooledConnectionThatTheServerHasClosed) {
  sandbox server;
  fail_each_allocation([&] {
    auto r = std::make_unique<rig>(config_for(server));
    r->fetch();
    server.close_connections();
    return r;
  });
}

TEST_F(AllocationOfAnInitiation, MayFailWhenTheCallLooksUpTheHost) {
  const sandbox server;
  fail_each_allocation([&] {
    client_config config = config_for(server);
    config.base_url = "https://localhost:" + std::to_string(server.port());
    return std::make_unique<rig>(std::move(config));
  });
}

}  // namespace allocation_test
}  // namespace upsun::test
