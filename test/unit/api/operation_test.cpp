#include "api/operation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
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

result<void> checked(const http_response& response,
                     response_body expected = response_body::required) {
  return check_response(response, expected, "Bearer secret");
}

TEST(CheckResponse, TakesJsonByAnyOfItsNames) {
  for (const char* type : {"", "application/json", "Application/JSON; charset=utf-8",
                           "application/hal+json", "application/vnd.x+json ;v=1"}) {
    EXPECT_TRUE(checked(response(200, type, "{}"))) << type;
  }
  EXPECT_TRUE(checked(response(201, "application/json", "{}")));
}

TEST(CheckResponse, TakesJsonThatIsCalledSomethingElse) {
  for (const char* type : {"text/html", "text/plain; x=application/json", "+json", "\x01"}) {
    EXPECT_TRUE(checked(response(200, type, R"({"a":[1]})"))) << type;
    EXPECT_TRUE(checked(response(200, type, " [] "))) << type;
  }
}

TEST(CheckResponse, SaysWhichTypeCameInPlaceOfJson) {
  const std::pair<const char*, const char*> cases[] = {
      {"text/html; charset=utf-8", "its type is text/html;"},
      {"text/plain", "its type is text/plain;"},
      {"\x01/x", "its type is no media type;"},
      {"text", "its type is no media type;"},
      {"text/SECRET", "its type is no media type;"}};
  for (const auto& [type, shown] : cases) {
    const auto refused = checked(response(200, type, "<html>"));
    EXPECT_EQ(refused.error(), errc::unexpected_content_type) << type;
    EXPECT_EQ(refused.error().details().cause.rfind(shown, 0), 0U)
        << refused.error().details().cause;
  }
  EXPECT_EQ(checked(response(200, std::string(100, 'a') + "/b", "x"))
                .error()
                .details()
                .cause.rfind("its type is no media type", 0),
            0U);
}

TEST(CheckResponse, NamesTheCodingOfACompressedBody) {
  http_response coded = response(200, "application/json", "abc");
  coded.content_encoding = "br";
  EXPECT_EQ(checked(coded).error(), errc::unexpected_content_type);
  EXPECT_NE(checked(coded).error().details().cause.find("(br)"), std::string::npos);
  coded.content_encoding = "x-secret";
  EXPECT_NE(checked(coded).error().details().cause.find("(an unknown coding)"), std::string::npos);
  coded.content_encoding = "gzip, br";
  EXPECT_NE(checked(coded).error().details().cause.find("several codings"), std::string::npos);
  const auto unnamed = checked(response(200, "application/json", "\x1f\x8b\x08"));
  EXPECT_NE(unnamed.error().details().cause.find("(gzip)"), std::string::npos);
}

TEST(CheckResponse, NamesTheSchemeAndHostThatARedirectLeadsTo) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://api.upsun.com/secret?x=y", "; this one leads to https://api.upsun.com"},
      {"http://other.example:8080", "; this one leads to http://other.example:8080"},
      {"https://user:secret@evil/", ""},
      {"https://a.SECRET.example/", ""},
      {"/elsewhere", ""},
      {"", ""}};
  for (const auto& [location, shown] : cases) {
    http_response redirect = response(301, "text/html", "moved");
    redirect.location = location;
    EXPECT_EQ(checked(redirect).error().details().cause,
              std::string("redirects are not followed") + shown);
  }
}

TEST(CheckResponse, RefusesASuccessWithoutABody) {
  EXPECT_EQ(checked(response(204, "", "")).error(), errc::unexpected_status);
  EXPECT_EQ(checked(response(200, "application/json", "")).error(), errc::unexpected_status);
}

TEST(CheckResponse, TakesASuccessWithoutABodyWhereThatIsOptional) {
  EXPECT_TRUE(checked(response(204, "", ""), response_body::optional));
  EXPECT_TRUE(checked(response(200, "text/html", ""), response_body::optional));
  EXPECT_EQ(checked(response(200, "text/html", "<html>"), response_body::optional).error(),
            errc::unexpected_content_type);
  EXPECT_EQ(checked(response(404, "", ""), response_body::optional).error(), errc::not_found);
}

