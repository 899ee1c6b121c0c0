#include <string>
#include <vector>

#include "integration/harness.hpp"
#include "support/connect_proxy.hpp"
#include "support/responses.hpp"
#include "support/scripted_server.hpp"

namespace upsun::testing {
namespace proxy_test {

using test::connect_proxy;
using test::connect_proxy_options;
using then = connect_proxy_options::then;

client_config through(const connect_proxy& proxy, client_config config,
                      const std::string& user_info = {}) {
  config.proxy.url = secret(proxy.url(user_info));
  return config;
}

TEST(ProxyTunnel, CarriesCallsOverTlsAndSeesNothingButHostAndPort) {
  sandbox server;
  const connect_proxy proxy;
  with_client(through(proxy, config_for(server)), [&](client& client) -> asio::awaitable<void> {
    for (std::size_t i = 0; i < 18; ++i) EXPECT_TRUE(co_await fetch(client, integration_number(i)));
    EXPECT_EQ(client.statistics().dials, 1u);
    EXPECT_EQ(client.statistics().reuses, 17u);
  });
  const std::string target = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(proxy.heads(), (std::vector<std::string>{"CONNECT " + target +
                                                     " HTTP/1.1\r\nHost: " + target + "\r\n\r\n"}));
  EXPECT_EQ(proxy.tunnels(), 1u);
  EXPECT_EQ(proxy.carried().find(server.token()), std::string::npos);
  EXPECT_EQ(proxy.carried().find("integration-0"), std::string::npos);
  EXPECT_EQ(server.statistics().handshakes, 1u);
}

TEST(ProxyTunnel, CarriesManyCallsAtOnce) {
  sandbox server;
  const connect_proxy proxy({.slowly = true});
  asio::io_context io;
  auto config = through(proxy, config_for(server));
  config.pool.max_connections = 16;
  client client(io.get_executor(), config);
  int fetched = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    start_fetch(client, integration_number(i % 18),
                [&](const result<integration>& got) { fetched += got ? 1 : 0; });
  }
  while (fetched < 200 && io.run_one() > 0) {
  }
  EXPECT_EQ(fetched, 200);
  EXPECT_EQ(proxy.tunnels(), client.statistics().open());
}

TEST(ProxyTunnel, GivesTheProxyItsCredentialsAndNobodyElse) {
  sandbox server;
  const connect_proxy proxy({.credentials = "user:pass@word"});
  EXPECT_TRUE(fetch_once(through(proxy, config_for(server), "user:pass%40word")));
  ASSERT_EQ(proxy.heads().size(), 1u);
  EXPECT_EQ(proxy.heads()[0].find(server.token()), std::string::npos);
  EXPECT_EQ(proxy.carried().find("Proxy-Authorization"), std::string::npos);
}

TEST(ProxyTunnel, SaysThatTheProxyDemandsCredentialsWithoutShowingThem) {
  sandbox server;
  const connect_proxy proxy({.credentials = "user:right"});
  for (const char* user_info : {"", "user:hunter2"}) {
    const auto got = fetch_once(through(proxy, config_for(server), user_info));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), errc::proxy_refused) << got.error();
    EXPECT_EQ(got.error(), condition::connection);
    EXPECT_EQ(got.error().phase(), phase::connect);
    EXPECT_EQ(got.error().details().cause, "proxy 127.0.0.1:" + std::to_string(proxy.port()) +
                                               ": the proxy answered 407: it demands credentials");
    EXPECT_TRUE(got.error().safe_to_retry());
    EXPECT_EQ(got.error().message().find("hunter2"), std::string::npos);
  }
  EXPECT_EQ(proxy.connections(), 2u) << "wrong credentials are not tried again";
  EXPECT_EQ(server.statistics().connections, 0u);
}

// The name is the proxy's to resolve, and the server's to prove.
TEST(ProxyTunnel, LeavesTheNameToTheProxyAndChecksTheServersCertificateForIt) {
  const certificate_authority authority("Trusted authority");
  const test::script respond{test::read_head(), test::send(test::json_response())};
  const connect_proxy proxy;
  for (const bool right : {true, false}) {
    const auto identity =
        authority.issue({.common_name = "api",
                         .dns_names = {right ? "api.no-such.invalid" : "other.no-such.invalid"}});
    const test::scripted_server server(respond, {.tls = true, .identity = identity});
    const client_config direct{
        .base_url = "https://api.no-such.invalid:" + std::to_string(server.port()),
        .credentials = bearer_token("planted-secret"),
        .tls = {.ca_pem = authority.pem()}};
    EXPECT_EQ(fetch_once(direct).error(), errc::resolve_failed);
    const auto got = fetch_once(through(proxy, direct));
    EXPECT_EQ(got.has_value(), right);
    EXPECT_EQ(got.has_error() ? got.error().code() : error_code(),
              right ? error_code() : errc::tls_certificate_refused);
  }
}

TEST(ProxyTunnel, IsNotUsedForAHostThatBypassesIt) {
  sandbox server;
  const connect_proxy proxy;
  auto config = through(proxy, config_for(server));
  config.proxy.bypass = {"127.0.0.0/8"};
  EXPECT_TRUE(fetch_once(config));
  EXPECT_EQ(proxy.connections(), 0u);
  config.proxy.bypass = {"127.0.0.1:1"};
  EXPECT_TRUE(fetch_once(config));
  EXPECT_EQ(proxy.connections(), 1u);
}

