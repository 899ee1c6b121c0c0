#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <csignal>
#include <future>
#include <string>

#include "integration/harness.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace wire_test {

using test::scripted_options;
using test::scripted_server;
namespace act = upsun::test;

const std::string body = R"({"type":"health.slack","channel":"#ops"})";

std::string answer(const std::string& extra = "") {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + extra + "\r\n" + body;
}

client_config config_for(const scripted_server& server) {
  return watched({.base_url = server.url(),
                  .credentials = bearer_token("planted-secret"),
                  .tls = {.ca_pem = server.ca_pem()},
                  .retry = {.max_attempts = 1}});
}

result<integration> fetch_once(const client_config& config, call_options options = {}) {
  result<integration> outcome = errc::cancelled;
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, watched(config));
    outcome = co_await client.async_get_integration({project(), integration_number(0)}, options);
  });
  return outcome;
}

class Wire : public ::testing::TestWithParam<bool> {
 protected:
  const scripted_options over{.tls = GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Over, Wire, ::testing::Bool(), [](const auto& over) {
  return std::string(over.param ? "Tls" : "PlainTcp");
});

TEST_P(Wire, SendsOneWellFormedRequest) {
  const scripted_server server({act::read_head(), act::send(answer())}, over);
  EXPECT_TRUE(fetch_once(config_for(server), call_options().header("X-Trace", "7")));
  const std::string request = server.received();
  EXPECT_TRUE(
      request.starts_with("GET /projects/project-0/integrations/integration-0 HTTP/1.1\r\n"))
      << request;
  for (const char* line : {"\r\nHost: 127.0.0.1:", "\r\nAuthorization: Bearer planted-secret\r\n",
                           "\r\nAccept-Encoding: identity\r\n", "\r\nAccept: application/json",
                           "\r\nUser-Agent: upsun-cpp/", "\r\nX-Trace: 7\r\n"}) {
    EXPECT_NE(request.find(line), std::string::npos) << line << request;
  }
  EXPECT_EQ(request.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(request.ends_with("\r\n\r\n"));
}

TEST_P(Wire, ReadsAnAnswerThatComesByteByByte) {
  const scripted_server server({act::read_head(), act::send_slowly(answer())}, over);
  EXPECT_TRUE(fetch_once(config_for(server)));
}

TEST_P(Wire, SkipsInformationalResponses) {
  const scripted_server server(
      {act::read_head(),
       act::send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
                 answer())},
      over);
  EXPECT_TRUE(fetch_once(config_for(server)));
}

TEST_P(Wire, ReportsAConnectionThatEndsEarly) {
  const std::string whole = answer();
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{20},
                                whole.size() - body.size(), whole.size() - 1}) {
    for (const bool with_reset : {false, true}) {
      const scripted_server server({act::read_head(), act::send(whole.substr(0, cut)),
                                    with_reset ? act::reset() : act::close()},
                                   over);
      const auto got = fetch_once(config_for(server));
      ASSERT_FALSE(got) << cut;
      EXPECT_EQ(got.error(), condition::connection) << cut << got.error();
      EXPECT_EQ(server.connections(), 1u) << "a first use is not replayed";
      EXPECT_EQ(got.error().message().find("planted-secret"), std::string::npos);
    }
  }
}

TEST_P(Wire, SurvivesAResetWithTheDefaultDispositionOfSigpipe) {
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  const scripted_server server({act::reset()}, over);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(fetch_once(config_for(server)));
}

TEST_P(Wire, ReplaysOnceOnAFreshConnectionWhenAKeptOneWasClosed) {
  // The server closes between two requests, without the client having a chance to see it before it
  // sends.
  const scripted_server server(
      {{act::read_head(), act::send(answer()), act::read_head(), act::drop()},
       {act::read_head(), act::send(answer())}},
      over);
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, config_for(server));
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    const auto again = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_TRUE(again) << again.error();
    EXPECT_EQ(client.statistics().stale_replays, 1u);
    EXPECT_EQ(client.statistics().dials, 2u);
  });
}

TEST_P(Wire, DoesNotReplayTwice) {
  const scripted_server server(
      {{act::read_head(), act::send(answer()), act::read_head(), act::drop()},
       {act::read_head(), act::drop()}},
      over);
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, config_for(server));
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    EXPECT_EQ((co_await client.async_get_integration({project(), integration_number(0)})).error(),
              condition::connection);
    EXPECT_EQ(client.statistics().dials, 2u);
  });
  EXPECT_EQ(server.connections(), 2u);
}

