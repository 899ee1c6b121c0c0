// nginx that reloads, restarts, limits and loses its upstreams, under load: no call is lost, none
// ends twice, and the counts are those of its access log.

#include <atomic>
#include <sstream>
#include <string>
#include <thread>

#include "integration/load.hpp"
#include "support/joining_thread.hpp"
#include "support/nginx_server.hpp"
#include "support/responses.hpp"

namespace upsun::testing {
namespace nginx_faults_test {

using test::nginx_server;

constexpr std::size_t callers = 64;

class NginxFaults : public ::testing::Test {
 protected:
  const certificate_authority authority{"Trusted authority"};
  const certificate identity = authority.issue(
      {.common_name = "localhost", .dns_names = {"localhost"}, .addresses = {"127.0.0.1"}});
  const nginx_server::files content{
      {"projects/project-0/integrations/integration-0", test::slack_document}};
  asio::io_context io{1};

  /// Its access log holds a status a line.
  [[nodiscard]] static std::string server_block(const std::string& inside,
                                                const std::string& before = "") {
    return before +
           " log_format status '$status'; server { listen 127.0.0.1:{port} ssl; ssl_certificate "
           "{certificate}; ssl_certificate_key {key}; root {root}; "
           "default_type application/json; access_log access.log status; " +
           inside + " }";
  }
  [[nodiscard]] client client_of(const nginx_server& server) {
    client_config config;
    config.base_url = "https://127.0.0.1:" + std::to_string(server.port());
    config.credentials = bearer_token("a-token");
    config.tls.ca_pem = authority.pem();
    config.retry.max_attempts = 1;
    return client(io.get_executor(), prepared(config));
  }
  /// How many responses of a status it logged, once there are as many as `expected`: it logs a
  /// response after it has sent it.
  [[nodiscard]] static std::size_t logged(const nginx_server& server, const std::string& status,
                                          std::size_t expected) {
    std::size_t count = 0;
    test::poll_until([&] {
      std::istringstream lines(server.file("access.log"));
      count = 0;
      for (std::string line; std::getline(lines, line);) count += line == status ? 1 : 0;
      return count >= expected;
    });
    return count;
  }
  [[nodiscard]] static integration_id only(std::size_t) { return integration_number(0); }
};

TEST_F(NginxFaults, ReloadsLoseNoCall) {
  nginx_server server(server_block("keepalive_requests 100;"), identity, content, "127.0.0.1", 2);
  client client = client_of(server);
  std::atomic<bool> reloaded = false;
  load calls(client, only, [&](const load& l) { return reloaded && l.started() >= 1'000; });
  calls.start(callers);
  upsun::test::joining_thread runner([&] { io.run(); });
  for (int i = 0; i < 4; ++i) server.reload();
  reloaded = true;
  runner.join();
  EXPECT_TRUE(calls.each_ended_once());
  EXPECT_EQ(calls.succeeded(), calls.started())
      << "the end of an idle connection is no failure of a call";
  EXPECT_EQ(logged(server, "200", calls.started()), calls.started());
}

TEST_F(NginxFaults, RestartsEndEachCallOnce) {
  nginx_server server(server_block(""), identity, content);
  client client = client_of(server);
  std::atomic<bool> restarted = false;
  std::size_t before = 0;
  load calls(client, only, [&](const load& l) {
    if (!restarted) before = l.succeeded();
    return l.succeeded() >= before + 500;
  });
  calls.start(callers);
  upsun::test::joining_thread runner([&] { io.run(); });
  for (int i = 0; i < 3; ++i)
    server.restart();  // here, since a child dies with the thread that started it
  restarted = true;
  runner.join();
  EXPECT_TRUE(calls.each_ended_once());
  for (const auto& [how, number] : calls.outcomes()) {
    const error ended(how.first, {});
    EXPECT_TRUE(!how.first || ended == condition::connection || ended == condition::tls) << ended;
  }
  const std::size_t responses = logged(server, "200", calls.succeeded());
  EXPECT_GE(responses, calls.succeeded());
  EXPECT_LE(responses, calls.started());
}

TEST_F(NginxFaults, RateLimitsAreResponsesLikeOthers) {
  const nginx_server server(
      server_block("limit_req zone=calls burst=5 nodelay; limit_req_status 429;",
                   "limit_req_zone $binary_remote_addr zone=calls:1m rate=1r/s;"),
      identity, content);
  client client = client_of(server);
  load calls(client, only, [](const load& l) { return l.started() >= 1'000; });
  calls.start(callers);
  io.run();
  EXPECT_TRUE(calls.each_ended_once());
  EXPECT_EQ(calls.succeeded(), logged(server, "200", calls.succeeded()));
  EXPECT_EQ(calls.count(errc::rate_limited, 429),
            logged(server, "429", calls.count(errc::rate_limited, 429)));
  EXPECT_EQ(calls.succeeded() + calls.count(errc::rate_limited, 429), calls.started());
  EXPECT_GT(calls.succeeded(), 0u);
  EXPECT_GT(calls.count(errc::rate_limited, 429), 0u);
  EXPECT_LE(client.statistics().dials, callers) << "a refusal keeps its connection";
}

TEST_F(NginxFaults, BrokenUpstreamsAreDistinguished) {
  sandbox silent({.tls = false});
  silent.inject({.kind = fault_kind::silent}, 0);
  sandbox truncating({.tls = false, .token = "a-token"});
  truncating.inject({.kind = fault_kind::truncate_at, .at = 300}, 0);
  const std::string path = "location /projects/project-0/integrations/integration-";
  const nginx_server server(
      server_block(path + "1 { proxy_pass http://unix:/no/such/socket; } " +  //
                   path + "2 { proxy_read_timeout 30ms; proxy_pass http://127.0.0.1:" +
                   std::to_string(silent.port()) + "; } " +  //
                   path + "3 { proxy_pass http://127.0.0.1:" + std::to_string(truncating.port()) +
                   "; }"),
      identity, content);
  client client = client_of(server);
  load calls(
      client, [](std::size_t n) { return integration_number(n % 4); },
      [](const load& l) { return l.started() >= 1'000; });
  calls.start(callers);
  io.run();
  EXPECT_TRUE(calls.each_ended_once());
  const std::map<load::outcome, std::size_t> expected{{{}, 250},
                                                      {{errc::server_error, 502}, 250},
                                                      {{errc::server_error, 504}, 250},
                                                      {{errc::connection_closed, 0}, 250}};
  EXPECT_EQ(calls.outcomes(), expected);
  EXPECT_EQ(logged(server, "502", 250), 250u);
  EXPECT_EQ(logged(server, "504", 250), 250u);
  EXPECT_EQ(logged(server, "200", 500), 500u)
      << "those cut off by the upstream had begun as good responses";
}

}  // namespace nginx_faults_test
}  // namespace upsun::testing
