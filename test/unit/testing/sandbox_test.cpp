// How the sandbox responds, and over which connections.

#include <upsun/testing/sandbox.hpp>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <boost/asio/error.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "blocking_client.hpp"
#include "support/joining_thread.hpp"

namespace upsun::testing {
namespace sandbox_test {

namespace http = boost::beast::http;
namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* first = "/projects/project-0/integrations/integration-0";

struct Sandbox : ::testing::Test {
  sandbox server;

  blocking_client::response get(std::string_view target) {
    return blocking_client(peer_of(server)).get(target, server.token());
  }
};

TEST_F(Sandbox, ServesEveryKind) {
  blocking_client client(peer_of(server));
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < kind_count; ++i) {
    const std::string id = "integration-" + std::to_string(i);
    const auto response = client.get("/projects/project-0/integrations/" + id, server.token());
    ASSERT_EQ(response.result_int(), 200u);
    EXPECT_EQ(response[http::field::content_type], "application/hal+json; charset=utf-8");
    const auto decoded = decode_integration(response.body());
    ASSERT_TRUE(decoded) << decoded.error();
    EXPECT_EQ(*decoded, server.get("project-0", id));
    kinds.insert(decoded->type);
  }
  EXPECT_EQ(kinds.size(), kind_count);
}

TEST_F(Sandbox, AddsLinksAsTheApiDoes) {
  const json::value body = json::parse(get(first).body());
  const json::object& links = body.at("_links").as_object();
  EXPECT_TRUE(links.at("self").at("href").as_string().starts_with("https://"));
  EXPECT_EQ(links.at("#edit").at("href").as_string(), first);
  EXPECT_GT(json::serialize(links.at("#edit").at("meta")).size(), 1'000u);
  EXPECT_EQ(links.at("#validate").at("href").as_string(), std::string(first) + "/validate");
  EXPECT_TRUE(links.contains("#delete") && links.contains("#hook"));
}

TEST_F(Sandbox, Gives304ToWhoHasWhatIsThere) {
  blocking_client client(peer_of(server));
  const auto send = [&](std::string_view tag) {
    client.send(get_request(first, server.token(),
                            std::string("If-None-Match: ").append(tag).append("\r\n")));
    return client.receive();
  };
  const std::string tag(get(first)[http::field::etag]);
  EXPECT_EQ(send(tag).result_int(), 304u);
  EXPECT_EQ(send(tag)[http::field::etag], tag);
  EXPECT_EQ(send("\"another\"").result_int(), 200u);
  server.put("project-0", "integration-0", server.get("project-0", "integration-1"));
  EXPECT_EQ(send(tag).result_int(), 200u);
  sandbox without({.etags = false});
  EXPECT_EQ(blocking_client(peer_of(without)).get(first, without.token())[http::field::etag], "");
}

TEST_F(Sandbox, LetsNobodyInWithoutTheToken) {
  const auto missing = blocking_client(peer_of(server)).get(first, "");
  EXPECT_EQ(missing.result_int(), 401u);
  EXPECT_EQ(missing[http::field::www_authenticate], R"(Bearer realm="upsun")");
  const auto wrong = blocking_client(peer_of(server)).get(first, server.token() + "x");
  EXPECT_EQ(wrong.result_int(), 401u);
  EXPECT_EQ(wrong[http::field::www_authenticate], R"(Bearer realm="upsun", error="invalid_token")");
  EXPECT_EQ(json::parse(wrong.body()).at("error").as_string(), "invalid_token");
}

TEST_F(Sandbox, TakesANewToken) {
  const std::string old = server.token();
  server.set_token("new");
  EXPECT_EQ(server.token(), "new");
  blocking_client client(peer_of(server));
  EXPECT_EQ(client.get(first, old).result_int(), 401u);
  EXPECT_EQ(client.get(first, "new").result_int(), 200u);
}

TEST_F(Sandbox, RespondsForbiddenForAForbiddenProject) {
  server.forbid("project-0");
  const auto response = get(first);
  EXPECT_EQ(response.result_int(), 403u);
  EXPECT_EQ(response[http::field::content_type], "application/problem+json");
  EXPECT_EQ(json::parse(response.body()).at("status").as_int64(), 403);
}

TEST_F(Sandbox, RespondsNotFound) {
  for (const char* target :
       {"/projects/none/integrations/integration-0", "/projects/project-0/integrations/none"}) {
    const auto response = get(target);
    EXPECT_EQ(response.result_int(), 404u) << target;
    EXPECT_EQ(json::parse(response.body()).at("code").as_int64(), 404) << target;
  }
  for (const char* target : {"/", "/projects", "/projects/project-0/none",
                             "/projects/project-0/integrations/integration-0/more",
                             "/projects/project-0/integrations/%zz", "*"}) {
    const auto response = get(target);
    EXPECT_EQ(response.result_int(), 404u) << target;
    EXPECT_TRUE(json::parse(response.body()).as_object().contains("error")) << target;
  }
}

TEST_F(Sandbox, RefusesOtherMethodsWithThoseItAllows) {
  blocking_client client(peer_of(server));
  for (const auto& [method, target, allowed] :
       {std::tuple("PUT ", first, "GET, HEAD, PATCH, DELETE"),
        std::tuple("POST ", first, "GET, HEAD, PATCH, DELETE"),
        std::tuple("DELETE ", "/projects/project-0/integrations", "GET, HEAD, POST")}) {
    client.send(std::string(method) + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                server.token() + "\r\n\r\n");
    const auto response = client.receive();
    EXPECT_EQ(response.result_int(), 405u);
    EXPECT_EQ(response[http::field::allow], allowed);
  }
}

TEST_F(Sandbox, AnswersAHeadAsAGetWithoutItsBody) {
  blocking_client client(peer_of(server));
  const auto whole = client.get(first, server.token());
  const std::string rest =
      " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + server.token() + "\r\n";
  client.send(std::string("HEAD ") + first + rest + "\r\n");
  const std::string head = client.receive_bytes(std::string("HTTP/1.1 200 OK\r\n").size());
  EXPECT_EQ(head, "HTTP/1.1 200 OK\r\n");
  client.send(std::string("HEAD /none") + rest + "Connection: close\r\n\r\n");
  const std::string heads = client.receive_all();
  EXPECT_NE(heads.find("Content-Length: " + std::to_string(whole.body().size())),
            std::string::npos);
  EXPECT_NE(heads.find("HTTP/1.1 404 Not Found\r\n"), std::string::npos);
  EXPECT_EQ(heads.find('{'), std::string::npos) << heads;
}

TEST_F(Sandbox, AsksForTheBodyThatAClientHoldsBack) {
  blocking_client client(peer_of(server));
  const std::string body = R"({"type":"health.slack","channel":"#ops","token":"t"})";
  const std::string head =
      "POST /projects/project-0/integrations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
      server.token() +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nExpect: 100-Continue\r\n\r\n";
  client.send(head);
  const std::string wanted = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(client.receive_bytes(wanted.size()), wanted);
  client.send(body);
  EXPECT_EQ(client.receive().result_int(), 201u);
}

TEST_F(Sandbox, RefusesABodyThatIsTooLarge) {
  const std::string head =
      "POST /projects/project-0/integrations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
      server.token() + "\r\nContent-Type: application/json\r\n";
  const std::string body(2 * 1024 * 1024, ' ');
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  for (const std::string& request :
       {head + length + "\r\n" + body, head + length + "Expect: 100-continue\r\n\r\n",
        head + "Transfer-Encoding: chunked\r\n\r\n200000\r\n" + body}) {
    blocking_client client(peer_of(server));
    client.send(request);
    EXPECT_EQ(client.receive().result_int(), 413u);
  }
}

TEST_F(Sandbox, ServesWhatWasPut) {
  upsun::integration value;
  value.id = "mine";
  value.type = slack_settings::kind;
  value.settings = slack_settings{.channel = "#ops"};
  server.put("a/b", "x y", value);
  const auto decoded = decode_integration(get("/projects/a%2Fb/integrations/x%20y").body());
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(*decoded, value);
  EXPECT_EQ(server.get("a/b", "x y"), value);

  std::get<slack_settings>(value.settings).channel = "#dev";
  server.put("a/b", "x y", value);
  EXPECT_EQ(server.get("a/b", "x y"), value);
}

TEST_F(Sandbox, ServesRawTextsAsTheyAre) {
  server.put_raw("project-0", "raw", "{\"type\":\t3}");
  EXPECT_EQ(get("/projects/project-0/integrations/raw").body(), "{\"type\":\t3}");
  EXPECT_THROW((void)server.get("project-0", "raw"), std::out_of_range);

  upsun::integration unknown;
  unknown.type = "teleport";
  unknown.settings = unknown_settings{R"( {"type":"teleport"} )"};
  server.put("project-0", "unknown", unknown);
  EXPECT_EQ(get("/projects/project-0/integrations/unknown").body(), R"( {"type":"teleport"} )");
}

TEST_F(Sandbox, HasNothingButWhatWasPut) {
  EXPECT_THROW((void)server.get("none", "integration-0"), std::out_of_range);
  EXPECT_THROW((void)server.get("project-0", "none"), std::out_of_range);
}

TEST(SandboxOptions, SayHowMuchIsStored) {
  sandbox server({.projects = 3, .integrations = 2});
  EXPECT_NO_THROW((void)server.get("project-2", "integration-1"));
  EXPECT_THROW((void)server.get("project-2", "integration-2"), std::out_of_range);
  EXPECT_THROW((void)server.get("project-3", "integration-0"), std::out_of_range);
}

TEST(SandboxOptions, PutAPathBeforeTheResource) {
  sandbox server({.path_prefix = "/api/v1"});
  EXPECT_TRUE(server.url().ends_with(':' + std::to_string(server.port()) + "/api/v1"));
  blocking_client client(peer_of(server));
  EXPECT_EQ(client.get(std::string("/api/v1") + first, server.token()).result_int(), 200u);
  EXPECT_EQ(client.get(first, server.token()).result_int(), 404u);
}

TEST(SandboxOptions, ServePlainHttp) {
  sandbox server({.tls = false});
  EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(blocking_client({.port = server.port()}).get(first, server.token()).result_int(), 200u);
  EXPECT_EQ(server.statistics().handshakes, 0u);
}

TEST(SandboxOptions, ServeOnIpv6) {
  sandbox server({.address = "::1"});
  EXPECT_EQ(server.url(), "https://[::1]:" + std::to_string(server.port()));
  blocking_client client({.port = server.port(), .address = "::1", .ca_pem = server.ca_pem()});
  EXPECT_EQ(client.get(first, server.token()).result_int(), 200u) << client.failure();
}

TEST(SandboxOptions, RefuseAPortThatIsTaken) {
  const sandbox server;
  EXPECT_THROW(sandbox({.port = server.port()}), boost::system::system_error);
}

TEST(SandboxOptions, DelayEveryResponseByTheLatency) {
  sandbox server({.latency = 50ms});
  blocking_client client(peer_of(server));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(client.get(first, server.token()).result_int(), 200u);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 50ms);
}

TEST_F(Sandbox, KeepsConnectionsOpen) {
  blocking_client client(peer_of(server));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.get(first, server.token()).result_int(), 200u);
  const sandbox_statistics counted = server.statistics();
  EXPECT_EQ(counted.connections, 1u);
  EXPECT_EQ(counted.handshakes, 1u);
  EXPECT_EQ(counted.requests, 5u);
}

