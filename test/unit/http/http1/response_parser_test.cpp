// What is kept of a response; which ones are refused is in conformance/framing_cases.cpp.

#include "http/http1/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "unit/http/http1/parse_outcome.hpp"

namespace upsun::http::test {
namespace response_parser_test {

using namespace std::chrono_literals;

// ---- what is kept of a response

TEST(ResponseParser, KeepsTheFieldsThatMatter) {
  const parse_outcome got = parse_however_cut(
      "HTTP/1.1 401 Unauthorized\r\nDate: Tue, 24 Nov 2026 06:35:16 GMT\r\nContent-Type: "
      "application/json; charset=utf-8\r\nX-Request-ID: abc-123\r\n"
      "WWW-Authenticate: Bearer realm=\"a\"\r\nWWW-Authenticate: Basic\r\nRetry-After: "
      "17\r\nKeep-Alive: max=100, timeout=5\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(got.http_status, 401);
  EXPECT_EQ(got.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(got.request_id, "abc-123");
  EXPECT_EQ(got.www_authenticate, "Bearer realm=\"a\", Basic");
  EXPECT_EQ(got.retry_after, 17s);
  EXPECT_EQ(got.keep_alive_timeout, 5s);
}

TEST(ResponseParser, KeepsTheFirstOfFieldsSentTwice) {
  const parse_outcome got = parse_however_cut(
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nX-Request-Id: "
      "1\r\nX-Request-Id: 2\r\nRetry-After: 3\r\nRetry-After: 4\r\nContent-Length: "
      "0\r\n\r\n");
  EXPECT_EQ(got.content_type, "a/b");
  EXPECT_EQ(got.request_id, "1");
  EXPECT_EQ(got.retry_after, 3s);
}

TEST(ResponseParser, ForgetsTheFieldsOfInformationalResponsesAndOfTrailers) {
  const parse_outcome got = parse_however_cut(
      "HTTP/1.1 103 Early Hints\r\nX-Request-Id: early\r\nRetry-After: 1\r\nKeep-Alive: "
      "timeout=1\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Request-Id: "
      "late\r\nRetry-After: 2\r\nContent-Type: x/y\r\nKeep-Alive: timeout=2\r\n\r\n");
  EXPECT_EQ(got.request_id, "");
  EXPECT_EQ(got.retry_after, std::nullopt);
  EXPECT_EQ(got.content_type, "");
  EXPECT_EQ(got.keep_alive_timeout, std::nullopt);
}

TEST(ResponseParser, ReadsRetryAfterAsSecondsOrAsADateCountedFromTheResponsesOwn) {
  const auto retry_after = [](const std::string& value, const std::string& more = "") {
    return parse_however_cut("HTTP/1.1 429 Slow\r\nRetry-After: " + value + "\r\n" + more +
                             "Content-Length: 0\r\n\r\n")
        .retry_after;
  };
  const std::string date = "Date: Tue, 24 Nov 2026 06:35:16 GMT\r\n";
  EXPECT_EQ(retry_after("0"), 0s);
  EXPECT_EQ(retry_after("4294967296", date), 4294967296s);
  EXPECT_EQ(retry_after("Tue, 24 Nov 2026 06:36:26 GMT", date), 70s);
  EXPECT_EQ(retry_after("Tuesday, 24-Nov-26 06:35:17 GMT", date), 1s);
  EXPECT_EQ(retry_after("Tue Nov 24 06:35:16 2026", date), 0s);
  EXPECT_EQ(retry_after("Tue, 24 Nov 2026 06:35:15 GMT", date), 0s) << "past is now";
  EXPECT_EQ(retry_after("Sat, 01 Jan 2000 00:00:00 GMT"), 0s)
      << "without a Date it counts from our own clock";
  EXPECT_EQ(retry_after("Sat, 01 Jan 2000 00:00:00 GMT", "Date: yesterday\r\n"), 0s);
  EXPECT_EQ(retry_after("x\r\nRetry-After: 9", date), 9s);
  EXPECT_EQ(retry_after("Tue, 24 Nov 2026 06:36:26 GMT\r\nRetry-After: x", date), 70s)
      << "garbage takes nothing back";
  EXPECT_EQ(
      retry_after("Tue, 24 Nov 2026 06:36:26 GMT\r\nRetry-After: Tue, 24 Nov 2026 06:35:17 GMT",
                  date),
      70s)
      << "the first counts";
  EXPECT_EQ(retry_after("Tue, 24 Nov 2026 06:36:26 GMT\r\nRetry-After: 3", date), 70s)
      << "the first counts";
  EXPECT_EQ(retry_after("99999999999", date), 9'999'999'999s);
  for (const char* garbage : {"", "-1", "+1", "1.5", "1s", "soon", "Tue, 24 Nov 2026 06:35:16 UTC"})
    EXPECT_EQ(retry_after(garbage, date), std::nullopt) << garbage;
}

TEST(ResponseParser, HandsOutABodyPieceByPieceHoweverItIsCut) {
  const std::string head = "HTTP/1.1 200 OK\r\nX-Request-Id: 7\r\n";
  for (const std::string& rest :
       {std::string("Content-Length: 9\r\n\r\none\n0\r\nx\n"), std::string("\r\none\n0\r\nx\n"),
        std::string("Transfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n5\r\n0\r\nx\n\r\n0\r\nA: "
                    "b\r\n\r\n")}) {
    const std::string all = head + rest;
    for (std::size_t size = 1; size <= all.size(); ++size) {
      response_parser parser{limit_options()};
      std::optional<http_response> got;
      std::string body;
      parse_status status = parse_status::need_more;
      for (std::size_t at = 0; at < all.size(); at += size) {
        ASSERT_EQ(status, parse_status::need_more);
        status = parser.feed(std::string_view(all).substr(at, size));
        if (!parser.in_body()) continue;
        if (!got) got = parser.take_head();
        body += parser.take_body();
      }
      if (status == parse_status::need_more) status = parser.end_of_stream(true);
      ASSERT_EQ(status, parse_status::complete) << size << parser.failure().cause;
      EXPECT_EQ(got.value().status, 200);
      EXPECT_EQ(got->request_id, "7");
      EXPECT_EQ(got->body, "");
      EXPECT_EQ(body, "one\n0\r\nx\n") << size;
    }
  }
}

TEST(ResponseParser, ReadsTheTimeoutOfKeepAlive) {
  const auto timeout = [](const std::string& value) {
    return parse_however_cut("HTTP/1.1 200 OK\r\nKeep-Alive: " + value +
                             "\r\nContent-Length: 0\r\n\r\n")
        .keep_alive_timeout;
  };
  EXPECT_EQ(timeout("timeout=5"), 5s);
  EXPECT_EQ(timeout("Timeout=60 , max=1000"), 60s);
  EXPECT_EQ(timeout("max=1000,\ttimeout=0"), 0s);
  EXPECT_EQ(timeout("timeout=99999999999"), 9'999'999'999s);
  for (const char* garbage :
       {"", ",", "max=5", "timeout", "timeout=", "timeout=x", "timeout=-1", "xtimeout=5"}) {
    EXPECT_EQ(timeout(garbage), std::nullopt) << garbage;
  }
}

TEST(ResponseParser, TakesA304ForAWholeResponseWithItsEntityTag) {
  const auto got =
      parse_however_cut("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 700\r\n\r\n");
  EXPECT_EQ(got.status, parse_status::complete);
  EXPECT_EQ(got.http_status, 304);
  EXPECT_EQ(got.etag, "\"a\"");
  EXPECT_TRUE(got.reusable);
}

TEST(ResponseParser, SaysHowFarItGot) {
  response_parser parser({});
  parser.reset();
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed(""), parse_status::need_more);
  EXPECT_FALSE(parser.started());
  EXPECT_EQ(parser.feed("H"), parse_status::need_more);
  EXPECT_TRUE(parser.started());
  EXPECT_EQ(parser.feed("TTP/1.1 100 Continue\r\n\r\n"), parse_status::need_more);
  EXPECT_FALSE(parser.in_body());
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"), parse_status::need_more);
  EXPECT_TRUE(parser.in_body());
  EXPECT_EQ(parser.feed("okmore"), parse_status::complete);
  EXPECT_EQ(parser.extra_bytes(), 4U);
}

TEST(ResponseParser, StartsAnewAfterAFailure) {
  response_parser parser({});
  EXPECT_EQ(parse(parser, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"}, stream_end::announced)
                .failure,
            errc::connection_closed);
  EXPECT_EQ(parse(parser, {"HTTP/1.1 200 OK\r\nX: "}).status, parse_status::need_more);
  EXPECT_EQ(parse(parser, {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}).body, "ok");
}

TEST(ResponseParser, SaysNothingTheServerSentInAFailure) {
  response_parser parser({});
  for (const char* bytes :
       {"s3cret", "HTTP/1.1 200 OK\r\ns3cret\r\n\r\n", "HTTP/1.1 s3cret\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: s3cret\r\n\r\n"}) {
    EXPECT_EQ(parse(parser, {bytes}).status, parse_status::failed);
    EXPECT_EQ(parser.failure().cause.find("s3cret"), std::string::npos);
  }
}

TEST(ResponseParser, TakesTheMemoryOfABodyThatNobodyWantsUnlessItIsLarge) {
  const auto response_of = [](std::size_t size) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
           std::string(size, 'x');
  };
  response_parser parser({});
  for (const auto& [size, kept] : {std::pair{700, true}, std::pair{50'000, false}}) {
    parser.reset();
    ASSERT_EQ(parser.feed(response_of(static_cast<std::size_t>(size))), parse_status::complete);
    http_response unwanted = std::move(parser.response());
    const char* const memory = unwanted.body.data();
    parser.reuse(std::move(unwanted));
    parser.reset();
    ASSERT_EQ(parser.feed(response_of(600)), parse_status::complete);
    EXPECT_EQ(parser.response().body, std::string(600, 'x'));
    EXPECT_EQ(parser.response().body.data() == memory, kept);
    parser.free_buffers();
  }
}

}  // namespace response_parser_test
}  // namespace upsun::http::test
