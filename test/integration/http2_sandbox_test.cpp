// The client over HTTP/2 against the sandbox: streams that share a connection, and each fault that
// a server can do to one of them or to all.

#include <nghttp2/nghttp2.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/responses.hpp"

namespace upsun::testing {
namespace http2_sandbox_test {

using asio::awaitable;
using code_counts = std::map<std::uint32_t, std::uint64_t>;

constexpr std::size_t kinds = 18;

/// Over plain TCP or TLS.
class Http2Sandbox : public ::testing::TestWithParam<bool> {
 protected:
  sandbox server{{.tls = GetParam(), .http = http_version::http2}};

  [[nodiscard]] client_config config() const {
    client_config made = config_for(server);
    made.http.version = http_version::http2;
    return made;
  }
  /// All streams on one connection.
  [[nodiscard]] client_config one_connection() const {
    client_config made = config();
    made.pool.max_connections = 1;
    return made;
  }

  struct outcomes {
    std::size_t begun = 0;
    std::map<std::size_t, result<integration>> ended{};  // by the call's number

    [[nodiscard]] bool complete() const { return ended.size() == begun; }
  };
  /// Makes calls until there are enough, so many at once.
  static void keep_busy(client& user, outcomes& of, std::size_t enough, std::size_t at_once) {
    for (; at_once > 0 && of.begun < enough; --at_once) {
      const std::size_t number = of.begun++;
      start_fetch(user, integration_number(number % kinds),
                  [&user, &of, enough, number](result<integration> got) {
                    EXPECT_TRUE(of.ended.emplace(number, std::move(got)).second);
                    keep_busy(user, of, enough, 1);
                  });
    }
  }
  /// Begins so many calls at once.
  static void start(client& user, outcomes& of, std::size_t count) {
    keep_busy(user, of, of.begun + count, count);
  }
  static void expect_right_values(const outcomes& of) {
    EXPECT_TRUE(of.complete());
    for (const auto& [number, got] : of.ended) {
      ASSERT_TRUE(got) << number << ": " << got.error();
      EXPECT_EQ(got->id, integration_number(number % kinds).str());
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Over, Http2Sandbox, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(Http2Sandbox, ManyCallsShareOneConnection) {
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    outcomes of;
    start(client, of, 500);
    co_await until([&] { return of.complete(); });
    expect_right_values(of);
  });
  const sandbox_statistics counted = server.statistics();
  EXPECT_EQ(counted.connections, 1u);
  EXPECT_EQ(counted.http2_connections, 1u);
  EXPECT_EQ(counted.requests, 500u);
  EXPECT_LE(counted.most_streams, 100u);
  EXPECT_EQ(counted.resets, code_counts());
}

TEST_P(Http2Sandbox, CancellingACallLeavesTheConnectionToOthers) {
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    server.inject({.kind = fault_kind::silent});
    asio::cancellation_signal cancel;
    std::optional<result<integration>> cancelled;
    start_fetch(client, cancel, [&](result<integration> got) { cancelled = std::move(got); });
    co_await until([&] { return server.statistics().requests == 1; });
    outcomes of;
    start(client, of, 50);
    cancel.emit(asio::cancellation_type::terminal);
    co_await until([&] { return of.complete() && cancelled; });
    EXPECT_EQ(cancelled->error(), errc::cancelled);
    expect_right_values(of);
    co_await until([&] { return server.statistics().streams == 0; });
  });
  EXPECT_EQ(server.statistics().resets, (code_counts{{NGHTTP2_CANCEL, 1}}));
  EXPECT_EQ(server.statistics().connections, 1u);
}

struct faulty_stream {
  const char* what;
  fault injected;
  std::optional<errc> code;  ///< Absent: the call succeeds.
  bool reusable;             ///< The connection carries the next call.
};

fault at(fault_kind kind, std::size_t bytes) { return {.kind = kind, .at = bytes}; }
fault reset(std::size_t bytes, std::uint32_t code) {
  return {.kind = fault_kind::reset_stream, .at = bytes, .code = code};
}
fault status_of(int status) { return {.kind = fault_kind::status, .status = status, .body = "{}"}; }

constexpr std::size_t beyond_body = 100'000;

const std::vector<faulty_stream> faulty_streams{
    {"nothing", {}, std::nullopt, true},
    {"a delay", {.kind = fault_kind::delay, .delay = 5ms}, std::nullopt, true},
    {"frames of one byte", {.kind = fault_kind::dribble}, std::nullopt, true},
    {"404", status_of(404), errc::not_found, true},
    {"503", status_of(503), errc::server_error, true},
    {"closing in place of a response",
     {.kind = fault_kind::close_before_reply},
     errc::connection_closed,
     false},
    {"closing in the body", at(fault_kind::truncate_at, 100), errc::connection_closed, false},
    {"closing after the response", {.kind = fault_kind::close_after}, std::nullopt, false},
    {"a RST in place of a response", at(fault_kind::reset_at, 0), errc::connection_reset, false},
    {"a RST in the body", at(fault_kind::reset_at, 100), errc::connection_reset, false},
    {"a RST after the response", at(fault_kind::reset_at, beyond_body), std::nullopt, false},
    {"a length too large by one", at(fault_kind::wrong_length, 1), errc::bad_response, true},
    {"no frame behind the response", {.kind = fault_kind::garbage_after}, std::nullopt, false},
    {"a reset in place of a response", reset(0, NGHTTP2_INTERNAL_ERROR), errc::connection_reset,
     true},
    {"a reset in the body", reset(100, NGHTTP2_INTERNAL_ERROR), errc::connection_reset, true},
    {"a reset before the end", reset(beyond_body, NGHTTP2_INTERNAL_ERROR), errc::connection_reset,
     true},
    {"a refused stream", reset(0, NGHTTP2_REFUSED_STREAM), std::nullopt, true},
    {"a head over the limit", at(fault_kind::long_head, 70'000), errc::header_limit, true},
    {"some PINGs", at(fault_kind::ping_flood, 500), std::nullopt, true},
    {"SETTINGS of one stream", at(fault_kind::max_streams, 1), std::nullopt, true},
    {"SETTINGS of a small window", at(fault_kind::small_window, 10), std::nullopt, true},
    {"no more WINDOW_UPDATE", {.kind = fault_kind::no_window_updates}, std::nullopt, true},
    {"the announced end", {.kind = fault_kind::goaway}, std::nullopt, false},
    {"the sudden end", {.kind = fault_kind::goaway_now}, std::nullopt, false},
};

TEST_P(Http2Sandbox, EachFaultEndsAsItMust) {
  for (const faulty_stream& each : faulty_streams) {
    SCOPED_TRACE(each.what);
    with_client(config(), [&](client& client) -> awaitable<void> {
      server.inject(each.injected);
      const auto got = co_await fetch(client);
      EXPECT_EQ(got.has_error() ? got.error().code() : error_code(),
                each.code ? make_error_code(*each.code) : error_code());
      server.clear_faults();
      const std::uint64_t before = server.statistics().connections;
      EXPECT_TRUE(co_await fetch(client));
      const bool redialled =
          server.statistics().connections > before || client.statistics().dials > 1;
      EXPECT_EQ(!redialled, each.reusable);
    });
  }
}

TEST_P(Http2Sandbox, FloodsEndTheConnectionAndTheNextCallHasAnother) {
  for (const fault& flood :
       {at(fault_kind::ping_flood, 200'000), at(fault_kind::long_head, 600'000)}) {
    with_client(config(), [&](client& client) -> awaitable<void> {
      server.inject(flood);
      const auto flooded = co_await fetch(client);
      EXPECT_TRUE(flooded.has_error());
      EXPECT_TRUE(co_await fetch(client));
      EXPECT_EQ(client.statistics().dials, 2u);
    });
  }
}

TEST_P(Http2Sandbox, AStallEndsByItsTimeLimitAndLeavesTheConnection) {
  with_growing_limit(100ms, [&](std::chrono::milliseconds limit) {
    bool reused = false;
    with_client(config(), [&](client& client) -> awaitable<void> {
      server.inject(at(fault_kind::stall_at, 100));
      const auto stalled = co_await fetch(client, call_options().attempt_timeout(limit));
      EXPECT_EQ(stalled.error(), errc::attempt_timeout);
      server.clear_faults();
      EXPECT_TRUE(co_await fetch(client));
      reused = client.statistics().dials == 1;  // where some of the body came in time
    });
    return reused;
  });
}

TEST_P(Http2Sandbox, SilenceOfAStreamHarmsNoOther) {
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    server.inject({.kind = fault_kind::silent}, 3);
    std::array<asio::cancellation_signal, 3> cancel;
    std::size_t ended = 0;
    for (asio::cancellation_signal& each : cancel)
      start_fetch(client, each, [&](const result<integration>&) { ++ended; });
    co_await until([&] { return server.statistics().requests == 3; });
    outcomes of;
    start(client, of, 100);
    co_await until([&] { return of.complete(); });
    expect_right_values(of);
    EXPECT_EQ(ended, 0u);
    for (asio::cancellation_signal& each : cancel) each.emit(asio::cancellation_type::terminal);
    co_await until([&] { return ended == 3; });
  });
  EXPECT_EQ(server.statistics().connections, 1u);
}

TEST_P(Http2Sandbox, AnAnnouncedEndCostsNoCall) {
  constexpr std::size_t calls = 1'000;
  for (std::size_t i = 0; i < calls / 20; ++i) {
    server.inject({}, 19);
    server.inject({.kind = fault_kind::goaway});
  }
  with_client(config(), [&](client& client) -> awaitable<void> {
    outcomes of;
    keep_busy(client, of, calls, 16);
    co_await until([&] { return of.ended.size() == calls; });
    expect_right_values(of);
  });
  EXPECT_GT(server.statistics().connections, 2u);
  EXPECT_GE(server.statistics().requests, calls);
}

// The client finds out when it cannot write any more. What came before has the responses, and says
// which requests were not processed.
TEST_P(Http2Sandbox, ASuddenEndCostsNoCallThatWasRespondedToOrNotProcessed) {
  constexpr std::size_t calls = 1'000;
  for (std::size_t i = 0; i < calls / 20; ++i) {
    server.inject({}, 19);
    server.inject({.kind = fault_kind::goaway_now});
  }
  with_client(config(), [&](client& client) -> awaitable<void> {
    outcomes of;
    keep_busy(client, of, calls, 16);
    co_await until([&] { return of.ended.size() == calls; });
    expect_right_values(of);
  });
}

TEST_P(Http2Sandbox, ASuddenEndCostsOnlyWhatMayHaveBeenProcessed) {
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    server.inject({.kind = fault_kind::silent});
    std::optional<error_code> lost;
    const integration_input input(slack_input(secret("xoxb"), "#ops"));
    client.async_create_integration(project(), input, call_options(), [&](const auto& got) {
      lost = got.has_error() ? got.error().code() : error_code();
    });
    co_await until([&] { return server.statistics().requests == 2; });
    server.inject({.kind = fault_kind::goaway_now, .delay = 20ms});
    outcomes of;
    start(client, of, 30);
    co_await until([&] { return of.complete() && lost; });
    expect_right_values(of);
    EXPECT_EQ(lost, make_error_code(errc::connection_closed));
    const auto all = co_await client.async_list_integrations(project());
    EXPECT_TRUE(all && all->size() == kinds + 1) << "the first was done, and once";
  });
  EXPECT_EQ(server.statistics().connections, 2u);
}

