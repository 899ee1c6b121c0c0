// What every fault does on the wire.

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <upsun/testing/sandbox.hpp>

#include <string>
#include <thread>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_fault_test {

namespace http = boost::beast::http;
using namespace std::chrono_literals;

constexpr const char* target = "/projects/project-0/integrations/integration-0";
const error_code closed_in_order = boost::asio::error::eof;
const error_code bare_fin = boost::asio::ssl::error::stream_truncated;
const error_code bare_rst = boost::asio::error::connection_reset;

struct SandboxFault : ::testing::Test {
  sandbox server;
  blocking_client client{peer_of(server)};
  const std::string whole = usual_response();  // head and body

  /// Takes in the session tickets, so that whatever comes after is a response.
  void SetUp() override { client.get(target, server.token()); }

  std::string usual_response() {
    blocking_client other(peer_of(server));
    other.send(get_request(target, server.token(), "Connection: close\r\n"));
    std::string all = other.receive_all();
    const std::string field = "Connection: close\r\n";
    return all.erase(all.find(field), field.size());
  }
  void inject_and_send(fault f) {
    server.inject(std::move(f));
    client.send(get_request(target, server.token()));
  }
  void expect_usual_response() {
    EXPECT_EQ(client.receive_bytes(whole.size()), whole);
    EXPECT_FALSE(client.failure()) << client.failure();
  }
  void expect_next_request_served() {
    EXPECT_EQ(client.get(target, server.token()).result_int(), 200u);
  }
};

TEST_F(SandboxFault, NoneLetsARequestPass) {
  server.inject({.kind = fault_kind::none});
  server.inject({.kind = fault_kind::status, .status = 503});
  EXPECT_EQ(client.get(target, server.token()).result_int(), 200u);
  EXPECT_EQ(client.get(target, server.token()).result_int(), 503u);
  EXPECT_EQ(client.get(target, server.token()).result_int(), 200u);
}

TEST_F(SandboxFault, DelayRespondsLate) {
  const auto start = std::chrono::steady_clock::now();
  inject_and_send({.kind = fault_kind::delay, .delay = 60ms});
  expect_usual_response();
  EXPECT_GE(std::chrono::steady_clock::now() - start, 60ms);
}

TEST_F(SandboxFault, SilentNeverResponds) {
  const std::uint64_t before = server.statistics().requests;
  inject_and_send({.kind = fault_kind::silent});
  while (server.statistics().requests == before) std::this_thread::yield();
  EXPECT_FALSE(client.readable_within(30ms));
  server.close_connections();
  EXPECT_EQ(client.receive_all(), "");
}

TEST_F(SandboxFault, SilentAcceptNeverHandshakes) {
  const std::uint64_t before = server.statistics().handshakes;
  server.inject({.kind = fault_kind::silent_accept});
  blocking_client plain({.port = server.port()});
  ASSERT_FALSE(plain.failure());
  plain.send("\x16\x03\x01");  // as a ClientHello begins
  EXPECT_FALSE(plain.readable_within(30ms));
  EXPECT_EQ(server.statistics().handshakes, before);
  EXPECT_EQ(blocking_client(peer_of(server)).get(target, server.token()).result_int(), 200u)
      << "the next connection is served";
  server.close_connections();
  EXPECT_EQ(plain.receive_all(), "");
}

struct cut {
  fault injected;
  std::string received;
  error_code failure;
};

TEST_F(SandboxFault, CutsTheConnectionAsGivenAfterAsManyBytes) {
  const std::size_t size = whole.size();
  const cut cuts[] = {
      {{.kind = fault_kind::close_before_reply}, "", bare_fin},
      {{.kind = fault_kind::reset_at, .at = 40}, whole.substr(0, 40), bare_rst},
      {{.kind = fault_kind::reset_at}, "", bare_rst},
      {{.kind = fault_kind::truncate_at, .at = size - 1}, whole.substr(0, size - 1), bare_fin},
      {{.kind = fault_kind::truncate_at, .at = size + 10}, whole, bare_fin},
      {{.kind = fault_kind::close_after}, whole, bare_fin},
  };
  for (const cut& each : cuts) {
    SCOPED_TRACE(static_cast<int>(each.injected.kind));
    blocking_client other(peer_of(server));
    other.get(target, server.token());
    server.inject(each.injected);
    other.send(get_request(target, server.token()));
    EXPECT_EQ(other.receive_all(), each.received);
    EXPECT_EQ(other.failure(), each.failure);
  }
}