TEST_F(Sandbox, ServesPipelinedRequestsInOrder) {
  blocking_client client(peer_of(server));
  client.send(get_request(first, server.token()) + get_request("/none", server.token()) +
              get_request(first, ""));
  EXPECT_EQ(client.receive().result_int(), 200u);
  EXPECT_EQ(client.receive().result_int(), 404u);
  EXPECT_EQ(client.receive().result_int(), 401u);
}

TEST_F(Sandbox, ReadsRequestsThatComeInPieces) {
  blocking_client client(peer_of(server));
  for (const char c : get_request(first, server.token())) client.send({&c, 1});
  EXPECT_EQ(client.receive().result_int(), 200u);
}

TEST_F(Sandbox, ClosesWhenAskedTo) {
  blocking_client client(peer_of(server));
  client.send(get_request(first, server.token(), "Connection: close\r\n"));
  const auto response = client.receive();
  EXPECT_EQ(response.result_int(), 200u);
  EXPECT_EQ(response[http::field::connection], "close");
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(client.failure(), boost::asio::error::eof);  // with close_notify
}

TEST_F(Sandbox, RefusesWhatIsNotHttp) {
  blocking_client client(peer_of(server));
  client.send("this is no request\r\n\r\n");
  EXPECT_EQ(client.receive().result_int(), 400u);
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(server.statistics().requests, 0u);
}