TEST_P(Http2Sandbox, WhatIsRefusedIsSentAgainAndDoneOnce) {
  with_client(config(), [&](client& client) -> awaitable<void> {
    const integration_input input(slack_input(secret("xoxb"), "#ops"));
    server.inject(reset(0, NGHTTP2_REFUSED_STREAM), 2);
    const auto made = co_await client.async_create_integration(project(), input);
    EXPECT_TRUE(made);
    const auto all = co_await client.async_list_integrations(project());
    EXPECT_TRUE(all && all->size() == kinds + 1);
    server.inject(reset(0, NGHTTP2_REFUSED_STREAM), 0);
    const auto refused = co_await fetch(client);
    EXPECT_TRUE(refused.has_error());
    server.clear_faults();
    EXPECT_TRUE(co_await fetch(client));
  });
  EXPECT_EQ(server.statistics().connections, 1u);
}

TEST_P(Http2Sandbox, CallsWaitWhileNoStreamIsAllowed) {
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    server.inject(at(fault_kind::max_streams, 0));
    EXPECT_TRUE(co_await fetch(client)) << "its response comes behind the SETTINGS";
    outcomes of;
    start(client, of, 40);
    server.set_max_streams(3);
    co_await until([&] { return of.complete(); });
    expect_right_values(of);
  });
  EXPECT_LE(server.statistics().most_streams, 3u);
  EXPECT_EQ(server.statistics().connections, 1u);
}

