#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <csignal>
#include <future>
#include <memory>
#include <string>

#include "integration/harness.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace wire_test {

namespace act = upsun::test;
using asio::awaitable;
using test::json_response;
using test::scripted_options;
using test::scripted_server;
using test::slack_document;

/// One request is read and this sent.
test::script respond(const std::string& response = json_response()) {
  return {act::read_head(), act::send(response)};
}

client_config config_for(const scripted_server& server) {
  return prepared({.base_url = server.url(),
                   .credentials = bearer_token("planted-secret"),
                   .tls = {.ca_pem = server.ca_pem()},
                   .retry = {.max_attempts = 1}});
}

class Wire : public ::testing::TestWithParam<bool> {
 protected:
  const scripted_options over{.tls = GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Over, Wire, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(Wire, SendsOneWellFormedRequest) {
  const scripted_server server(respond(), over);
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

TEST_P(Wire, ReportsAConnectionThatEndsEarly) {
  const std::string whole = json_response();
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{20},
                                whole.size() - slack_document.size(), whole.size() - 1}) {
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

void expect_refusals(client_config config, int status, errc code) {
  const std::string script(std::size_t{4} << 20U, 'x');
  const integration_input input = script_input(script);
  const integration_patch patch = script_patch().script(script);
  const integration_ref which(project(), integration_number(0));
  with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      const auto created = co_await client.async_create_integration(project(), input);
      const auto updated = co_await client.async_update_integration(which, patch);
      for (const auto* got : {&created, &updated}) {
        EXPECT_EQ(got->error(), code) << got->error();
        EXPECT_EQ(got->error().status(), status);
      }
    }
    EXPECT_EQ(client.statistics().open(), 0u) << "the connections are of no further use";
    EXPECT_EQ(client.statistics().reuses, 0u);
  });
}

TEST_P(Wire, TakesTheResponseOfAServerThatClosesBeforeItHasReadTheRequest) {
  const auto serve = [](const std::string& status, const test::step& end) {
    const std::string fields = "\r\nConnection: close\r\nContent-Length: 2\r\n\r\n";
    return test::script{act::read_head(), act::send("HTTP/1.1 " + status + fields + "{}"), end};
  };
  const scripted_server large(serve("413 Content Too Large", act::close()), over);
  expect_refusals(config_for(large), 413, errc::request_rejected);
  const scripted_server unauthorized(serve("401 Unauthorized", act::drop()), over);
  expect_refusals(config_for(unauthorized), 401, errc::unauthorized);
}

TEST_P(Wire, SurvivesAResetWithTheDefaultDispositionOfSigpipe) {
  ASSERT_EQ(std::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  const scripted_server server({act::reset()}, over);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(fetch_once(config_for(server)));
}

/// Responds to one request, and closes when another has come: the client could not see it before.
test::script close_at_the_second_request() {
  return {act::read_head(), act::send(json_response()), act::read_head(), act::drop()};
}

TEST_P(Wire, ReplaysOnceOnAFreshConnectionWhenAnIdleOneWasClosed) {
  const scripted_server server({close_at_the_second_request(), respond()}, over);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    const auto again = co_await fetch(client);
    EXPECT_TRUE(again) << again.error();
    EXPECT_EQ(client.statistics().stale_replays, 1u);
    EXPECT_EQ(client.statistics().dials, 2u);
  });
}

TEST_P(Wire, DoesNotReplayTwice) {
  const scripted_server server({close_at_the_second_request(), {act::read_head(), act::drop()}},
                               over);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ((co_await fetch(client)).error(), condition::connection);
    EXPECT_EQ(client.statistics().dials, 2u);
  });
  EXPECT_EQ(server.connections(), 2u);
}

TEST_P(Wire, NoticesStrayBytesOnAnIdleConnection) {
  std::promise<void> go;
  auto may_go = go.get_future().share();
  const scripted_server server(
      {act::read_head(), act::send(json_response()), act::run([may_go] { may_go.wait(); }),
       act::send("HTTP/1.1 408 Request Timeout\r\n\r\n"), act::read_to_end()},
      over);
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().idle, 1u);
    go.set_value();
    co_await until([&] { return client.statistics().idle != 1; });
    EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::dead)], 1u);
  });
}

TEST_P(Wire, NeverTakesWhatAWarmConnectionSentUnaskedForAResponse) {
  std::promise<void> sent;
  const scripted_server server(
      {{act::send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
        act::run([&] { sent.set_value(); }), act::read_to_end()},
       respond()},
      over);
  auto config = config_for(server);
  config.pool.min_connections = 1;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await until([&] { return client.statistics().dialling == 0; });
    // The client sees no events for longer than it takes an idle connection to be alive unchecked.
    sent.get_future().wait();
    const auto rested = std::chrono::steady_clock::now() + 3ms;
    while (std::chrono::steady_clock::now() < rested) std::this_thread::yield();
    const auto got = co_await fetch(client);
    EXPECT_TRUE(got) << got.error();
  });
}

