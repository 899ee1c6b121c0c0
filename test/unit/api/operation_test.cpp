#include "api/operation.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace upsun::api {
namespace operation_test {

http_response response(int status, std::string content_type, std::string body) {
  http_response r;
  r.status = status;
  r.content_type = std::move(content_type);
  r.body = std::move(body);
  return r;
}

TEST(CheckAnswer, TakesJsonByAnyOfItsNames) {
  for (const char* type : {"", "application/json", "Application/JSON; charset=utf-8",
                           "application/hal+json", "application/vnd.x+json ;v=1"}) {
    EXPECT_TRUE(check_answer(response(200, type, "{}"))) << type;
  }
  EXPECT_TRUE(check_answer(response(201, "application/json", "{}")));
  for (const char* type :
       {"text/html", "text/plain; x=application/json", "+json", "application/jsonp"}) {
    EXPECT_EQ(check_answer(response(200, type, "{}")).error(), errc::unexpected_content_type)
        << type;
  }
}

TEST(CheckAnswer, RefusesASuccessWithoutABody) {
  EXPECT_EQ(check_answer(response(204, "", "")).error(), errc::unexpected_status);
  EXPECT_EQ(check_answer(response(200, "application/json", "")).error(), errc::unexpected_status);
}

TEST(CheckAnswer, TakesASuccessWithoutABodyWhereThatIsAnAnswer) {
  EXPECT_TRUE(check_answer(response(204, "", ""), true));
  EXPECT_TRUE(check_answer(response(200, "text/html", ""), true));
  EXPECT_EQ(check_answer(response(200, "text/html", "<html>"), true).error(),
            errc::unexpected_content_type);
  EXPECT_EQ(check_answer(response(404, "", ""), true).error(), errc::not_found);
}

TEST(CheckAnswer, RefusesA304WhichTheCacheReplaces) {
  EXPECT_EQ(check_answer(response(304, "", ""), operation{.method = "GET"}).error(),
            errc::unexpected_status);
}

TEST(CheckAnswer, KnowsADemandForStepUp) {
  http_response refused = response(401, "application/json", "{}");
  refused.www_authenticate = R"(Bearer realm="upsun", error="insufficient_user_authentication")";
  EXPECT_EQ(check_answer(refused).error(), errc::step_up_required);
  EXPECT_EQ(check_answer(refused).error(), condition::unauthorized);
  refused.status = 403;
  EXPECT_EQ(check_answer(refused).error(), errc::forbidden) << "only a 401 challenges";
  refused.status = 401;
  refused.www_authenticate = R"(Bearer error="invalid_token")";
  EXPECT_EQ(check_answer(refused).error(), errc::unauthorized);
}

TEST(CheckAnswer, MapsStatusesToCodes) {
  const std::vector<std::pair<int, errc>> table{
      {301, errc::unexpected_status}, {400, errc::bad_request},      {401, errc::unauthorized},
      {402, errc::payment_required},  {403, errc::forbidden},        {404, errc::not_found},
      {409, errc::conflict},          {410, errc::request_rejected}, {429, errc::rate_limited},
      {499, errc::request_rejected},  {500, errc::server_error},     {599, errc::server_error},
      {600, errc::unexpected_status}};
  for (const auto& [status, code] : table) {
    const auto answered = check_answer(response(status, "text/html", "<html>"));
    ASSERT_FALSE(answered);
    EXPECT_EQ(answered.error(), code) << status;
    EXPECT_EQ(answered.error().status(), status);
  }
}

TEST(CheckAnswer, KeepsTheServersWordsApart) {
  const auto answered = check_answer(
      response(404, "application/json", R"({"message":"No such integration","code":404})"));
  ASSERT_NE(answered.error().server(), nullptr);
  EXPECT_EQ(answered.error().server()->message, "No such integration");
  EXPECT_EQ(answered.error().message().find("No such"), std::string::npos);
}

}  // namespace operation_test
}  // namespace upsun::api
