#include "auth/token_exchange.hpp"

#include <gtest/gtest.h>
#include <upsun/testing/fake_transport.hpp>

#include <string>
#include <utility>
#include <vector>

namespace upsun::auth {
namespace token_exchange_test {

using namespace std::chrono_literals;

const secret api_token_text("hunter2");

result<issued_token> parse(std::string body, int status = 200, token_grant grant = {}) {
  return parse_exchange(testing::fake_transport::json(std::move(body), status), api_token_text,
                        grant);
}

TEST(TokenExchange, SendsTheApiTokenAsAForm) {
  const http_request request = make_exchange("/auth", secret("a b&c=d+e/f%"), {});
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/auth/oauth2/token");
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(*request.authorization, "Basic cGxhdGZvcm0tYXBpLXVzZXI6");
  EXPECT_EQ(request.body, "grant_type=api_token&api_token=a+b%26c%3Dd%2Be%2Ff%25");
  EXPECT_TRUE(request.idempotent) << "a second exchange only makes a second token";
}

TEST(TokenExchange, SendsARefreshTokenOnceOnly) {
  const http_request request = make_exchange("", api_token_text, {.refresh_token = "r&\xff"});
  EXPECT_EQ(request.target, "/oauth2/token");
  EXPECT_EQ(request.body, "grant_type=refresh_token&refresh_token=r%26%FF");
  EXPECT_FALSE(request.idempotent) << "it may be used up";
}

TEST(TokenExchange, ReadsATokenAndItsLifetime) {
  struct token_case {
    std::string body;
    std::chrono::seconds lifetime;
    std::string refresh_token;
  };
  const std::vector<token_case> cases{
      {R"({"access_token":"a.b-c_d","expires_in":60,"token_type":"bearer","refresh_token":"r"})",
       60s, "r"},
      {R"({"access_token":"a.b-c_d","token_type":"Bearer","scope":"","x":{"y":[1,2]}})", 900s, ""},
      {R"({"access_token":"a.b-c_d","expires_in":null,"refresh_token":null})", 900s, ""},
      {R"({"access_token":"a.b-c_d","expires_in":1})", 1s, ""},
      {R"({"access_token":"a.b-c_d","expires_in":59.9})", 59s, ""},
      {R"({"access_token":"a.b-c_d","expires_in":86401})", 24h, ""},
      {R"({"access_token":"a.b-c_d","expires_in":9223372036854775807})", 24h, ""},
      {R"({"access_token":"a.b-c_d","expires_in":18446744073709551615})", 24h, ""},
      {R"({"access_token":"a.b-c_d","expires_in":1e300})", 24h, ""},
      {R"({"access_token":"a.b-c_d","expires_in":1e99999999999})", 24h, ""},
      {R"({"access_token":"a.b-c_d","expires_in":"60"})", 60s, ""},
      {R"({"access_token":"a.b-c_d","expires_in":"0900"})", 900s, ""},
      {R"({"access_token":"a.b-c_d","expires_in":"99999999999999999999999"})", 24h, ""},
      {R"({"access_token":"a.b-c_d","expires_in":60,"name":"\udce9"})", 60s, ""},
  };
  for (const token_case& each : cases) {
    const auto got = parse(each.body);
    ASSERT_TRUE(got) << each.body << ' ' << got.error();
    EXPECT_EQ(got->access_token, "a.b-c_d");
    EXPECT_EQ(got->lifetime, each.lifetime) << each.body;
    EXPECT_EQ(got->refresh_token, each.refresh_token) << each.body;
  }
}

TEST(TokenExchange, RefusesAResponseWithoutAToken) {
  const std::vector<std::pair<std::string, errc>> cases{
      {"", errc::unexpected_status},
      {"[]", errc::decode_failed},
      {"\"t\"", errc::decode_failed},
      {"{", errc::decode_failed},
      {"{}", errc::decode_failed},
      {std::string(100, '['), errc::decode_failed},
      {R"({"access_token":null})", errc::decode_failed},
      {R"({"access_token":7})", errc::decode_failed},
      {R"({"access_token":""})", errc::decode_failed},
      {R"({"access_token":"planted\r\nX: y"})", errc::decode_failed},
      {R"({"access_token":"planted token"})", errc::decode_failed},
      {R"({"access_token":"planted","token_type":"mac"})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":0})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":0.4})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":-1})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":-1e300})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":0e400})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":"0"})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":""})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":"-60"})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":"60 s"})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":"6e1"})", errc::decode_failed},
      {R"({"access_token":"planted\udce9","expires_in":60})", errc::decode_failed},
      {R"({"access_token":"planted","expires_in":true})", errc::decode_failed},
  };
  for (const auto& [body, code] : cases) {
    const auto got = parse(body);
    ASSERT_FALSE(got) << body;
    EXPECT_EQ(got.error(), code) << body;
    EXPECT_EQ(got.error().phase(), phase::token);
    EXPECT_EQ(got.error().status(), 200);
    EXPECT_EQ(got.error().message().find("planted"), std::string::npos) << got.error();
  }
}