struct proxy_fault {
  const char* name;
  connect_proxy_options proxy;
  errc expected;
  std::string cause;
};

class ProxyFault : public ::testing::TestWithParam<proxy_fault> {};

TEST_P(ProxyFault, EndsTheCallWithItsCauseAndSendsNoToken) {
  const auto& [name, options, expected, cause] = GetParam();
  sandbox server;
  const connect_proxy proxy(options);
  auto config = through(proxy, config_for(server), "user:hunter2");
  if (expected == errc::connect_timeout) config.timeouts.connect = 50ms;
  const auto got = fetch_once(config);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(), expected) << got.error();
  EXPECT_NE(got.error().details().cause.find(cause), std::string::npos) << got.error();
  EXPECT_TRUE(got.error().safe_to_retry());
  EXPECT_EQ(got.error().message().find("hunter2"), std::string::npos) << got.error();
  ASSERT_TRUE(proxy.wait_for_ended(1)) << "the connection is closed";
  EXPECT_EQ(proxy.carried().find(server.token()), std::string::npos);
}

const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

INSTANTIATE_TEST_SUITE_P(
    Of, ProxyFault,
    ::testing::Values(
        proxy_fault{"Forbids",
                    {.response = "HTTP/1.1 403 Forbidden\r\n\r\n", .afterwards = then::stall},
                    errc::proxy_refused,
                    "answered 403"},
        proxy_fault{"BadGateway",
                    {.response = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nno route!",
                     .afterwards = then::close},
                    errc::connect_failed,
                    "answered 502"},
        proxy_fault{"CutsItsResponse",
                    {.response = "HTTP/1.1 200 OK\r\nVia", .afterwards = then::close},
                    errc::connection_closed,
                    "closed the connection"},
        proxy_fault{"ResetsAmidItsResponse",
                    {.response = "HTTP/1.1 200 OK\r\nVia", .afterwards = then::reset},
                    errc::connection_reset,
                    "proxy 127.0.0.1:"},
        proxy_fault{"StallsAmidItsResponse",
                    {.response = "HTTP/1.1 200 OK\r\nVia", .afterwards = then::stall},
                    errc::connect_timeout,
                    "through proxy"},
        proxy_fault{"StallsInTheTunnel",
                    {.response = established, .afterwards = then::stall},
                    errc::connect_timeout,
                    "through proxy"},
        proxy_fault{"IsNoHttp",
                    {.response = "SSH-2.0-OpenSSH_9.2\r\n", .afterwards = then::stall},
                    errc::bad_response,
                    "no valid status line"},
        proxy_fault{"IsTls",
                    {.response = "\x15\x03\x03\x01\x02\x02\x16\r\n", .afterwards = then::close},
                    errc::bad_response,
                    "control character"},
        proxy_fault{
            "SpeaksInTheTunnel",
            {.response = established + "HTTP/1.1 200 OK\r\n\r\n", .afterwards = then::stall},
            errc::bad_response,
            "bytes of its own"},
        proxy_fault{"SpeaksForTheServer",
                    {.response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                     .afterwards = then::stall},
                    errc::bad_response,
                    "bytes of its own"},
        proxy_fault{"ClosesTheTunnel",
                    {.response = established, .afterwards = then::close},
                    errc::tls_handshake_failed,
                    "127.0.0.1:"},
        proxy_fault{"ManyHints",
                    {.response =
                         [] {
                           std::string hints;
                           for (int i = 0; i < 20; ++i) hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
                           return hints;
                         }(),
                     .afterwards = then::stall},
                    errc::header_limit,
                    "limits.informational_responses"},
        proxy_fault{"EndlessHead",
                    {.response = "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'a'),
                     .afterwards = then::stall},
                    errc::header_limit,
                    "limits.header_bytes"}),
    [](const auto& of) { return std::string(of.param.name); });

TEST(ProxyDial, SaysThatTheProxyCannotBeReached) {
  sandbox server;
  std::uint16_t port = 0;
  {
    const connect_proxy gone;
    port = gone.port();
  }
  auto config = config_for(server);
  config.proxy.url = secret("http://user:hunter2@127.0.0.1:" + std::to_string(port));
  const auto refused = fetch_once(config);
  EXPECT_EQ(refused.error(), errc::connect_failed);
  EXPECT_NE(refused.error().details().cause.find("proxy 127.0.0.1:" + std::to_string(port)),
            std::string::npos)
      << refused.error();
  config.proxy.url = secret("http://user:hunter2@no-such-proxy.invalid");
  const auto unknown = fetch_once(config);
  EXPECT_EQ(unknown.error(), errc::resolve_failed);
  EXPECT_NE(unknown.error().details().cause.find("proxy no-such-proxy.invalid"), std::string::npos)
      << unknown.error();
  EXPECT_EQ(unknown.error().message().find("hunter2"), std::string::npos);
}

}  // namespace proxy_test
}  // namespace upsun::testing