TEST_F(Sandbox, HasACertificateForTheLoopbackNames) {
  for (const char* name : {"127.0.0.1", "::1", "localhost"}) {
    peer to = peer_of(server);
    to.verified_host = name;
    EXPECT_FALSE(blocking_client(to).failure()) << name;
  }
  peer wrong_host = peer_of(server);
  wrong_host.verified_host = "api.upsun.com";
  EXPECT_TRUE(blocking_client(wrong_host).failure());

  const sandbox other;
  peer wrong_authority = peer_of(server);
  wrong_authority.ca_pem = other.ca_pem();
  EXPECT_TRUE(blocking_client(wrong_authority).failure());
}

TEST_F(Sandbox, SpeaksTls12And13) {
  for (const auto& [version, name] :
       {std::pair(TLS1_2_VERSION, "TLSv1.2"), std::pair(TLS1_3_VERSION, "TLSv1.3")}) {
    peer to = peer_of(server);
    to.adjust = [v = version](SSL* ssl) {
      SSL_set_min_proto_version(ssl, v);
      SSL_set_max_proto_version(ssl, v);
    };
    blocking_client client(to);
    EXPECT_EQ(client.tls_version(), name);
    EXPECT_EQ(client.get(first, server.token()).result_int(), 200u) << name;
  }
  peer old = peer_of(server);
  old.adjust = [](SSL* ssl) {
    SSL_set_security_level(ssl, 0);
    SSL_set_min_proto_version(ssl, TLS1_1_VERSION);
    SSL_set_max_proto_version(ssl, TLS1_1_VERSION);
  };
  EXPECT_TRUE(blocking_client(old).failure());
}