TEST(TokenExchange, TakesJsonOfAnyMediaTypeAndNothingElse) {
  http_response response =
      testing::fake_transport::json(R"({"access_token":"planted","expires_in":900})");
  response.content_type = "text/plain";
  EXPECT_TRUE(parse_exchange(response, api_token_text, {}));
  response.body = "planted";
  EXPECT_EQ(parse_exchange(response, api_token_text, {}).error(), errc::unexpected_content_type);
}

TEST(TokenExchange, ARefusedApiTokenHasACodeOfItsOwn) {
  for (const int status : {400, 401}) {
    const auto got =
        parse(R"({"error":"invalid_grant","error_description":"Invalid API token"})", status);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), errc::credentials_refused);
    EXPECT_EQ(got.error(), condition::unauthorized);
    EXPECT_EQ(got.error().status(), status);
    ASSERT_TRUE(got.error().server());
    EXPECT_EQ(got.error().server()->message, "Invalid API token");
    EXPECT_EQ(got.error().server()->code, "invalid_grant");
    EXPECT_NE(got.error().message().find("the API token was refused"), std::string::npos)
        << got.error();
  }
  EXPECT_NE(parse(R"({"error":"invalid_grant"})", 400, {.refresh_token = "r"})
                .error()
                .message()
                .find("the refresh token was refused"),
            std::string::npos);
}

TEST(TokenExchange, OtherRefusalsKeepTheirStatus) {
  EXPECT_EQ(parse(R"({"error":"unsupported_grant_type"})", 400).error(), errc::bad_request);
  EXPECT_EQ(parse(R"({"error":"invalid_client"})", 401).error(), errc::unauthorized);
  EXPECT_EQ(parse("", 404).error(), errc::not_found);
  EXPECT_EQ(parse("<html>", 429).error(), errc::rate_limited);
  EXPECT_EQ(parse("", 503).error(), errc::server_error);
  EXPECT_EQ(parse(R"({"error":"invalid_grant"})", 503).error(), errc::server_error)
      << "a server that fails decides nothing";
  EXPECT_EQ(parse("", 302).error(), errc::unexpected_status);

  http_response step_up = testing::fake_transport::json("{}", 401);
  step_up.www_authenticate = R"(Bearer error="insufficient_user_authentication")";
  EXPECT_EQ(parse_exchange(step_up, api_token_text, {}).error(), errc::step_up_required);

  http_response busy = testing::fake_transport::json("{}", 503);
  busy.retry_after = 7s;
  EXPECT_EQ(parse_exchange(busy, api_token_text, {}).error().details().retry_after, 7s);
}

TEST(TokenExchange, StrikesSecretsOutOfWhatTheServerSays) {
  const auto got = parse(
      R"({"error":"hunter2","error_description":"hunter2hunter2 and r-secret","detail":{"hunter2":"r-secret!"}})",
      400, {.refresh_token = "r-secret"});
  ASSERT_FALSE(got);
  const server_message& shown = *got.error().server();
  EXPECT_EQ(shown.message, "[redacted][redacted] and [redacted]");
  EXPECT_EQ(shown.code, "[redacted]");
  EXPECT_EQ(shown.fields, (std::vector<field_error>{{"[redacted]", "[redacted]!"}}));
  EXPECT_EQ(parse(R"({"error":"redder"})", 400, {.refresh_token = "e"}).error().server()->message,
            "r[redacted]dd[redacted]r")
      << "one that the mark itself holds";
}

TEST(TokenExchange, StrikesSecretsOutOfItsOwnWords) {
  http_response typed;
  typed.status = 200;
  typed.content_type = "text/hunter2";
  typed.body = "x";
  http_response redirect;
  redirect.status = 302;
  redirect.location = "https://HUNTER2.example";
  http_response coded = typed;
  coded.content_encoding = "r-secret";
  for (const http_response& response : {typed, redirect, coded}) {
    const error refused =
        parse_exchange(response, api_token_text, {.refresh_token = "r-secret"}).error();
    EXPECT_NE(refused.details().cause.find("[redacted]"), std::string::npos) << refused;
    EXPECT_EQ(refused.message().find("hunter2"), std::string::npos) << refused;
    EXPECT_EQ(refused.message().find("r-secret"), std::string::npos) << refused;
  }
}

TEST(TokenExchange, NamesThePhaseAFailureComesFrom) {
  error_details details;
  details.phase = phase::connect;
  details.cause = "Connection refused";
  const error failed = token_failure("token exchange", {errc::connect_failed, details});
  EXPECT_EQ(failed, errc::connect_failed);
  EXPECT_EQ(failed.phase(), phase::token);
  EXPECT_EQ(failed.details().cause, "token exchange (connect): Connection refused");
}

}  // namespace token_exchange_test
}  // namespace upsun::auth
