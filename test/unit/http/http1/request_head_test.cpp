#include "http/http1/request_head.hpp"

#include <upsun/client_config.hpp>
#include <upsun/version.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace upsun::http {
namespace request_head_test {

std::string head_of(client_config config) {
  return prepare_head(config::make_settings(config).network);
}

TEST(RequestHead, PreparesTheFieldsThatAreAlwaysTheSame) {
  EXPECT_EQ(head_of({.credentials = bearer_token("t0ken")}),
            "Host: api.upsun.com\r\n"
            "User-Agent: upsun-cpp/" UPSUN_VERSION_STRING
            "\r\n"
            "Accept: application/json\r\n"
            "Accept-Encoding: identity\r\n"
            "Authorization: Bearer t0ken\r\n");
}

TEST(RequestHead, NamesAnotherUserAgentAndPort) {
  EXPECT_EQ(head_of({.base_url = "https://[::1]:8443", .user_agent = "service/2"}),
            "Host: [::1]:8443\r\nUser-Agent: service/2\r\nAccept: "
            "application/json\r\nAccept-Encoding: identity\r\n");
}

TEST(RequestHead, PutsATokenOnPlainHttpOnlyForLoopback) {
  client_config config{.base_url = "http://127.0.0.1:8080",
                       .credentials = bearer_token("t0ken"),
                       .allow_plain_http = true};
  EXPECT_NE(head_of(config).find("t0ken"), std::string::npos);
  config.base_url = "http://api.upsun.com";
  EXPECT_THROW(head_of(config), config_error);
}

http_request request_to(std::string_view method, std::string target, std::string body = {}) {
  http_request request;
  request.method = method;
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

std::string bytes_of(http_request request) {
  return request_text(std::move(request), "Host: h\r\n");
}

TEST(RequestHead, WritesALengthWithABodyAndForMethodsThatUsuallyHaveOne) {
  EXPECT_EQ(bytes_of(request_to("GET", "/projects/a")),
            "GET /projects/a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bytes_of(request_to("DELETE", "/")), "DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bytes_of(request_to("POST", "/", "{}")),
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
  for (const std::string method : {"POST", "PATCH"})
    EXPECT_EQ(bytes_of(request_to(method, "/")),
              method + " / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
}

TEST(RequestHead, WritesFurtherFields) {
  http_request request = request_to("GET", "/");
  request.headers = {{"X-A", "1"}, {"X-B", ""}};
  EXPECT_EQ(bytes_of(request), "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nX-B: \r\n\r\n");
}

TEST(RequestHead, WritesTheAuthorizationAndContentTypeOfTheRequest) {
  http_request request = request_to("POST", "/", "{}");
  request.authorization = std::make_shared<const std::string>("Bearer t");
  request.content_type = "application/json";
  EXPECT_EQ(bytes_of(request),
            "POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\nContent-Type: "
            "application/json\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(RequestHead, AllocatesOnce) {
  http_request request = request_to("POST", std::string(1000, 'x'), std::string(1000, 'z'));
  request.headers = {{"X-A", std::string(1000, 'y')}};
  const std::string text = request_text(std::move(request), std::string(1000, 'w'));
  EXPECT_LT(text.capacity() - text.size(), 64U);
}

TEST(RequestHead, StaysWhereItsTargetIsWhenThatHasTheRoom) {
  http_request request = request_to("GET", "/projects/a");
  request.target.reserve(200);
  const char* const block = request.target.data();
  const std::string text = request_text(std::move(request), "Host: h\r\n");
  EXPECT_EQ(text, "GET /projects/a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(static_cast<const void*>(text.data()), block);
}

}  // namespace request_head_test
}  // namespace upsun::http