TEST_P(Wire, HoldsItsLimits) {
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
  expect(json_response(), {.body_bytes = slack_document.size() - 1}, errc::body_limit,
         "limits.body_bytes");
  expect(json_response("X-A: " + std::string(2000, 'a') + "\r\n"), {.header_bytes = 1024},
         errc::header_limit, "limits.header_bytes");
  expect(json_response("X-A: 1\r\nX-B: 1\r\n"), {.header_fields = 3}, errc::header_limit,
         "limits.header_fields");
  expect("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + json_response(),
         {.informational_responses = 1}, errc::header_limit, "limits.informational_responses");
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

TEST(WireDial, EndsAStalledHandshakeByTheConnectTimeout) {
  const scripted_server server({act::stall()});
  auto config = config_for(server);
  config.base_url = "https" + config.base_url.substr(4);
  with_growing_limit(30ms, [&](std::chrono::milliseconds limit) {
    config.timeouts.connect = limit;
    const auto got = fetch_once(config);
    EXPECT_EQ(got.error(), errc::connect_timeout) << got.error();
    return got.error().phase() == phase::handshake;
  });
}

TEST(WireDial, KeepsTheConnectionOfACallThatWasCancelledMeanwhile) {
  const scripted_server server(respond());
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    asio::cancellation_signal cancel;
    bool ended = false;
    start_fetch(client, cancel, [&](const result<integration>& got) {
      EXPECT_EQ(got.error(), condition::cancelled);
      ended = true;
    });
    cancel.emit(asio::cancellation_type::terminal);
    co_await until([&] { return ended && client.statistics().dialling == 0; });
    EXPECT_EQ(client.statistics().idle, 1u);
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_EQ(client.statistics().dials, 1u);
  });
}

TEST(WirePool, RefusesACallWhenTheQueueIsFull) {
  const scripted_server server({act::read_head(), act::stall()});
  auto config = config_for(server);
  config.pool.max_connections = 1;
  config.pool.max_waiters = 1;
  with_client(config, [&](client& client) -> awaitable<void> {
    for (int i = 0; i < 2; ++i) start_fetch(client, asio::detached);
    const auto third = co_await fetch(client);
    EXPECT_EQ(third.error(), errc::queue_full);
    EXPECT_EQ(third.error(), condition::pool_exhausted);
    EXPECT_TRUE(third.error().safe_to_retry());
  });
}

TEST(WirePool, DialsAgainForAWaiterWhileAnotherCallHangs) {
  run([]() -> awaitable<void> {
    using asio::ip::tcp;
    const auto executor = co_await asio::this_coro::executor;
    tcp::acceptor listener(executor, {asio::ip::address_v4::loopback(), 0});
    const tcp::endpoint where = listener.local_endpoint();
    client client(executor,
                  prepared({.base_url = "http://127.0.0.1:" + std::to_string(where.port()),
                            .retry = {.max_attempts = 1}}));
    start_fetch(client, asio::detached);
    const tcp::socket silent = co_await listener.async_accept(asio::use_awaitable);
    listener.close();
    const auto fetched = std::make_shared<bool>(false);
    start_fetch(client, [fetched](const result<integration>& got) {
      EXPECT_TRUE(got) << got.error();
      *fetched = true;
    });
    co_await until([&] { return client.statistics().dial_failures == 1; });
    listener = tcp::acceptor(executor, where);
    tcp::socket responds = co_await listener.async_accept(asio::use_awaitable);
    std::string request;
    co_await asio::async_read_until(responds, asio::dynamic_buffer(request), "\r\n\r\n",
                                    asio::use_awaitable);
    const std::string response = json_response();
    co_await asio::async_write(responds, asio::buffer(response), asio::use_awaitable);
    co_await until([&] { return *fetched; });
    EXPECT_EQ(client.statistics().leased, 1u) << "the first still hangs";
  });
}

TEST(WirePool, ReportsWhatAWaiterWhoseTimeIsUpWaitedFor) {
  const scripted_server server({act::read_head(), act::stall()});
  auto config = config_for(server);
  config.pool.max_connections = 1;
  config.pool.acquire_timeout = 20ms;
  with_client(config, [&](client& client) -> awaitable<void> {
    start_fetch(client, asio::detached);
    co_await until([&] { return client.statistics().leased != 0; });
    const auto second = co_await fetch(client);
    EXPECT_EQ(second.error(), errc::acquire_timeout);
    EXPECT_EQ(second.error().phase(), phase::queue);
    EXPECT_NE(second.error().message().find("every connection was in use"), std::string::npos)
        << second.error();
    EXPECT_EQ(client.statistics().acquire_timeouts, 1u);
  });
}

TEST(WirePool, WarmsUpToItsMinimumAndReplacesWhatDies) {
  const scripted_server server({respond(json_response("Connection: close\r\n")), respond()});
  auto config = config_for(server);
  config.pool.min_connections = 3;
  with_client(config, [&](client& client) -> awaitable<void> {
    co_await until([&] { return client.statistics().idle >= 3; });
    EXPECT_EQ(client.statistics().dials, 3u);
  });
}

/// Ends each new connection at the server, and lets the client notice, before its pool has it.
class ending_observer final : public observer {
 public:
  ending_observer(asio::io_context& io, asio::ip::tcp::acceptor& listener)
      : io_(io), listener_(listener) {}
  void on_attempt(const attempt_event& event) noexcept override {
    if (event.what != attempt_event::kind::dialled) return;
    listener_.accept().close();
    io_.poll();
  }

 private:
  asio::io_context& io_;
  asio::ip::tcp::acceptor& listener_;
};

TEST(WirePool, ForgetsAConnectionThatEndsBeforeItsFirstLease) {
  asio::io_context io;
  asio::ip::tcp::acceptor listener(io, {asio::ip::address_v4::loopback(), 0});
  const client client(
      io.get_executor(),
      {.base_url = "http://127.0.0.1:" + std::to_string(listener.local_endpoint().port()),
       .pool = {.min_connections = 1},
       .observer = std::make_shared<ending_observer>(io, listener)});
  while (client.statistics().dialling > 0) io.run_one();
  EXPECT_EQ(client.statistics().idle, 0u);
  EXPECT_EQ(client.statistics().evictions[static_cast<std::size_t>(eviction::dead)], 1u);
}

}  // namespace wire_test
}  // namespace upsun::testing