TEST_P(Http2Sandbox, ALimitOfStreamsIsKept) {
  server.set_max_streams(1);
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    outcomes of;
    start(client, of, 40);
    co_await until([&] { return of.complete(); });
    expect_right_values(of);
  });
  EXPECT_EQ(server.statistics().most_streams, 1u);
  EXPECT_EQ(server.statistics().connections, 1u);
}

TEST_P(Http2Sandbox, ABodyWaitsForItsWindow) {
  const integration_input input(slack_input(secret("xoxb"), "#" + std::string(500, 'x')));
  with_client(one_connection(), [&](client& client) -> awaitable<void> {
    server.inject(at(fault_kind::small_window, 7));
    EXPECT_TRUE(co_await fetch(client));
    const auto made = co_await client.async_create_integration(project(), input);
    EXPECT_TRUE(made);
    server.inject({.kind = fault_kind::no_window_updates});
    EXPECT_TRUE(co_await fetch(client));
    call_options options;
    options.attempt_timeout(100ms);
    const auto stalled = co_await client.async_create_integration(project(), input, options);
    EXPECT_EQ(stalled.error(), errc::attempt_timeout);
    EXPECT_TRUE(co_await fetch(client));
  });
}

/// The version that is chosen in the handshake.
TEST(Http2SandboxVersion, IsWhatBothSpeak) {
  sandbox one, two({.http = http_version::http2}), any({.http = http_version::automatic});
  const auto works = [](const sandbox& server, http_version version) {
    client_config config = config_for(server);
    config.http.version = version;
    return fetch_once(config).has_value();
  };
  EXPECT_TRUE(works(one, http_version::automatic));
  EXPECT_TRUE(works(one, http_version::http1));
  EXPECT_FALSE(works(one, http_version::http2));
  EXPECT_TRUE(works(two, http_version::automatic));
  EXPECT_FALSE(works(two, http_version::http1));
  EXPECT_TRUE(works(any, http_version::automatic));
  EXPECT_EQ(one.statistics().http2_connections, 0u);
  EXPECT_EQ(two.statistics().http2_connections, 1u);
  EXPECT_EQ(any.statistics().http2_connections, 1u);
}

TEST(Http2SandboxVersion, Http1RequiredIsServed) {
  sandbox server({.http = http_version::automatic});
  server.inject(reset(0, NGHTTP2_HTTP_1_1_REQUIRED));
  with_client(config_for(server), [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client));
    EXPECT_TRUE(co_await fetch(client));
  });
}

}  // namespace http2_sandbox_test
}  // namespace upsun::testing