TEST_P(Wire, DoesNotReplayOnceAByteOfAResponseCame) {
  const scripted_server server(
      {{act::read_head(), act::send(answer()), act::read_head(), act::send("H"), act::drop()},
       {act::read_head(), act::send(answer())}},
      over);
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, config_for(server));
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    EXPECT_EQ((co_await client.async_get_integration({project(), integration_number(0)})).error(),
              condition::connection);
    EXPECT_EQ(client.statistics().stale_replays, 0u);
  });
}

TEST_P(Wire, NeverTakesStrayBytesForAnAnswer) {
  const scripted_server server(
      {{act::read_head(),
        act::send(answer() + "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
        act::read_to_end()},
       {act::read_head(), act::send(answer())}},
      over);
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, config_for(server));
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    const auto again = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_TRUE(again) << again.error();
    EXPECT_EQ(client.statistics().dials, 2u);
  });
}

TEST_P(Wire, NoticesStrayBytesOnAnIdleConnection) {
  std::promise<void> go;
  auto may_go = go.get_future().share();
  const scripted_server server(
      {act::read_head(), act::send(answer()), act::run([may_go] { may_go.wait(); }),
       act::send("HTTP/1.1 408 Request Timeout\r\n\r\n"), act::read_to_end()},
      over);
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    client client(executor, config_for(server));
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    EXPECT_EQ(client.statistics().idle, 1u);
    go.set_value();
    while (client.statistics().idle == 1) co_await asio::post(executor, asio::use_awaitable);
    EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::dead)], 1u);
  });
}

TEST_P(Wire, NeverTakesWhatAWarmConnectionSaidUnaskedForAnAnswer) {
  std::promise<void> said;
  const scripted_server server(
      {{act::send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
        act::run([&] { said.set_value(); }), act::read_to_end()},
       {act::read_head(), act::send(answer())}},
      over);
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    auto config = config_for(server);
    config.pool.min_connections = 1;
    client client(executor, config);
    while (client.statistics().dialling > 0) co_await asio::post(executor, asio::use_awaitable);
    // Without letting the client see events: longer than it takes a connection for alive unseen.
    said.get_future().wait();
    const auto rested = std::chrono::steady_clock::now() + 3ms;
    while (std::chrono::steady_clock::now() < rested) std::this_thread::yield();
    const auto got = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_TRUE(got) << got.error();
  });
}

TEST_P(Wire, DoesNotReuseAConnectionThatSaysClose) {
  const scripted_server server(
      {act::read_head(), act::send(answer("Connection: close\r\n")), act::read_to_end()}, over);
  run([&]() -> asio::awaitable<void> {
    client client(co_await asio::this_coro::executor, config_for(server));
    for (int i = 0; i < 3; ++i)
      EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    EXPECT_EQ(client.statistics().dials, 3u);
  });
}

TEST_P(Wire, ReadsABodyToTheEndOfTheConnection) {
  const scripted_server server(
      {act::read_head(), act::send("HTTP/1.1 200 OK\r\n\r\n" + body), act::close()}, over);
  EXPECT_TRUE(fetch_once(config_for(server)));
}

TEST_P(Wire, HoldsTheLimitsItWasGiven) {
  auto expect = [&](const std::string& reply, const limit_options& limits, errc code,
                    const std::string& named) {
    const scripted_server server({act::read_head(), act::send(reply), act::read_to_end()}, over);
    auto config = config_for(server);
    config.limits = limits;
    const auto got = fetch_once(config);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), code) << got.error();
    EXPECT_EQ(got.error(), condition::limit_exceeded);
    EXPECT_NE(got.error().message().find(named), std::string::npos) << got.error();
  };
  expect(answer(), {.body_bytes = body.size() - 1}, errc::body_limit, "limits.body_bytes");
  expect(answer("X-A: " + std::string(2000, 'a') + "\r\n"), {.header_bytes = 1024},
         errc::header_limit, "limits.header_bytes");
  expect(answer("X-A: 1\r\nX-B: 1\r\n"), {.header_fields = 3}, errc::header_limit,
         "limits.header_fields");
  expect("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + answer(),
         {.informational_responses = 1}, errc::header_limit, "limits.informational_responses");
}

TEST_P(Wire, RefusesWhatIsNotHttp) {
  const scripted_server server(
      {act::read_head(), act::send("220 mail.example ESMTP\r\n"), act::read_to_end()}, over);
  EXPECT_EQ(fetch_once(config_for(server)).error(), condition::protocol);
}

TEST(WireTls, ReportsATruncatedBodyThatOnlyTheEndOfTheStreamWouldEnd) {
  const scripted_server server(
      {act::read_head(), act::send("HTTP/1.1 200 OK\r\n\r\n" + body), act::drop()}, {.tls = true});
  const auto got = fetch_once(config_for(server));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(), errc::tls_failed) << got.error();
}

