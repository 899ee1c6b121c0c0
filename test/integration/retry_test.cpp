#include <vector>

#include "integration/harness.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace retry_test {

using asio::awaitable;

/// Retries without delays, so that tests are quick.
constexpr retry_options at_once{.base = 0ms, .throttled_base = 0ms};

/// Long enough for whatever a test does meanwhile.
const std::vector<std::pair<std::string, std::string>> come_back_later{{"Retry-After", "5"}};

client_config retrying(const sandbox& server, const retry_options& retry = at_once) {
  client_config config = config_for(server);
  config.retry = retry;
  return config;
}

TEST(Retry, HealsEveryTransientFailure) {
  const std::pair<const char*, fault> cases[]{
      {"closed", {.kind = fault_kind::close_before_reply}},
      {"reset", {.kind = fault_kind::reset_at, .at = 40}},
      {"truncated", {.kind = fault_kind::truncate_at, .at = 200}},
      {"408", {.kind = fault_kind::status, .status = 408}},
      {"429", {.kind = fault_kind::status, .status = 429}},
      {"500", {.kind = fault_kind::status, .status = 500}},
      {"502",
       {.kind = fault_kind::status,
        .status = 502,
        .body = "<html>Bad Gateway</html>",
        .content_type = "text/html"}},
      {"503", {.kind = fault_kind::status, .status = 503, .headers = {{"Retry-After", "0"}}}},
      {"504", {.kind = fault_kind::status, .status = 504}},
  };
  sandbox server;
  for (const auto& [name, transient] : cases) {
    server.inject(transient, 2);
    response_info info;
    const auto got = fetch_once(retrying(server), call_options().info(&info));
    EXPECT_TRUE(got) << name << got.error();
    EXPECT_EQ(info.attempts, 3u) << name;
    server.clear_faults();
  }
}

TEST(Retry, HealsAnAttemptThatTookTooLong) {
  sandbox server;
  server.inject({.kind = fault_kind::silent});
  retry_options often = at_once;
  often.max_attempts = 50;
  response_info info;
  EXPECT_TRUE(
      fetch_once(retrying(server, often), call_options().attempt_timeout(50ms).info(&info)));
  EXPECT_GE(info.attempts, 2u);
}

TEST(Retry, SendsARequestWithAFinalResponseOnlyOnce) {
  sandbox server;
  with_client(retrying(server), [&](client& client) -> awaitable<void> {
    for (const int status : {302, 400, 401, 402, 403, 404, 409, 418, 499, 501, 505}) {
      server.inject({.kind = fault_kind::status, .status = status});
      const auto before = server.statistics().requests;
      const auto got = co_await fetch(client);
      EXPECT_FALSE(got) << status;
      EXPECT_EQ(server.statistics().requests, before + 1) << status;
      EXPECT_EQ(got.error().details().attempts, 1u) << status;
    }
    for (const char* broken :
         {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "not HTTP at all\r\n\r\n"}) {
      server.inject({.kind = fault_kind::raw, .body = broken});
      const auto before = server.statistics().requests;
      EXPECT_EQ((co_await fetch(client)).error(), condition::protocol);
      EXPECT_EQ(server.statistics().requests, before + 1);
    }
  });
}

TEST(Retry, EndsInTheLastFailureAndReportsTheAttempts) {
  sandbox server;
  server.inject({.kind = fault_kind::status, .status = 502}, 2);
  server.inject({.kind = fault_kind::status, .status = 503}, 0);
  const auto got = fetch_once(retrying(server));
  EXPECT_EQ(got.error().status(), 503);
  EXPECT_EQ(got.error().details().attempts, 3u);
  EXPECT_EQ(server.statistics().requests, 3u);
}

TEST(Retry, FollowsTheOptionsOfTheCall) {
  sandbox server;
  server.inject({.kind = fault_kind::status, .status = 503}, 0);
  with_client(retrying(server), [&](client& client) -> awaitable<void> {
    retry_options options = at_once;
    for (const unsigned attempts : {1U, 2U, 7U}) {
      options.max_attempts = attempts;
      const auto got = co_await fetch(client, call_options().retry(options));
      EXPECT_EQ(got.error().details().attempts, attempts);
    }
    options.max_attempts = 0;
    const auto refused = co_await fetch(client, call_options().retry(options));
    EXPECT_EQ(refused.error(), errc::invalid_argument);
  });
}

