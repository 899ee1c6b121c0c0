#include <atomic>

#include "integration/harness.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::testing {
namespace tls_resumption_test {

using asio::awaitable;

/// One call, on a new connection.
awaitable<result<integration>> reconnect(client& through, sandbox& server) {
  server.close_connections();
  co_return co_await fetch(through);
}

TEST(TlsResumption, EveryReconnectResumes) {
  sandbox server;
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 50; ++i) {
      const auto got = co_await reconnect(client, server);
      EXPECT_TRUE(got) << got.error();
    }
  });
  EXPECT_EQ(server.statistics().handshakes, 50u);
  EXPECT_EQ(server.statistics().resumed_handshakes, 49u);
}

TEST(TlsResumption, TakesAnOption) {
  sandbox server;
  client_config config = config_for(server);
  config.tls.session_tickets = false;
  with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(co_await reconnect(client, server));
  });
  EXPECT_EQ(server.statistics().handshakes, 3u);
  EXPECT_EQ(server.statistics().resumed_handshakes, 0u);
}

TEST(TlsResumption, NeverCrossesVerifySettings) {
  sandbox server;
  client_config trusting = config_for(server);
  trusting.tls = {.dangerous_accept_any_certificate = true};
  client_config strict = config_for(server);
  strict.tls = {.ca_pem = certificate_authority("Another authority").pem()};
  client_config pinning = config_for(server);
  pinning.tls.pinned_keys = {"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
  run([&]() -> awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    client careless(executor, trusting);
    client first(executor, strict);
    client second(executor, pinning);
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(co_await reconnect(careless, server));
      for (client* careful : {&first, &second}) {
        const auto got = co_await reconnect(*careful, server);
        EXPECT_FALSE(got);
        if (!got) {
          EXPECT_EQ(got.error(), errc::tls_certificate_refused) << got.error();
        }
      }
    }
  });
  EXPECT_EQ(server.statistics().resumed_handshakes, 2u) << "of the careless one alone";
}

TEST(TlsResumption, ClientsOfTheSameSettingsShareNothing) {
  sandbox server;
  for (int i = 0; i < 2; ++i) {
    with_client(config_for(server), [&](client& client) -> awaitable<void> {
      EXPECT_TRUE(co_await reconnect(client, server));
    });
  }
  EXPECT_EQ(server.statistics().resumed_handshakes, 0u);
}

TEST(TlsResumption, HoldsOnManyThreads) {
  sandbox server({.threads = 2});
  server.inject({.kind = fault_kind::close_after}, 0);
  client_config config = config_for(server);
  config.pool.max_connections = 4;
  asio::io_context io;
  client client(io.get_executor(), config);
  std::atomic<int> good = 0;
  std::atomic<int> at_work = 8;
  for (int caller = at_work; caller > 0; --caller) {
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
          for (int i = 0; i < 20; ++i) {
            const auto got = co_await fetch(client);
            EXPECT_TRUE(got) << got.error();
            if (got) ++good;
          }
          if (--at_work == 0) client.async_close(0s, asio::detached);
        },
        [](const std::exception_ptr& thrown) { EXPECT_FALSE(thrown); });
  }
  run_on_threads(io, 4);
  EXPECT_EQ(good, 160);
  EXPECT_GT(server.statistics().resumed_handshakes, 0u);
  EXPECT_LT(server.statistics().resumed_handshakes, server.statistics().handshakes);
}

}  // namespace tls_resumption_test
}  // namespace upsun::testing