TEST_F(SandboxFault, StallAtSendsNoMoreThanThatManyBytes) {
  inject_and_send({.kind = fault_kind::stall_at, .at = 100});
  EXPECT_EQ(client.receive_bytes(100), whole.substr(0, 100));
  EXPECT_FALSE(client.readable_within(30ms));
  server.close_connections();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.failure(), closed_in_order);
}

TEST_F(SandboxFault, DribbleSendsTheWholeResponse) {
  inject_and_send({.kind = fault_kind::dribble});
  expect_usual_response();
  expect_next_request_served();
}

TEST_F(SandboxFault, WrongLengthClaimsMoreThanItSends) {
  inject_and_send({.kind = fault_kind::wrong_length, .at = 7});
  const std::string received = client.receive_all();
  EXPECT_EQ(client.failure(), bare_fin);
  const std::string body = whole.substr(whole.find("\r\n\r\n") + 4);
  EXPECT_TRUE(received.ends_with("\r\n\r\n" + body));
  EXPECT_NE(received.find("Content-Length: " + std::to_string(body.size() + 7) + "\r\n"),
            received.npos);
}

TEST_F(SandboxFault, GarbageAfterFollowsTheResponse) {
  inject_and_send({.kind = fault_kind::garbage_after});
  expect_usual_response();
  EXPECT_NE(client.receive_bytes(1), "");
  server.close_connections();
  EXPECT_FALSE(client.receive_all().starts_with("HTTP/"));
}

TEST_F(SandboxFault, StatusRespondsAsGiven) {
  inject_and_send({.kind = fault_kind::status,
                   .status = 429,
                   .body = "<p>slow down</p>",
                   .content_type = "text/html",
                   .headers = {{"Retry-After", "7"}}});
  const auto response = client.receive();
  EXPECT_EQ(response.result_int(), 429u);
  EXPECT_EQ(response.body(), "<p>slow down</p>");
  EXPECT_EQ(response[http::field::content_type], "text/html");
  EXPECT_EQ(response[http::field::retry_after], "7");
  expect_next_request_served();
}

TEST_F(SandboxFault, StatusTakesItsBodyForJson) {
  inject_and_send({.kind = fault_kind::status, .status = 400, .body = "{}"});
  EXPECT_EQ(client.receive()[http::field::content_type], "application/json");
  inject_and_send({.kind = fault_kind::status, .status = 502});
  EXPECT_EQ(client.receive().count(http::field::content_type), 0u);
}

TEST_F(SandboxFault, RawSendsExactlyThat) {
  const std::string nonsense = "HTTP/1.1 200\r\nWhat is this?\r\n\r\n";
  inject_and_send({.kind = fault_kind::raw, .body = nonsense});
  EXPECT_EQ(client.receive_bytes(nonsense.size()), nonsense);
  expect_next_request_served();
}

TEST_F(SandboxFault, StandsUntilItIsCleared) {
  server.inject({.kind = fault_kind::status, .status = 500}, 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.get(target, server.token()).result_int(), 500u);
  server.clear_faults();
  expect_next_request_served();
}

TEST_F(SandboxFault, IsFollowedByAClosingWhenTheRequestAskedForOne) {
  server.inject({.kind = fault_kind::dribble});
  client.send(get_request(target, server.token(), "Connection: close\r\n"));
  EXPECT_EQ(client.receive()[http::field::connection], "close");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.failure(), closed_in_order);
}

TEST(SandboxFaultPlain, ResetsAndTruncatesWithoutTlsToo) {
  sandbox server({.tls = false});
  server.inject({.kind = fault_kind::reset_at, .at = 20});
  blocking_client reset({.port = server.port()});
  reset.send(get_request(target, server.token()));
  EXPECT_EQ(reset.receive_all().size(), 20u);
  EXPECT_EQ(reset.failure(), bare_rst);

  server.inject({.kind = fault_kind::truncate_at, .at = 20});
  blocking_client truncated({.port = server.port()});
  truncated.send(get_request(target, server.token()));
  EXPECT_EQ(truncated.receive_all().size(), 20u);
  EXPECT_EQ(truncated.failure(), closed_in_order);
}

}  // namespace sandbox_fault_test
}  // namespace upsun::testing