TEST(Retry, IsNotMadeWhenItWouldNotFitTheDeadline) {
  sandbox server;
  server.inject({.kind = fault_kind::status, .status = 429, .headers = come_back_later}, 0);
  const auto got = fetch_once(retrying(server), call_options().timeout(4s));
  EXPECT_EQ(got.error(), condition::rate_limited);
  EXPECT_NE(got.error().message().find("would not fit the deadline"), std::string::npos)
      << got.error();
  EXPECT_EQ(got.error().details().retry_after, 5s);
  EXPECT_EQ(server.statistics().requests, 1u);
}

TEST(Retry, SparesAHostThatThrottles) {
  sandbox server;
  server.inject({.kind = fault_kind::status, .status = 503, .headers = come_back_later});
  with_client(retrying(server), [&](client& client) -> awaitable<void> {
    (void)co_await fetch(client, call_options().timeout(4s));
    const auto other = co_await fetch(client, integration_number(1), call_options().timeout(4s));
    EXPECT_EQ(other.error(), condition::rate_limited);
    EXPECT_EQ(other.error().details().attempts, 0u);
    EXPECT_TRUE(other.error().safe_to_retry());
  });
  EXPECT_EQ(server.statistics().requests, 1u);
}

// The server must not be drowned by those who try again, and calls must succeed again once it is
// back.
TEST(Retry, AddsLittleToATotalOutageOfTenThousandCallsAndRecovers) {
  constexpr std::size_t calls = 10'000;
  sandbox server({.tls = false});
  server.inject({.kind = fault_kind::status, .status = 503}, 0);
  asio::io_context io;
  client_config config = retrying(server);
  config.pool.max_waiters = 20'000;
  client client(io.get_executor(), config);
  std::size_t failed = 0;
  std::size_t out_of_budget = 0;
  for (std::size_t i = 0; i < calls; ++i) {
    start_fetch(client, integration_number(i % 18), [&](const result<integration>& got) {
      failed += got ? 0 : 1;
      out_of_budget +=
          !got && got.error().message().find("retry budget is used up") != std::string::npos ? 1
                                                                                             : 0;
    });
  }
  while (failed < calls && io.run_one() != 0) {
  }
  EXPECT_EQ(failed, calls);
  EXPECT_LE(server.statistics().requests, calls * 12 / 10);
  EXPECT_GT(out_of_budget, calls / 2);

  server.clear_faults();
  std::size_t succeeded = 0;
  for (std::size_t i = 0; i < 1'000; ++i) {
    start_fetch(client, integration_number(i % 18),
                [&](const result<integration>& got) { succeeded += got ? 1 : 0; });
  }
  client.async_close(60s, asio::detached);
  io.run();
  EXPECT_EQ(succeeded, 1'000u);
}

// ---- tracing

TEST(Trace, IsHandedOnWithAParentIdOfItsOwnForEachAttempt) {
  const std::string head = "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n";
  test::scripted_server server(
      test::script{test::read_head(), test::send(head), test::read_head(), test::send(head)});
  client_config config;
  config.base_url = server.url();
  config.retry = at_once;
  config.retry.max_attempts = 2;
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-";
  with_client(prepared(config), [&](client& client) -> awaitable<void> {
    (void)co_await fetch(client, call_options().trace(trace + "00f067aa0ba902b7-01", "rojo=1"));
    const auto refused = co_await fetch(client, call_options().trace(trace + "0-01"));
    EXPECT_EQ(refused.error(), errc::invalid_argument);
  });
  const std::string received = server.received();
  const std::size_t first = received.find("traceparent: " + trace);
  const std::size_t second = received.find("traceparent: " + trace, first + 1);
  ASSERT_NE(second, std::string::npos) << received;
  EXPECT_NE(received.substr(first, 68), received.substr(second, 68));
  EXPECT_EQ(received.find("00f067aa0ba902b7"), std::string::npos);
  EXPECT_NE(received.find("tracestate: rojo=1\r\n", second), std::string::npos);
}

}  // namespace retry_test
}  // namespace upsun::testing