TEST_F(Sandbox, AgreesOnHttp11Only) {
  peer both = peer_of(server);
  both.adjust = [](SSL* ssl) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>("\x2h2\x8http/1.1"), 12);
  };
  EXPECT_EQ(blocking_client(both).alpn(), "http/1.1");
  peer only_2 = peer_of(server);
  only_2.adjust = [](SSL* ssl) {
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>("\x2h2"), 3);
  };
  EXPECT_TRUE(blocking_client(only_2).failure());
}

TEST_F(Sandbox, CountsConnections) {
  blocking_client one(peer_of(server));
  EXPECT_EQ(one.get(first, server.token()).result_int(), 200u);
  {
    blocking_client two(peer_of(server));
    EXPECT_EQ(two.get(first, "").result_int(), 401u);
    EXPECT_EQ(server.statistics().open, 2u);
  }
  while (server.statistics().open > 1) std::this_thread::yield();
  blocking_client three(peer_of(server));
  EXPECT_EQ(three.get("/", "").result_int(), 401u);
  const sandbox_statistics counted = server.statistics();
  EXPECT_EQ(counted.connections, 3u);
  EXPECT_EQ(counted.handshakes, 3u);
  EXPECT_EQ(counted.requests, 3u);
  EXPECT_EQ(counted.open, 2u);
  EXPECT_EQ(counted.most_open, 2u);
}

TEST_F(Sandbox, CountsNoHandshakeThatFailed) {
  peer distrustful = peer_of(server);
  distrustful.ca_pem = sandbox().ca_pem();
  EXPECT_TRUE(blocking_client(distrustful).failure());
  while (server.statistics().open > 0) std::this_thread::yield();
  EXPECT_EQ(server.statistics().connections, 1u);
  EXPECT_EQ(server.statistics().handshakes, 0u);
}

TEST_F(Sandbox, ClosesIdleConnectionsInOrder) {
  blocking_client one(peer_of(server)), two(peer_of(server));
  for (blocking_client* client : {&one, &two})
    EXPECT_EQ(client->get(first, server.token()).result_int(), 200u);
  server.close_connections();
  for (blocking_client* client : {&one, &two}) {
    EXPECT_EQ(client->receive_all(), "");
    EXPECT_EQ(client->failure(), boost::asio::error::eof);  // with close_notify
  }
  EXPECT_EQ(blocking_client(peer_of(server)).get(first, server.token()).result_int(), 200u)
      << "it still serves";
}

TEST_F(Sandbox, ClosesConnectionsAmidARequest) {
  server.inject({.kind = fault_kind::delay, .delay = 1h});
  blocking_client client(peer_of(server));
  client.send(get_request(first, server.token()));
  while (server.statistics().requests == 0) std::this_thread::yield();
  server.close_connections();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_TRUE(client.failure());
  while (server.statistics().open > 0) std::this_thread::yield();
}

TEST(SandboxLifetime, EndsWithConnectionsInEveryState) {
  auto server = std::make_unique<sandbox>();
  const std::string token = server->token();
  blocking_client idle(peer_of(*server)), waiting(peer_of(*server)), delayed(peer_of(*server));
  EXPECT_EQ(idle.get(first, token).result_int(), 200u);
  server->inject({.kind = fault_kind::silent});
  waiting.send(get_request(first, token));
  while (server->statistics().requests < 2) std::this_thread::yield();
  server->inject({.kind = fault_kind::delay, .delay = 1h});
  delayed.send(get_request(first, token));
  while (server->statistics().requests < 3) std::this_thread::yield();
  blocking_client amid_handshake({.port = server->port()});
  server.reset();
  for (blocking_client* client : {&idle, &waiting, &delayed, &amid_handshake}) {
    EXPECT_EQ(client->receive_all(), "");
    EXPECT_TRUE(client->failure());
  }
}

TEST(SandboxThreads, ServeManyAtOnce) {
  sandbox server({.threads = 3});
  constexpr int clients = 6, requests = 50;
  std::vector<upsun::test::joining_thread> threads;
  for (int c = 0; c < clients; ++c) {
    threads.emplace_back([&] {
      blocking_client client(peer_of(server));
      for (int r = 0; r < requests; ++r) {
        server.put_raw("project-0", "shared", "{}");
        EXPECT_EQ(client.get(first, server.token()).result_int(), 200u);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(server.statistics().connections, std::uint64_t{clients});
  EXPECT_EQ(server.statistics().requests, std::uint64_t{clients * requests});
}

}  // namespace sandbox_test
}  // namespace upsun::testing
