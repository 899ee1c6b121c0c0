// Secrets in what is said of tokens that are exchanged and renewed, and in every event of a call.

#include <string>
#include <vector>

#include "integration/secrets.hpp"
#include "support/connect_proxy.hpp"
#include "support/planned_server.hpp"

namespace upsun::testing {
namespace secrets_test {

using asio::awaitable;
using test::planned_reply;
using test::planned_server;

// A token endpoint and an API that send back what they were sent.
TEST_F(Secrets, AreInNoTextAroundATokenExchange) {
  const std::string api = mark + "-api";
  const std::string access = mark + "-access";
  const std::string refresh = mark + "-refresh";
  const std::string json = "\r\nContent-Type: application/json";
  const auto given = [&](const std::string& it, const std::string& rest) {
    return response("200 OK" + json, R"({"access_token":")" + it + R"(","refresh_token":")" +
                                         refresh + '"' + rest + "}");
  };
  const std::string good = given(access, R"(,"expires_in":900,"token_type":"bearer")");
  const std::string refused =
      response("401 No" + json + "\r\nWWW-Authenticate: Bearer error=\"invalid_token\", realm=\"" +
                   access + '"',
               '"' + access + '"');
  struct row {
    std::string exchanged;  ///< The token endpoint's response.
    std::string responded;  ///< The API's.
    std::string renewed{};  ///< The token endpoint's from the second on; empty: as the first.
  };
  const std::vector<row> rows{
      {good, response("200 OK" + json, R"({"type":"health.slack","channel":"#ops"})")},
      {good, refused},
      {good, refused,
       response("400 Bad" + json,
                R"({"error":"invalid_grant","error_description":")" + refresh + "\"}")},
      {good, refused, refresh + "\r\n\r\n"},
      {good,
       response(
           "401 No" + json +
               "\r\nWWW-Authenticate: Bearer error=\"insufficient_user_authentication\", scope=\"" +
               access + '"',
           "{}")},
      {good, response("500 " + access, access)},
      {good, access + "\r\n\r\n"},
      {given(access + "\\u0001", ""), ""},
      {given(access + " " + access, ""), ""},
      {given(access, R"(,"expires_in":")" + access + '"'), ""},
      {given(access, R"(,"token_type":")" + access + '"'), ""},
      {given(access, ",\"" + access), ""},
      {response("400 Bad" + json,
                R"({"error":"invalid_grant","error_description":")" + api + "\"}"),
       ""},
      {response("400 Bad" + json,
                R"({"error":")" + api + R"(","detail":{")" + api + R"(":")" + api + "\"}}"),
       ""},
      {response("429 " + api + "\r\nRetry-After: " + api, api), ""},
      {response("503 Later", api), ""},
      {response("200 OK" + json, '"' + api + '"'), ""},
      {response("200 OK\r\n" + api, "{}"), ""},
      {api + "\r\n\r\n", ""},
  };
  asio::io_context io(1);
  row current;
  int exchanges = 0;
  planned_server server(io, [&](std::string_view target) {
    if (target.find("oauth2") == target.npos)
      return planned_reply{current.responded, planned_reply::ending::close};
    const bool renewal = ++exchanges > 1 && !current.renewed.empty();
    return planned_reply{renewal ? current.renewed : current.exchanged,
                         planned_reply::ending::close};
  });
  asio::co_spawn(
      io,
      [&]() -> awaitable<void> {
        for (const row& each : rows) {
          current = each;
          exchanges = 0;
          client_config config = config_for(server.url());
          config.credentials = api_token(api, server.url());
          config.retry = {.max_attempts = 2, .base = 0ms, .throttled_base = 0ms};
          client client(io.get_executor(), config);
          for (int call = 0; call < 3; ++call) {  // the later ones renew, by the refresh token
            const auto got = co_await fetch(client, with_secret_header());
            EXPECT_EQ(got.has_value(), &each == &rows.front()) << each.exchanged;
            if (got) continue;
            watch->read(got.error());
            // It may say again what it was sent, but that is struck out.
            if (got.error().phase() == phase::token && got.error().server() && each.renewed.empty())
              watch->read(got.error().server()->message);
          }
          watch->read(client.statistics());
        }
        server.close();
      },
      [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
  io.run();
  EXPECT_GT(watch->events(attempt_event::kind::completed), rows.size() / 2);
}

TEST_F(Secrets, AreInNoTextAboutATokenSource) {
  sandbox server;
  for (const std::string& given :
       {mark + "-wrong", mark + " " + mark, mark + "\r\nX: y", std::string()}) {
    client_config config = config_for(server.url());
    config.tls.ca_pem = server.ca_pem();
    config.credentials = token_source(
        [&]() -> awaitable<result<access_token>> { co_return access_token(given, 15min); });
    EXPECT_EQ(fetch_once(config).error(), condition::unauthorized);
  }
  EXPECT_GT(watch->events(attempt_event::kind::completed), 0u);
}

// Calls that are retried, hedged, renewed and that succeed, through a proxy with credentials and
// with a key of the client's: every kind of event.
TEST_F(Secrets, AreInNoEventWhateverHappensToACall) {
  sandbox server({.token = mark + "-unused", .api_token = mark + "-api", .refresh_tokens = true});
  const test::connect_proxy proxy({.credentials = "user:" + proxy_password});
  client_config config = config_for(server.url());
  config.credentials = api_token(server.api_token(), server.url());
  config.tls.ca_pem = server.ca_pem();
  config.tls.client_certificate_pem = identity().pem();
  config.tls.client_key_pem = secret(identity().key_pem());
  config.proxy.url = secret(proxy.url("user:" + proxy_password));
  config.retry = {.max_attempts = 3, .base = 0ms, .throttled_base = 0ms};
  config.hedge = {.delay = 1ms, .max_extra_percent = 100};
  config.decode_policy = decode_policy::tolerant;
  with_client(config, [&](client& client) -> awaitable<void> {
    EXPECT_TRUE(co_await fetch(client, with_secret_header()));
    server.inject({.kind = fault_kind::status, .status = 503, .body = mark});
    server.inject({.kind = fault_kind::reset_at, .at = 30});
    EXPECT_TRUE(co_await fetch(client, with_secret_header()));
    server.expire_access_tokens();
    EXPECT_TRUE(co_await fetch(client, with_secret_header()));
    server.inject({.kind = fault_kind::silent});
    hedge_options hedged = config.hedge;
    hedged.enabled = true;
    EXPECT_TRUE(co_await fetch(client, with_secret_header().hedge(hedged)));
    server.put_raw("project-0", "drifted",
                   R"({"type":"webhook","url":7,"shared_key":")" + token + "\"}");
    const auto drifted = co_await fetch(client, integration_id("drifted"), with_secret_header());
    EXPECT_TRUE(drifted);
    if (drifted) watch->read_print(*drifted);
    server.set_api_token(mark + "-another");
    server.expire_access_tokens();
    EXPECT_EQ((co_await fetch(client, with_secret_header())).error(), errc::credentials_refused);
    watch->read(client.statistics());
  });
  using enum attempt_event::kind;
  for (const auto each : {queued, leased, dialled, sent, first_byte, completed, retried, hedged})
    EXPECT_GT(watch->events(each), 0u) << to_string(each);
}

}  // namespace secrets_test
}  // namespace upsun::testing