TEST(CheckResponse, IgnoresTheBodyOfASuccessWhereThatIsAsked) {
  EXPECT_TRUE(checked(response(200, "text/html", "<html>"), response_body::ignored));
  EXPECT_EQ(checked(response(400, "", ""), response_body::ignored).error(), errc::bad_request);
}

TEST(CheckResponse, RefusesA304WhichTheCacheReplaces) {
  EXPECT_EQ(check_response(response(304, "", ""), operation{.method = "GET"}, "").error(),
            errc::unexpected_status);
}

TEST(CheckResponse, KnowsADemandForStepUp) {
  http_response refused = response(401, "application/json", "{}");
  refused.www_authenticate = R"(Bearer realm="upsun", error="insufficient_user_authentication")";
  EXPECT_EQ(checked(refused).error(), errc::step_up_required);
  EXPECT_EQ(checked(refused).error(), condition::unauthorized);
  refused.status = 403;
  EXPECT_EQ(checked(refused).error(), errc::forbidden) << "only a 401 challenges";
  refused.status = 401;
  refused.www_authenticate = R"(Bearer error="invalid_token")";
  EXPECT_EQ(checked(refused).error(), errc::unauthorized);
}

TEST(CheckResponse, MapsStatusesToCodes) {
  const std::vector<std::pair<int, errc>> table{
      {301, errc::unexpected_status}, {400, errc::bad_request},      {401, errc::unauthorized},
      {402, errc::payment_required},  {403, errc::forbidden},        {404, errc::not_found},
      {409, errc::conflict},          {410, errc::request_rejected}, {429, errc::rate_limited},
      {499, errc::request_rejected},  {500, errc::server_error},     {599, errc::server_error},
      {600, errc::unexpected_status}};
  for (const auto& [status, code] : table) {
    const auto refused = checked(response(status, "text/html", "<html>"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), code) << status;
    EXPECT_EQ(refused.error().status(), status);
  }
}

TEST(CheckResponse, KeepsTheServersWordsApart) {
  const auto refused =
      checked(response(404, "application/json", R"({"message":"No such integration","code":404})"));
  ASSERT_NE(refused.error().server(), nullptr);
  EXPECT_EQ(refused.error().server()->message, "No such integration");
  EXPECT_EQ(refused.error().message().find("No such"), std::string::npos);
}

std::string encoded(std::string_view segment) {
  std::string path = "/x/";
  EXPECT_EQ(refuse_segment(segment), "");
  append_segment(path, segment);
  return path.substr(3);
}

TEST(Path, KeepsUnreservedCharacters) {
  const std::string unreserved = "abcxyzABCXYZ0189-._~";
  EXPECT_EQ(encoded(unreserved), unreserved);
}

TEST(Path, EncodesEverythingElse) {
  EXPECT_EQ(encoded("feature/a b"), "feature%2Fa%20b");
  EXPECT_EQ(encoded("%2F"), "%252F");
  EXPECT_EQ(encoded("?#[]@!$&'()*+,;=:"), "%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A");
  EXPECT_EQ(encoded("\"<>\\^`{|}"), "%22%3C%3E%5C%5E%60%7B%7C%7D");
  EXPECT_EQ(encoded("\xc3\xa4\xff"), "%C3%A4%FF");
}

TEST(Path, KeepsDotsThatAreNotTheWholeSegment) {
  EXPECT_EQ(encoded("..."), "...");
  EXPECT_EQ(encoded(".a"), ".a");
  EXPECT_EQ(encoded("../a"), "..%2Fa");
}

TEST(Path, RefusesSegmentsThatWouldNameAnotherResource) {
  using namespace std::string_literals;
  for (const std::string& segment :
       {""s, "."s, ".."s, "a\0b"s, "a\r\n"s, "\t"s, "a\x1f"s, "a\x7f"s}) {
    const auto problem = refuse_segment(segment);
    EXPECT_TRUE(problem.starts_with("is ") || problem.starts_with("holds ")) << segment << problem;
  }
}

}  // namespace operation_test
}  // namespace upsun::api
