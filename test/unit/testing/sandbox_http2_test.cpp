// The sandbox over HTTP/2: what it serves, and what every fault does on the wire.

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <upsun/testing/sandbox.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http2_peer.hpp"

namespace upsun::testing {
namespace sandbox_http2_test {

using namespace std::chrono_literals;
using wire = upsun::http::test::scripted_peer;

const std::string list = "/projects/project-0/integrations";
const std::string first = list + "/integration-0";
const integration_ref first_ref(project_id("project-0"), integration_id("integration-0"));
const error_code bare_fin = boost::asio::ssl::error::stream_truncated;
const error_code bare_rst = boost::asio::error::connection_reset;

struct SandboxHttp2 : ::testing::Test {
  sandbox server{{.http = http_version::http2}};
  http2_peer client{server};
  const std::string whole = http2_peer(server).get(1, first).body;

  http2_peer::response inject_and_get(fault f, std::uint32_t stream = 1) {
    server.inject(std::move(f));
    return client.get(stream, first);
  }
  void expect_served(std::uint32_t stream) {
    const auto got = client.get(stream, first);
    EXPECT_EQ(got.status, "200");
    EXPECT_EQ(got.body, whole);
    EXPECT_TRUE(got.ended);
  }
  template <class Condition>
  static void until(Condition holds) {
    while (!holds()) std::this_thread::yield();
  }
};

TEST_F(SandboxHttp2, ServesWhatItServesOverHttp1) {
  sandbox other;
  blocking_client http1(peer_of(other));
  const auto expected = http1.get(first, other.token());
  const auto got = client.get(1, first);
  EXPECT_EQ(got.status, "200");
  EXPECT_EQ(got.body.size(), expected.body().size());
  for (const auto& [name, value] : got.head) {
    if (name == "content-length" || name == "content-type") {
      EXPECT_EQ(value, std::string(expected[name]));
    }
  }
  EXPECT_EQ(client.get(3, list + "/none").status, "404");
  EXPECT_EQ(server.statistics().http2_connections, 2u);
  EXPECT_EQ(other.statistics().http2_connections, 0u);
}

TEST_F(SandboxHttp2, ServesManyStreamsOnOneConnection) {
  server.inject({.kind = fault_kind::delay, .delay = 5ms}, 18);
  std::string requests;
  for (std::uint32_t i = 0; i < 18; ++i)
    requests += client.request(2 * i + 1, list + "/integration-" + std::to_string(i));
  client.send(requests);
  for (std::uint32_t i = 18; i-- > 0;) {
    const std::string id = "integration-" + std::to_string(i);
    EXPECT_NE(client.receive(2 * i + 1).body.find('"' + id + '"'), std::string::npos) << id;
  }
  until([&] { return server.statistics().streams == 0; });
}

TEST_F(SandboxHttp2, ReadsBodies) {
  const std::string body = R"({"type":"health.slack","token":"t","channel":"#a"})";
  client.send(client.request(1, list, "POST", false, {{"content-type", "application/json"}}));
  client.send(wire::data(1, body.substr(0, 10), false));
  client.send(wire::data(1, body.substr(10), true));
  EXPECT_EQ(client.receive(1).status, "201");
  client.send(client.request(3, list, "POST", false, {{"expect", "100-continue"}}));
  EXPECT_EQ(client.next(NGHTTP2_HEADERS)->fields.front().second, "100");
  client.send(wire::data(3, "{}", true));
  EXPECT_EQ(client.receive(3).status, "415");
}

TEST_F(SandboxHttp2, RefusesABodyThatIsTooLarge) {
  client.send(client.request(1, list, "POST", false));
  const std::string part(16 * 1024, 'x');
  std::size_t window = 64 * 1024 - 1;
  std::size_t sent = 0;
  while (sent <= 1024 * 1024) {
    while (window < part.size()) {
      const auto update = client.next(NGHTTP2_WINDOW_UPDATE);
      ASSERT_TRUE(update);
      if (update->stream == 1) window += number_in(update->payload);
    }
    client.send(wire::data(1, part, false));
    sent += part.size();
    window -= part.size();
  }
  const auto got = client.receive(1);
  EXPECT_EQ(got.status, "413");
  EXPECT_TRUE(got.ended);
  EXPECT_EQ(number_in(client.next(NGHTTP2_RST_STREAM)->payload), std::uint32_t{NGHTTP2_NO_ERROR});
  expect_served(3);
}

TEST_F(SandboxHttp2, RespondsToAHeadWithoutABody) {
  client.send(client.request(1, first, "HEAD"));
  const auto got = client.receive(1);
  EXPECT_EQ(got.status, "200");
  EXPECT_EQ(got.body, "");
  EXPECT_TRUE(got.ended);
}

TEST_F(SandboxHttp2, CountsWhatClientsSay) {
  server.inject({.kind = fault_kind::silent});
  client.send(client.request(1, first));
  until([&] { return server.statistics().streams == 1; });
  client.send(wire::reset(1, NGHTTP2_CANCEL) + wire::ping("12345678", false));
  EXPECT_EQ(client.next(NGHTTP2_PING)->payload, "12345678");
  expect_served(3);
  client.send(wire::goaway(0));
  EXPECT_FALSE(client.next(NGHTTP2_PING));
  const sandbox_statistics counted = server.statistics();
  EXPECT_EQ(counted.resets, (std::map<std::uint32_t, std::uint64_t>{{NGHTTP2_CANCEL, 1}}));
  EXPECT_EQ(counted.pings, 1u);
  EXPECT_EQ(counted.goaways, 1u);
  EXPECT_EQ(counted.streams, 0u);
}

TEST_F(SandboxHttp2, StreamsLogs) {
  server.put_log(first_ref, "a", {"one"});
  client.send(client.request(1, first + "/activities/a/log"));
  EXPECT_EQ(client.next(NGHTTP2_HEADERS)->fields.front().second, "200");
  EXPECT_NE(client.next(NGHTTP2_DATA)->payload.find("\"one\""), std::string::npos);
  expect_served(3);
  server.append_log(first_ref, "a", "two");
  EXPECT_NE(client.next(NGHTTP2_DATA)->payload.find("\"two\""), std::string::npos);
  server.seal_log(first_ref, "a");
  const auto rest = client.receive(1);
  EXPECT_EQ(rest.body, "{\"seal\":true}\n");
  EXPECT_TRUE(rest.ended);
}

TEST_F(SandboxHttp2, CutsALogByResettingItsStream) {
  server.put_log(first_ref, "a", {"one", "two"});
  server.cut_log(first_ref, "a", 1);
  const auto got = client.get(1, first + "/activities/a/log");
  EXPECT_NE(got.body.find("\"one\""), std::string::npos);
  EXPECT_EQ(got.body.find("\"two\""), std::string::npos);
  EXPECT_EQ(got.reset, std::uint32_t{NGHTTP2_INTERNAL_ERROR});
  expect_served(3);
}

TEST_F(SandboxHttp2, EndsALogWhoseReaderIsGone) {
  server.put_log(first_ref, "a", {"one"});
  client.send(client.request(1, first + "/activities/a/log"));
  EXPECT_TRUE(client.next(NGHTTP2_DATA));
  client.send(wire::reset(1, NGHTTP2_CANCEL));
  until([&] { return server.statistics().streams == 0; });
  server.append_log(first_ref, "a", "two");
  expect_served(3);
}

// ---- faults of a stream: the connection goes on

struct stream_fault {
  fault injected;
  const char* status;
  std::size_t body;  ///< Its size; beyond it the usual one's.
  bool ended;
  std::optional<std::uint32_t> reset;
};

TEST_F(SandboxHttp2, DoesFaultsOfAStream) {
  constexpr std::size_t all = 1'000'000;
  const stream_fault faults[] = {
      {{}, "200", all, true, {}},
      {{.kind = fault_kind::delay, .delay = 5ms}, "200", all, true, {}},
      {{.kind = fault_kind::dribble}, "200", all, true, {}},
      {{.kind = fault_kind::wrong_length, .at = 3}, "200", all, true, {}},
      {{.kind = fault_kind::status, .status = 503, .body = "{}"}, "503", 2, true, {}},
      {{.kind = fault_kind::status, .status = 204}, "204", 0, true, {}},
      {{.kind = fault_kind::long_head, .at = 5'000}, "200", all, true, {}},
      {{.kind = fault_kind::ping_flood, .at = 2'500}, "200", all, true, {}},
      {{.kind = fault_kind::reset_stream, .code = NGHTTP2_REFUSED_STREAM},
       "",
       0,
       false,
       NGHTTP2_REFUSED_STREAM},
      {{.kind = fault_kind::reset_stream, .code = NGHTTP2_HTTP_1_1_REQUIRED},
       "",
       0,
       false,
       NGHTTP2_HTTP_1_1_REQUIRED},
      {{.kind = fault_kind::reset_stream, .at = 100, .code = NGHTTP2_ENHANCE_YOUR_CALM},
       "200",
       100,
       false,
       NGHTTP2_ENHANCE_YOUR_CALM},
      {{.kind = fault_kind::reset_stream, .at = all, .code = NGHTTP2_NO_ERROR},
       "200",
       all,
       false,
       NGHTTP2_NO_ERROR},
  };
  std::uint32_t stream = 1;
  for (const stream_fault& each : faults) {
    SCOPED_TRACE(static_cast<int>(each.injected.kind));
    const auto got = inject_and_get(each.injected, stream);
    EXPECT_EQ(got.status, each.status);
    EXPECT_EQ(got.body, each.injected.kind == fault_kind::status ? each.injected.body
                                                                 : whole.substr(0, each.body));
    EXPECT_EQ(got.ended, each.ended);
    EXPECT_EQ(got.reset, each.reset);
    if (each.injected.kind == fault_kind::dribble) {
      EXPECT_GE(got.frames, whole.size());
    }
    stream += 2;
  }
  expect_served(stream);
  EXPECT_EQ(client.count(NGHTTP2_PING), 2'500u);
}

TEST_F(SandboxHttp2, StallsOnlyTheStream) {
  server.inject({.kind = fault_kind::silent});
  server.inject({.kind = fault_kind::stall_at});
  server.inject({.kind = fault_kind::stall_at, .at = 100});
  client.send(client.request(1, first));
  client.send(client.request(3, first));
  client.send(client.request(5, first));
  EXPECT_EQ(client.next(NGHTTP2_DATA)->payload, whole.substr(0, 100));
  expect_served(7);
  EXPECT_FALSE(client.connection().readable_within(30ms));
  EXPECT_EQ(server.statistics().streams, 3u);
}

TEST_F(SandboxHttp2, DoesNotProcessWhatItRefuses) {
  server.inject({.kind = fault_kind::reset_stream, .code = NGHTTP2_REFUSED_STREAM});
  client.send(client.request(1, first, "DELETE"));
  EXPECT_EQ(client.receive(1).reset, std::uint32_t{NGHTTP2_REFUSED_STREAM});
  expect_served(3);
}

TEST_F(SandboxHttp2, SendsALongHeadInManyFields) {
  const auto got = inject_and_get({.kind = fault_kind::long_head, .at = 99'500});
  const std::pair<std::string, std::string> padding("x-padding", std::string(987, 'x'));
  EXPECT_EQ(std::count(got.head.begin(), got.head.end(), padding), 99);  // and a shorter one
  EXPECT_EQ(got.body, whole);
}

// ---- faults of the connection

TEST_F(SandboxHttp2, EndsTheConnectionAsGiven) {
  struct connection_fault {
    fault injected;
    std::string body;
    bool ended;
    error_code failure;
  };
  const connection_fault faults[] = {
      {{.kind = fault_kind::close_before_reply}, "", false, bare_fin},
      {{.kind = fault_kind::reset_at}, "", false, bare_rst},
      {{.kind = fault_kind::reset_at, .at = 100}, whole.substr(0, 100), false, bare_rst},
      {{.kind = fault_kind::truncate_at, .at = 100}, whole.substr(0, 100), false, bare_fin},
      {{.kind = fault_kind::truncate_at, .at = 100'000}, whole, true, bare_fin},
      {{.kind = fault_kind::close_after}, whole, true, bare_fin},
  };
  for (const connection_fault& each : faults) {
    SCOPED_TRACE(static_cast<int>(each.injected.kind));
    http2_peer other(server);
    other.get(1, first);
    server.inject(each.injected);
    const auto got = other.get(3, first);
    EXPECT_EQ(got.body, each.body);
    EXPECT_EQ(got.ended, each.ended);
    if (each.ended) {
      EXPECT_FALSE(other.next(NGHTTP2_GOAWAY));
    }
    EXPECT_EQ(other.connection().failure(), each.failure);
    EXPECT_EQ(other.count(NGHTTP2_GOAWAY), 0u);
  }
}

TEST_F(SandboxHttp2, SendsWhatIsNoFrame) {
  EXPECT_TRUE(inject_and_get({.kind = fault_kind::garbage_after}).ended);
  EXPECT_EQ(client.connection().receive_bytes(5), "bytes");
  http2_peer other(server);
  server.inject({.kind = fault_kind::raw, .body = wire::ping("87654321", false)});
  other.send(other.request(1, first));
  EXPECT_EQ(other.next(NGHTTP2_PING)->payload, "87654321");
}

TEST_F(SandboxHttp2, SaysInTwoStepsThatItEnds) {
  server.inject({.kind = fault_kind::delay, .delay = 1h});
  server.inject({.kind = fault_kind::goaway});
  client.send(client.request(1, first));
  client.send(client.request(3, first));
  EXPECT_EQ(number_in(client.next(NGHTTP2_GOAWAY)->payload.substr(0, 4)), 0x7fff'ffffu);
  EXPECT_EQ(client.receive(3).body, whole);
  const auto second = client.next(NGHTTP2_GOAWAY);
  EXPECT_EQ(number_in(second->payload.substr(0, 4)), 3u);
  EXPECT_EQ(number_in(second->payload.substr(4, 4)), std::uint32_t{NGHTTP2_NO_ERROR});
  EXPECT_FALSE(client.connection().readable_within(30ms)) << "the first stream is open";
  client.send(wire::reset(1, NGHTTP2_CANCEL));
  EXPECT_FALSE(client.next(NGHTTP2_DATA));
  EXPECT_EQ(client.connection().failure(), boost::asio::error::eof);
}

TEST_F(SandboxHttp2, EndsAtOnceBelowTheRunningStreams) {
  server.inject({.kind = fault_kind::silent});
  server.inject({.kind = fault_kind::goaway_now, .delay = 20ms, .code = NGHTTP2_ENHANCE_YOUR_CALM});
  std::string requests = client.request(1, first);
  requests += client.request(3, first);
  requests += client.request(5, first, "DELETE");
  client.send(requests);  // at once, since what comes late would be answered by a RST
  const auto goaway = client.next(NGHTTP2_GOAWAY);
  EXPECT_EQ(number_in(goaway->payload.substr(0, 4)), 1u);
  EXPECT_EQ(number_in(goaway->payload.substr(4, 4)), std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
  EXPECT_FALSE(client.next(NGHTTP2_GOAWAY));
  EXPECT_EQ(client.connection().failure(), bare_fin);
  EXPECT_EQ(http2_peer(server).get(1, first).status, "200")
      << "deleted by a request above the last";
}

// ---- settings and windows

std::vector<std::pair<std::uint32_t, std::uint32_t>> settings_in(const http2_peer::frame& frame) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  for (std::size_t at = 0; at < frame.payload.size(); at += 6) {
    const std::string_view one = std::string_view(frame.payload).substr(at, 6);
    found.emplace_back(number_in(one.substr(0, 2)), number_in(one.substr(2)));
  }
  return found;
}

std::uint32_t next_max_streams(http2_peer& client) {
  for (;;) {
    const auto frame = client.next(NGHTTP2_SETTINGS);
    if (!frame) return 12345;
    for (const auto& [id, value] : settings_in(*frame)) {
      if (id == NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS) return value;
    }
  }
}

TEST_F(SandboxHttp2, AllowsAsManyStreamsAsItIsTold) {
  EXPECT_EQ(next_max_streams(client), 100u);
  server.set_max_streams(0);
  EXPECT_EQ(next_max_streams(client), 0u);
  http2_peer other(server);
  EXPECT_EQ(next_max_streams(other), 0u);
  server.set_max_streams(7);
  EXPECT_EQ(next_max_streams(other), 7u);
  EXPECT_EQ(next_max_streams(client), 7u);
  EXPECT_TRUE(inject_and_get({.kind = fault_kind::max_streams, .at = 1}).ended);
  EXPECT_EQ(next_max_streams(client), 1u);
  server.inject({.kind = fault_kind::silent});
  client.send(client.request(3, first));
  client.send(client.request(5, first));
  EXPECT_EQ(number_in(client.next(NGHTTP2_GOAWAY)->payload.substr(4, 4)),
            std::uint32_t{NGHTTP2_PROTOCOL_ERROR})
      << "more streams than it allows, which it had said";
}

TEST_F(SandboxHttp2, AllowsNoMoreBytesThanItIsTold) {
  EXPECT_TRUE(inject_and_get({.kind = fault_kind::small_window, .at = 10}).ended);
  client.send(client.request(3, list, "POST", false));
  client.send(wire::data(3, "0123456789", false));
  const auto update = client.next(NGHTTP2_WINDOW_UPDATE);
  EXPECT_EQ(update->stream, 3u);
  EXPECT_EQ(number_in(update->payload), 10u);
  EXPECT_TRUE(inject_and_get({.kind = fault_kind::no_window_updates}, 5).ended);
  client.send(client.request(7, list, "POST", false));
  client.send(wire::data(7, "0123456789", false));
  expect_served(9);
  EXPECT_EQ(client.count(NGHTTP2_WINDOW_UPDATE), 1u);
}

// ---- which protocol

std::string alpn_with(const sandbox& server, std::string_view offered) {
  peer to = peer_of(server);
  to.adjust = [&](ssl_st* ssl) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
  };
  const blocking_client client(to);
  return client.failure() ? "refused" : client.alpn();
}

TEST(SandboxHttp2Version, IsChosenByAlpn) {
  constexpr const char* both = "\x08http/1.1\2h2";
  sandbox one, two({.http = http_version::http2}), any({.http = http_version::automatic});
  EXPECT_EQ(alpn_with(one, both), "http/1.1");
  EXPECT_EQ(alpn_with(two, both), "h2");
  EXPECT_EQ(alpn_with(any, both), "h2");
  EXPECT_EQ(alpn_with(one, "\2h2"), "refused");
  EXPECT_EQ(alpn_with(two, "\x08http/1.1"), "refused");
  EXPECT_EQ(alpn_with(any, "\x08http/1.1"), "http/1.1");
  EXPECT_EQ(blocking_client(peer_of(any)).get(first, any.token()).result_int(), 200u)
      << "without ALPN";
}

TEST(SandboxHttp2Version, IsChosenByWhatTheClientBeginsWithInPlainHttp) {
  sandbox any({.tls = false, .http = http_version::automatic});
  EXPECT_EQ(http2_peer(any).get(1, first).status, "200");
  blocking_client http1({.port = any.port()});
  EXPECT_EQ(http1.get(first, any.token()).result_int(), 200u);
  http1.send("P");  // as HTTP/2 begins, too
  http1.send("OST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(http1.receive().result_int(), 401u);
  blocking_client later({.port = any.port()});
  later.send("P");
  later.send("OST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(later.receive().result_int(), 401u);
  EXPECT_EQ(any.statistics().http2_connections, 1u);
  sandbox two({.tls = false, .http = http_version::http2});
  EXPECT_EQ(http2_peer(two).get(1, first).status, "200");
  blocking_client wrong({.port = two.port()});
  wrong.send(get_request(first, two.token()));
  wrong.receive_all();
  EXPECT_TRUE(wrong.failure()) << "not HTTP/2";
}

// ---- its end

TEST_F(SandboxHttp2, ClosesConnectionsAmidStreams) {
  server.put_log(first_ref, "a", {"one"});
  server.inject({.kind = fault_kind::silent});
  server.inject({.kind = fault_kind::delay, .delay = 1h});
  client.send(client.request(1, first));
  client.send(client.request(3, first));
  client.send(client.request(5, first + "/activities/a/log"));
  EXPECT_TRUE(client.next(NGHTTP2_DATA));
  server.close_connections();
  EXPECT_FALSE(client.next(NGHTTP2_GOAWAY));
  EXPECT_EQ(client.connection().failure(), boost::asio::error::eof);
  until([&] { return server.statistics().open == 0; });
  EXPECT_EQ(server.statistics().streams, 0u);
}

TEST(SandboxHttp2Lifetime, EndsWithStreamsInEveryState) {
  auto server =
      std::make_unique<sandbox>(sandbox_options{.http = http_version::http2, .threads = 2});
  server->put_log(first_ref, "a", {"one"});
  http2_peer client(*server), idle(*server);
  server->inject({.kind = fault_kind::silent});
  server->inject({.kind = fault_kind::delay, .delay = 1h});
  client.send(client.request(1, first));
  client.send(client.request(3, first));
  client.send(client.request(5, first + "/activities/a/log"));
  client.send(client.request(7, first, "POST", false));
  EXPECT_TRUE(client.next(NGHTTP2_DATA));
  server.reset();
  EXPECT_FALSE(client.next(NGHTTP2_GOAWAY));
  EXPECT_FALSE(idle.next(NGHTTP2_GOAWAY));
}

}  // namespace sandbox_http2_test
}  // namespace upsun::testing
