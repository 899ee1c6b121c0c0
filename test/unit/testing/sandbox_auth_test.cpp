// The sandbox's token endpoint, and the tokens it gives.

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <upsun/testing/sandbox.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "blocking_client.hpp"

namespace upsun::testing {
namespace sandbox_auth_test {

namespace http = boost::beast::http;
namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* resource = "/projects/project-0/integrations/integration-0";
const std::string client_header = "Authorization: Basic cGxhdGZvcm0tYXBpLXVzZXI6\r\n";
const std::string form_header = "Content-Type: application/x-www-form-urlencoded\r\n";
const std::string json_header = "Content-Type: application/json\r\n";

blocking_client::response post_to(const sandbox& server, const std::string& body,
                                  const std::string& headers = client_header + form_header) {
  blocking_client client(peer_of(server));
  client.send("POST /oauth2/token HTTP/1.1\r\nHost: x\r\n" + headers +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return client.receive();
}

struct SandboxTokens : ::testing::Test {
  sandbox server{{.token_lifetime = 60s, .refresh_tokens = true}};

  json::object exchange() {
    return json::parse(
               post_to(server, "grant_type=api_token&api_token=" + server.api_token()).body())
        .as_object();
  }
  blocking_client::response refresh(const json::value& token) {
    return post_to(server,
                   "grant_type=refresh_token&refresh_token=" + std::string(token.as_string()));
  }
  unsigned get(const json::value& token) {
    return blocking_client(peer_of(server))
        .get(resource, std::string(token.as_string()))
        .result_int();
  }
};

TEST_F(SandboxTokens, ExchangesTheApiTokenForAccessTokensThatWork) {
  const auto given = exchange();
  EXPECT_EQ(given.at("expires_in").as_int64(), 60);
  EXPECT_EQ(given.at("token_type").as_string(), "bearer");
  EXPECT_EQ(get(given.at("access_token")), 200u);
  EXPECT_NE(exchange().at("access_token"), given.at("access_token"));
  EXPECT_EQ(get(given.at("access_token")), 200u) << "the first stays good";
  EXPECT_EQ(get(json::string(server.token())), 200u) << "and so does the static one";
  EXPECT_EQ(server.statistics().exchanges, 2u);
  EXPECT_EQ(server.statistics().refreshes, 0u);
}

TEST_F(SandboxTokens, RefreshTokensRotate) {
  const auto first = exchange();
  const auto refreshed = refresh(first.at("refresh_token"));
  ASSERT_EQ(refreshed.result_int(), 200u);
  const auto second = json::parse(refreshed.body()).as_object();
  EXPECT_NE(second.at("refresh_token"), first.at("refresh_token"));
  EXPECT_EQ(get(second.at("access_token")), 200u);
  const auto again = refresh(first.at("refresh_token"));
  EXPECT_EQ(again.result_int(), 400u) << "each is good for one use";
  EXPECT_EQ(json::parse(again.body()).at("error").as_string(), "invalid_grant");
  EXPECT_EQ(server.statistics().refreshes, 1u);
  EXPECT_EQ(server.statistics().token_refusals, 1u);
}

TEST_F(SandboxTokens, NoRefreshTokenUnlessTheOptionSaysSo) {
  const sandbox plain;
  const auto response = post_to(plain, "grant_type=api_token&api_token=sandbox-api-token");
  const auto given = json::parse(response.body()).as_object();
  EXPECT_FALSE(given.contains("refresh_token"));
  EXPECT_EQ(given.at("expires_in").as_int64(), 900);
}

TEST_F(SandboxTokens, ARevokedApiTokenIsRefusedWithItsRefreshTokens) {
  const auto given = exchange();
  const std::string old = server.api_token();
  server.set_api_token("another");
  const auto refused = post_to(server, "grant_type=api_token&api_token=" + old);
  EXPECT_EQ(refused.result_int(), 400u);
  EXPECT_EQ(json::parse(refused.body()).at("error").as_string(), "invalid_grant");
  EXPECT_EQ(refresh(given.at("refresh_token")).result_int(), 400u);
  EXPECT_EQ(get(given.at("access_token")), 200u) << "access tokens stay good";
  EXPECT_EQ(get(exchange().at("access_token")), 200u);
}

TEST_F(SandboxTokens, TokensExpireOnDemand) {
  const auto given = exchange();
  server.expire_access_tokens();
  EXPECT_EQ(get(given.at("access_token")), 401u);
  EXPECT_EQ(get(json::string(server.token())), 200u);
  const auto renewed = json::parse(refresh(given.at("refresh_token")).body()).as_object();
  EXPECT_EQ(get(renewed.at("access_token")), 200u);
  server.expire_refresh_tokens();
  EXPECT_EQ(refresh(renewed.at("refresh_token")).result_int(), 400u);
}

TEST_F(SandboxTokens, DemandsStepUpOfGoodTokensOnly) {
  server.demand_step_up(true);
  const auto demanded = blocking_client(peer_of(server)).get(resource, server.token());
  EXPECT_EQ(demanded.result_int(), 401u);
  EXPECT_NE(
      demanded[http::field::www_authenticate].find("error=\"insufficient_user_authentication\""),
      std::string_view::npos);
  const auto wrong = blocking_client(peer_of(server)).get(resource, "wrong");
  EXPECT_EQ(wrong[http::field::www_authenticate], R"(Bearer realm="upsun", error="invalid_token")");
  server.demand_step_up(false);
  EXPECT_EQ(get(json::string(server.token())), 200u);
}

TEST_F(SandboxTokens, GivesTokensToWhoNamesItselfInTheBody) {
  const std::string token = server.api_token();
  const std::string form = "client_id=platform-cli&grant_type=api_token&api_token=" + token;
  const std::string object =
      R"({"client_id":"upsun-cli","grant_type":"api_token","api_token":")" + token + "\"}";
  for (const auto& [body, headers] :
       {std::pair(form, form_header),
        std::pair(form, std::string("Content-Type: Application/X-WWW-Form-Urlencoded; "
                                    "charset=utf-8\r\n")),
        std::pair(object, json_header), std::pair(object, client_header + json_header)}) {
    const auto given = post_to(server, body, headers);
    EXPECT_EQ(given.result_int(), 200u) << body << headers << given.body();
  }
}

TEST_F(SandboxTokens, RefusesWhatIsNoProperRequest) {
  struct request {
    std::string body, headers, error;
    unsigned status;
  };
  const std::string both = client_header + form_header;
  const std::string good = "grant_type=api_token&api_token=" + server.api_token();
  const std::vector<request> requests{
      {good, form_header, "invalid_client", 401},
      {good, "Authorization: Basic eDo=\r\n" + form_header, "invalid_client", 401},
      {good, client_header, "invalid_request", 400},
      {good, client_header + json_header, "invalid_request", 400},
      {R"({"grant_type":"api_token"})", client_header + json_header, "invalid_request", 400},
      {R"({"grant_type":7})", client_header + json_header, "invalid_request", 400},
      {"[]", client_header + json_header, "invalid_request", 400},
      {good + "&client_id=", form_header, "invalid_client", 401},
      {"", both, "invalid_request", 400},
      {"grant_type=api_token", both, "invalid_request", 400},
      {"grant_type=api_token&api_token=%", both, "invalid_request", 400},
      {"grant_type=password&password=x", both, "unsupported_grant_type", 400},
      {"grant_type=api_token&api_token=wrong", both, "invalid_grant", 400},
      {"grant_type=refresh_token&refresh_token=wrong", both, "invalid_grant", 400},
  };
  for (const request& each : requests) {
    const auto refused = post_to(server, each.body, each.headers);
    EXPECT_EQ(refused.result_int(), each.status) << each.body << each.headers;
    EXPECT_EQ(json::parse(refused.body()).at("error").as_string(), each.error)
        << each.body << each.headers;
  }
  EXPECT_EQ(server.statistics().token_refusals, requests.size());
  EXPECT_EQ(blocking_client(peer_of(server)).get("/oauth2/token", server.token()).result_int(),
            405u);
}

}  // namespace sandbox_auth_test
}  // namespace upsun::testing
