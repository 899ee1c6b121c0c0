// What a caller sees of each fault of the sandbox, and what is left of the connection.

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "integration/load.hpp"
#include "support/responses.hpp"

namespace upsun::testing {
namespace sandbox_faults_test {

using asio::awaitable;

struct faulty_response {
  const char* what;
  fault injected;
  std::optional<errc> code;  ///< Absent: the call succeeds all the same.
  bool reusable;             ///< The connection carries the next call.
};

fault cut(fault_kind kind, std::size_t at) { return {.kind = kind, .at = at}; }
fault responded(int status, std::string body = {}, std::string content_type = {}) {
  return {.kind = fault_kind::status,
          .status = status,
          .body = std::move(body),
          .content_type = std::move(content_type)};
}
fault raw(std::string bytes) { return {.kind = fault_kind::raw, .body = std::move(bytes)}; }

constexpr std::size_t in_head = 40;
constexpr std::size_t in_body = 300;
constexpr std::size_t beyond = 100'000;

const std::vector<faulty_response> faulty_responses{
    {"nothing", {}, std::nullopt, true},
    {"a delay", {.kind = fault_kind::delay, .delay = 5ms}, std::nullopt, true},
    {"a response byte by byte", {.kind = fault_kind::dribble}, std::nullopt, true},
    {"silence", {.kind = fault_kind::silent}, errc::attempt_timeout, false},
    {"closing in place of a response",
     {.kind = fault_kind::close_before_reply},
     errc::connection_closed,
     false},
    {"a reset in place of a response", cut(fault_kind::reset_at, 0), errc::connection_reset, false},
    {"a reset in the head", cut(fault_kind::reset_at, in_head), errc::connection_reset, false},
    {"a reset in the body", cut(fault_kind::reset_at, in_body), errc::connection_reset, false},
    {"a reset after the response", cut(fault_kind::reset_at, beyond), std::nullopt, false},
    {"the end in place of a response", cut(fault_kind::truncate_at, 0), errc::connection_closed,
     false},
    {"the end in the head", cut(fault_kind::truncate_at, in_head), errc::connection_closed, false},
    {"the end in the body", cut(fault_kind::truncate_at, in_body), errc::connection_closed, false},
    {"the end after the response", cut(fault_kind::truncate_at, beyond), std::nullopt, false},
    {"a stall in place of a response", cut(fault_kind::stall_at, 0), errc::attempt_timeout, false},
    {"a stall in the head", cut(fault_kind::stall_at, in_head), errc::attempt_timeout, false},
    {"a stall in the body", cut(fault_kind::stall_at, in_body), errc::attempt_timeout, false},
    {"a length too large by one", cut(fault_kind::wrong_length, 1), errc::connection_closed, false},
    {"a length too large by far", cut(fault_kind::wrong_length, 1'000'000'000'000),
     errc::body_limit, false},
    {"garbage after the response", {.kind = fault_kind::garbage_after}, std::nullopt, false},
    {"closing after the response", {.kind = fault_kind::close_after}, std::nullopt, false},
    {"204", responded(204), errc::unexpected_status, true},
    {"302", responded(302), errc::unexpected_status, true},
    {"304", responded(304), errc::unexpected_status, true},
    {"400", responded(400, "{}"), errc::bad_request, true},
    {"401", responded(401, "{}"), errc::unauthorized, true},
    {"402", responded(402, "{}"), errc::payment_required, true},
    {"403", responded(403, "{}"), errc::forbidden, true},
    {"404", responded(404, "{}"), errc::not_found, true},
    {"408", responded(408), errc::request_rejected, true},
    {"409", responded(409, "{}"), errc::conflict, true},
    {"418", responded(418, "[]"), errc::request_rejected, true},
    {"429", responded(429, "{}"), errc::rate_limited, true},
    {"500", responded(500, "{}"), errc::server_error, true},
    {"502 by a gateway", responded(502, "<html>Bad Gateway</html>", "text/html"),
     errc::server_error, true},
    {"503", responded(503), errc::server_error, true},
    {"504 by a gateway", responded(504, "<html>Gateway Timeout</html>", "text/html"),
     errc::server_error, true},
    {"599", responded(599), errc::server_error, true},
    {"an error whose JSON is broken", responded(400, "{\"message\":"), errc::bad_request, true},
    {"no document", responded(200), errc::unexpected_status, true},
    {"a page", responded(200, "<html>log in</html>", "text/html"), errc::unexpected_content_type,
     true},
    {"a document that is cut off but whose length is not",
     responded(200, "{\"type\":\"bitbucket\""), errc::decode_failed, true},
    {"another document", responded(200, "[]"), errc::decode_failed, true},
    {"a document nested beyond the limit",
     responded(200, "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"),
     errc::json_depth_limit, true},
    {"a response of HTTP/1.0",
     raw("HTTP/1.0 200 OK\r\nContent-Length: "
         "38\r\n\r\n{\"type\":\"health.slack\",\"channel\":\"#o\"}"),
     std::nullopt, false},
    {"no HTTP", raw("SSH-2.0-OpenSSH_9.2\r\n"), errc::bad_response, false},
    {"two lengths", raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
     errc::bad_response, false},
    {"another protocol", raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"), errc::unexpected_protocol,
     false},
    {"a head without an end", raw("HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x')),
     errc::header_limit, false},
};

class SandboxFaults : public ::testing::TestWithParam<bool> {
 protected:
  sandbox server{{.tls = GetParam()}};

  void expect_that_each_ends_as_it_must(const client_config& config) {
    for (const faulty_response& each : faulty_responses) {
      SCOPED_TRACE(each.what);
      with_client(config, [&](client& client) -> awaitable<void> {
        server.inject(each.injected);
        call_options options;
        if (each.code == errc::attempt_timeout) options.attempt_timeout(50ms);
        const auto got = co_await fetch(client, options);
        EXPECT_EQ(got.has_error() ? got.error().code() : error_code(),
                  each.code ? make_error_code(*each.code) : error_code());
        if (got.has_error()) {
          EXPECT_EQ(got.error().details().attempts, 1u);
        }
        server.clear_faults();
        response_info info;
        const auto after = co_await fetch(client, call_options().info(&info));
        EXPECT_TRUE(after) << after.error();
        EXPECT_EQ(info.reused_connection, each.reusable);
      });
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Over, SandboxFaults, ::testing::Bool(), upsun::test::plain_or_tls);

TEST_P(SandboxFaults, EachEndsAsItMust) { expect_that_each_ends_as_it_must(config_for(server)); }

/// Leaves in OpenSSL's queue what looks like the end of a stream, as code beside the client may
/// that does not look after its own errors.
class careless_observer final : public observer {
 public:
  std::size_t left = 0;

 private:
  void on_attempt(const attempt_event&) noexcept override { leave_an_error(); }
  void on_call(const call_report&) noexcept override { leave_an_error(); }
  void leave_an_error() noexcept {
    ERR_raise(ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING);
    ++left;
  }
};

TEST_P(SandboxFaults, EachEndsAsItMustAmongErrorsThatOthersLeftWithOpenSsl) {
  const auto careless = std::make_shared<careless_observer>();
  client_config config = config_for(server);
  config.observer = careless;
  expect_that_each_ends_as_it_must(config);
  EXPECT_GT(careless->left, 4 * faulty_responses.size());
  ERR_clear_error();
}

TEST_P(SandboxFaults, SilenceOfAnAcceptedConnectionEndsByTheDeadline) {
  with_growing_limit(50ms, [&](std::chrono::milliseconds deadline) {
    server.inject({.kind = fault_kind::silent_accept});
    phase ended_in{};
    with_client(config_for(server), [&](client& client) -> awaitable<void> {
      const auto got = co_await fetch(client, call_options().timeout(deadline));
      EXPECT_EQ(got.error(), errc::deadline_exceeded);
      ended_in = got.error().phase();
      server.close_connections();
      co_await until([&] { return client.statistics().dialling == 0; });
      server.clear_faults();  // the first call may not have come as far
      EXPECT_TRUE(co_await fetch(client));
    });
    return ended_in == (GetParam() ? phase::handshake : phase::read_head);
  });
}

// Each fault that shows a byte of a response ends exactly one call, and no other: the counts have
// to be those of the faults.
TEST_P(SandboxFaults, UnderLoadEachFaultEndsOneCallAndEveryCallEndsOnce) {
  constexpr std::size_t calls = 3'000;
  constexpr std::size_t of_each = 50;
  const std::vector<faulty_response> mixed{
      {"", responded(503), errc::server_error, true},
      {"", responded(429), errc::rate_limited, true},
      {"", cut(fault_kind::reset_at, in_head), errc::connection_reset, false},
      {"", cut(fault_kind::reset_at, in_body), errc::connection_reset, false},
      {"", cut(fault_kind::truncate_at, in_head), errc::connection_closed, false},
      {"", cut(fault_kind::wrong_length, 7), errc::connection_closed, false},
      {"", raw("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}"), errc::bad_response, false},
      {"", {.kind = fault_kind::garbage_after}, std::nullopt, false},
      {"", {.kind = fault_kind::close_after}, std::nullopt, false},
      {"", {.kind = fault_kind::delay, .delay = 1ms}, std::nullopt, true},
  };
  std::vector<const faulty_response*> order(calls);
  std::map<load::outcome, std::size_t> expected;
  for (std::size_t i = 0; i < mixed.size() * of_each; ++i) order[i] = &mixed[i % mixed.size()];
  std::shuffle(order.begin(), order.end(), std::minstd_rand(7));
  for (const faulty_response* each : order) {
    server.inject(each != nullptr ? each->injected : fault());
    ++expected[each != nullptr && each->code ? load::outcome(*each->code, each->injected.status)
                                             : load::outcome()];
  }
  asio::io_context io(1);
  client client(io.get_executor(), config_for(server));
  load under(
      client, [](std::size_t n) { return integration_number(n % 18); },
      [](const load& l) { return l.started() >= calls; });
  under.start(64);
  io.run();
  EXPECT_TRUE(under.each_ended_once());
  EXPECT_EQ(under.outcomes(), expected);
  EXPECT_EQ(server.statistics().requests, calls) << "what was sent again had not been read before";
}

}  // namespace sandbox_faults_test
}  // namespace upsun::testing
