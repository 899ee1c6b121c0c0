// What a client makes of a night in which the system was suspended: CLOCK_BOOTTIME has gone on, and
// CLOCK_MONOTONIC has stood still.

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <ctime>

#include <upsun/model/kinds.hpp>

#include "integration/harness.hpp"

namespace {

std::atomic<long> slept_seconds{0};

}  // namespace

/// In place of the system's, for this program.
extern "C" int clock_gettime(clockid_t which, timespec* now) noexcept {
  const auto failed = static_cast<int>(::syscall(SYS_clock_gettime, which, now));
  if (which == CLOCK_BOOTTIME) now->tv_sec += slept_seconds;
  return failed;
}

namespace upsun::testing {
namespace suspended_system_test {

using asio::awaitable;

void suspend_for(std::chrono::seconds time) { slept_seconds += time.count(); }

TEST(ASuspendedSystem, WakesWithoutIdleConnections) {
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    suspend_for(50s);
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().dials, 1u) << "it was idle for less than pool.idle_timeout";
    suspend_for(8h);
    (void)co_await client.async_update_integration({project(), integration_number(0)},
                                                   slack_patch().channel("#new"));
    EXPECT_EQ(client.statistics().dials, 2u)
        << "the change is not sent over last night's connection";
    EXPECT_EQ(server.statistics().connections, 2u);
  });
}

TEST(ASuspendedSystem, WakesWithATokenThatHasExpired) {
  sandbox server({.token_lifetime = 900s});
  auto config = config_for(server);
  config.credentials = api_token(server.api_token(), server.url());
  with_client(config, [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    suspend_for(8h);
    server.expire_access_tokens();
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(server.statistics().exchanges, 2u);
    EXPECT_EQ(client.statistics().attempts, 2u) << "the old one was not tried";
  });
}

TEST(ASuspendedSystem, WakesWithACacheThatHasExpired) {
  sandbox server;
  auto config = config_for(server);
  config.cache = {.max_entries = 10, .ttl = 60s};
  with_client(config, [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().cache_hits, 1u);
    suspend_for(60s);
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().cache_hits, 1u);
    EXPECT_EQ(client.statistics().revalidations, 1u);
  });
}

}  // namespace suspended_system_test
}  // namespace upsun::testing
