#include "http/http1/plain_head.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/http/http1/parse_outcome.hpp"

namespace upsun::http {
namespace plain_head_test {

std::string head_with(std::string_view fields, std::string_view status_line = "HTTP/1.1 200 OK") {
  return std::string(status_line).append("\r\n").append(fields).append("\r\n");
}

TEST(PlainHead, HoldsWhatCounts) {
  const std::string text = head_with(
      "Server: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 13:16:44 GMT\r\nContent-Type:  "
      "application/hal+json \r\nCONTENT-LENGTH: 0635\r\n"
      "Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\nX-Request-Id: abc\r\nX-Request-ID: "
      "later\r\nEmpty:\r\nText: \xc3\xa4\r\n");
  const auto head = read_plain_head(text, {});
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->content_length, 635U);
  EXPECT_FALSE(head->close);
  EXPECT_EQ(head->content_type, "application/hal+json");
  EXPECT_EQ(head->request_id, "abc");
  EXPECT_EQ(head->keep_alive, "timeout=5");
  EXPECT_TRUE(read_plain_head(head_with("Connection: close\r\nContent-Length: 0\r\n"), {})->close);
  EXPECT_TRUE(read_plain_head(head_with("Content-Length: 1\r\n", "HTTP/1.1 404 "), {}));
}

TEST(PlainHead, LeavesEverythingElseToTheParserThatSaysWhatIsWrong) {
  const std::string many(10'000, 'a');
  const std::string length = "Content-Length: 3\r\n";
  for (const std::string& fields : {std::string(),
                                    length + length,
                                    std::string("Content-Length: 3, 3\r\n"),
                                    std::string("Content-Length: +3\r\n"),
                                    std::string("Content-Length: \r\n"),
                                    std::string("Content-Length: 1111111111111111111\r\n"),
                                    std::string("Content-Length: 99999999999\r\n"),
                                    length + "Transfer-Encoding: chunked\r\n",
                                    length + "Transfer-Encoding: identity\r\n",
                                    length + "Upgrade: h2c\r\n",
                                    length + "Location: /x\r\n",
                                    length + "Content-Encoding: gzip\r\n",
                                    length + "Trailer: x\r\n",
                                    length + "Connection: upgrade\r\n",
                                    length + "Connection: close, x\r\n",
                                    length + "Connection:\r\n",
                                    length + "Connection: close\r\nConnection: \xf0 close\r\n",
                                    length + "Proxy-Connection: close\r\n",
                                    length + "Retry-After: 3\r\n",
                                    length + "WWW-Authenticate: Bearer\r\n",
                                    length + " folded\r\n",
                                    length + "\tfolded\r\n",
                                    length + "No colon\r\n",
                                    length + "Space : x\r\n",
                                    length + ": x\r\n",
                                    length + "A: \tx\r\n",
                                    length + "A: x\ry\r\n",
                                    length + "A: x\ny\r\n",
                                    length + std::string("A: \0\r\n", 6),
                                    length + "A: \x7f\r\n",
                                    length + "\xc3\xa4: x\r\n",
                                    length + "A\r\n",
                                    length + "A:12345678\x01\r\n",
                                    length + "A: x\n",
                                    length + many}) {
    EXPECT_FALSE(read_plain_head(head_with(fields), {})) << fields;
  }
  for (const char* status :
       {"HTTP/1.0 200 OK", "HTTP/1.1 100 Continue", "HTTP/1.1 199 X", "HTTP/1.1 204 No Content",
        "HTTP/1.1 304 Not Modified", "HTTP/1.1 600 X", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK",
        "HTTP/1.1  200 OK", "HTTP/1.1 200", "HTTP/1.1 200\tOK", "HTTP/1.1 200 O\x01K",
        "http/1.1 200 OK", "HTTP/1.1 2x0 OK", ""}) {
    EXPECT_FALSE(read_plain_head(head_with(length, status), {})) << status;
  }
  EXPECT_FALSE(read_plain_head("", {}));
  EXPECT_FALSE(read_plain_head("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", {})) << "cut off";
  EXPECT_TRUE(read_plain_head(head_with(length + "A: b\r\n"), {.header_fields = 2}));
  EXPECT_FALSE(read_plain_head(head_with(length + "A: b\r\n"), {.header_fields = 1}));
  EXPECT_FALSE(read_plain_head(head_with(length), {.body_bytes = 2}));
}

TEST(PlainHead, HoldsWhatACacheLooksAtOnlyWhenAsked) {
  const std::string head = head_with(
      "ETag: \"1\"\r\nETag: \"2\"\r\nCache-Control: max-age=0\r\ncache-control: a, "
      "no-store\r\nContent-Length: 3\r\n");
  EXPECT_EQ(read_plain_head(head, {}, true)->etag, "\"1\"");
  EXPECT_TRUE(read_plain_head(head, {}, true)->no_store);
  EXPECT_EQ(read_plain_head(head, {})->etag, "");
  EXPECT_FALSE(read_plain_head(head, {})->no_store);
}

TEST(PlainHead, IsReadAsTheOtherParserReadsIt) {
  const limit_options limits;
  response_parser parser(limits, {.validators = true});
  for (const char* fields :
       {"Content-Length: 3\r\n", "Content-Length: 003\r\nConnection: close\r\n",
        "content-length:3\r\nx-request-id: a b\r\n",
        "Content-Type: application/json\r\nContent-Length: 3\r\nKeep-Alive: max=3, timeout=7\r\n",
        "Content-Length: 0\r\n",
        "Content-Type: application/json\r\nContent-Type: text/html\r\nContent-Length: 3\r\n",
        "Content-Type:\r\nContent-Type: text/html\r\nContent-Length: 3\r\n",
        "ETag: W/\"a\"\r\nContent-Length: 3\r\nCache-Control: private, No-Store\r\n",
        "etag:\r\nETag: \"a\"\r\nETag: \"b\"\r\nContent-Length: 3\r\nCache-Control: no-store=x\r\n",
        "ETag: a\r\nETag: \"b\"\r\nContent-Length: 3\r\nCache-Control: x=\"no-store, no-store\r\n",
        "Content-Type: a\r\nContent-Type: b\r\nContent-Length: 3\r\nConnection: "
        "close\r\nConnection: close\r\n"}) {
    ASSERT_TRUE(read_plain_head(head_with(fields), {})) << fields;
    const std::string plain = head_with(fields).append("abc");
    const std::string other =
        head_with(std::string("Trailer: none\r\n").append(fields)).append("abc");
    const auto outcome = test::parse_however_cut(plain.substr(
        0,
        plain.size() - (std::string_view(fields).find(": 0\r") != std::string_view::npos ? 3 : 0)));
    EXPECT_EQ(outcome.status, parse_status::complete);
    EXPECT_EQ(test::parse(parser, {plain}), test::parse(parser, {other})) << fields;
  }
}

}  // namespace plain_head_test
}  // namespace upsun::http