TEST(WireTls, ReportsPlainHttpOnTheTlsPort) {
  const scripted_server server({act::send("HTTP/1.1 400 Bad Request\r\n\r\n"), act::close()});
  auto config = config_for(server);
  config.base_url = "https" + config.base_url.substr(4);
  EXPECT_EQ(fetch_once(config).error(), errc::tls_handshake_failed);
}

TEST(WireDial, SaysThatNobodyListens) {
  client_config config;
  {
    const scripted_server gone({act::close()});
    config = config_for(gone);
  }
  const auto got = fetch_once(config);
  EXPECT_EQ(got.error(), errc::connect_failed) << got.error();
  EXPECT_EQ(got.error().phase(), phase::connect);
  EXPECT_NE(got.error().message().find("refused"), std::string::npos) << got.error();
}

TEST(WireDial, SaysThatANameDoesNotResolve) {
  const auto got =
      fetch_once({.base_url = "https://no-such-host.invalid", .retry = {.max_attempts = 1}});
  EXPECT_EQ(got.error(), errc::resolve_failed) << got.error();
  EXPECT_EQ(got.error().phase(), phase::resolve);
}

TEST(WireDial, GivesUpAHandshakeThatStalls) {
  const scripted_server server({act::stall()});
  auto config = config_for(server);
  config.base_url = "https" + config.base_url.substr(4);
  config.timeouts.connect = 30ms;
  const auto got = fetch_once(config);
  EXPECT_EQ(got.error(), errc::connect_timeout) << got.error();
  EXPECT_EQ(got.error().phase(), phase::handshake);
}

TEST(WireDial, KeepsTheConnectionOfACallThatWasCancelledMeanwhile) {
  std::promise<void> go;
  auto may_go = go.get_future().share();
  const scripted_server server({act::read_head(), act::send(answer())});
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    client client(executor, config_for(server));
    asio::cancellation_signal cancel;
    bool ended = false;
    client.async_get_integration(
        {project(), integration_number(0)},
        asio::bind_cancellation_slot(cancel.slot(), [&](const result<integration>& got) {
          EXPECT_EQ(got.error(), condition::cancelled);
          ended = true;
        }));
    cancel.emit(asio::cancellation_type::terminal);
    while (!ended || client.statistics().dialling > 0)
      co_await asio::post(executor, asio::use_awaitable);
    EXPECT_EQ(client.statistics().idle, 1u);
    EXPECT_TRUE(co_await client.async_get_integration({project(), integration_number(0)}));
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST(WirePool, RefusesACallWhenTheQueueIsFull) {
  const scripted_server server({act::read_head(), act::stall()});
  run([&]() -> asio::awaitable<void> {
    auto config = config_for(server);
    config.pool.max_connections = 1;
    config.pool.max_waiters = 1;
    client client(co_await asio::this_coro::executor, config);
    for (int i = 0; i < 2; ++i)
      client.async_get_integration({project(), integration_number(0)},
                                   [](const result<integration>&) {});
    const auto third = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_EQ(third.error(), errc::queue_full);
    EXPECT_EQ(third.error(), condition::pool_exhausted);
    EXPECT_TRUE(third.error().safe_to_retry());
  });
}

TEST(WirePool, TellsAWaiterWhoseTimeIsUpWhatItWaitedFor) {
  const scripted_server server({act::read_head(), act::stall()});
  run([&]() -> asio::awaitable<void> {
    auto config = config_for(server);
    config.pool.max_connections = 1;
    config.pool.acquire_timeout = 20ms;
    client client(co_await asio::this_coro::executor, config);
    client.async_get_integration({project(), integration_number(0)},
                                 [](const result<integration>&) {});
    while (client.statistics().leased == 0)
      co_await asio::post(client.get_executor(), asio::use_awaitable);
    const auto second = co_await client.async_get_integration({project(), integration_number(0)});
    EXPECT_EQ(second.error(), errc::acquire_timeout);
    EXPECT_EQ(second.error().phase(), phase::queue);
    EXPECT_NE(second.error().message().find("every connection was in use"), std::string::npos)
        << second.error();
    EXPECT_EQ(client.statistics().acquire_timeouts, 1u);
  });
}

TEST(WirePool, WarmsUpToItsMinimumAndReplacesWhatDies) {
  const scripted_server server({{act::read_head(), act::send(answer("Connection: close\r\n"))},
                                {act::read_head(), act::send(answer())}});
  run([&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    auto config = config_for(server);
    config.pool.min_connections = 3;
    client client(executor, config);
    while (client.statistics().idle < 3) co_await asio::post(executor, asio::use_awaitable);
    EXPECT_EQ(client.statistics().dials, 3u);
  });
}

}  // namespace wire_test
}  // namespace upsun::testing
