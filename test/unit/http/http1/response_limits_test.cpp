#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http/http1/response_parser.hpp"
#include "unit/http/http1/parse_outcome.hpp"

namespace upsun::http::test {
namespace response_limits_test {

constexpr limit_options small{
    .header_bytes = 1024, .header_fields = 5, .informational_responses = 2, .body_bytes = 100};
const std::string chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string head_of_size(std::size_t size) {
  const std::string begin = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
  return begin + std::string(size - begin.size() - 4, 'x') + "\r\n\r\n";
}

std::string times(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

struct limit_case {
  const char* what;
  std::string within;
  std::string beyond;
  errc failure;
  const char* cause;
  stream_end end = stream_end::open;
};

TEST(ResponseLimits, LetPassWhatReachesThemAndNoMore) {
  const std::string empty_head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
  const std::string length_head = "HTTP/1.1 200 OK\r\nContent-Length: ";
  const std::string to_the_end = "HTTP/1.1 200 OK\r\n\r\n";
  const std::string informational = "HTTP/1.1 102 Processing\r\n\r\n";
  const std::string extended_chunk = "1;" + std::string(200, 'e') + "\r\na\r\n";
  const std::string chunk = "32\r\n" + std::string(50, 'x') + "\r\n";
  const std::string body(100, 'x');
  const std::vector<limit_case> cases{
      {"the head's size", head_of_size(1024), head_of_size(1025), errc::header_limit,
       "limits.header_bytes"},
      {"fields", empty_head + times(4, "A: 1\r\n") + "\r\n",
       empty_head + times(5, "A: 1\r\n") + "\r\n", errc::header_limit, "limits.header_fields"},
      {"trailers are fields", chunked_head + "0\r\n" + times(4, "A: 1\r\n") + "\r\n",
       chunked_head + "0\r\n" + times(5, "A: 1\r\n") + "\r\n", errc::header_limit,
       "limits.header_fields"},
      {"trailers' size", chunked_head + "0\r\nA: " + std::string(900, 'x') + "\r\n\r\n",
       chunked_head + "0\r\nA: " + std::string(1000, 'x') + "\r\n\r\n", errc::header_limit,
       "limits.header_bytes"},
      {"chunk extensions", chunked_head + times(4, extended_chunk) + "0\r\n\r\n",
       chunked_head + times(5, extended_chunk) + "0\r\n\r\n", errc::header_limit,
       "limits.header_bytes"},
      {"informational responses", times(2, informational) + empty_head + "\r\n",
       times(3, informational) + empty_head + "\r\n", errc::header_limit,
       "limits.informational_responses"},
      {"a length, before the body comes", length_head + "100\r\n\r\n" + body,
       length_head + "101\r\n\r\n", errc::body_limit, "limits.body_bytes"},
      {"the sum of chunks", chunked_head + chunk + chunk + "0\r\n\r\n",
       chunked_head + chunk + chunk + "1\r\n", errc::body_limit, "limits.body_bytes"},
      {"a body up to the end of the stream", to_the_end + body, to_the_end + body + "x",
       errc::body_limit, "limits.body_bytes", stream_end::announced}};
  for (const limit_case& c : cases) {
    EXPECT_EQ(parse_however_cut(c.within, c.end, small).failure, std::nullopt) << c.what;
    EXPECT_EQ(parse_however_cut(c.beyond, c.end, small).failure, c.failure) << c.what;
    response_parser parser(small);
    EXPECT_EQ(parse(parser, {c.beyond}).status, parse_status::failed) << c.what;
    EXPECT_EQ(parser.failure().cause, c.cause) << c.what;
  }
}

TEST(ResponseLimits, AHeadWithoutAnEndIsCutAtTheLimit) {
  response_parser parser(small);
  parser.reset();
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nX: " + std::string(1024 - 20, 'x')),
            parse_status::need_more);
  EXPECT_EQ(parser.feed("x"), parse_status::failed);
  EXPECT_EQ(parser.failure().code, errc::header_limit);
}

TEST(ResponseLimits, AnEndlessChunkHeaderIsCutAtTheLimit) {
  response_parser parser(small);
  parser.reset();
  EXPECT_EQ(parser.feed(chunked_head), parse_status::need_more);
  parse_status status = parse_status::need_more;
  int fed = 0;
  for (; fed < 100 && status == parse_status::need_more; ++fed)
    status = parser.feed(std::string(100, '0'));
  EXPECT_EQ(status, parse_status::failed);
  EXPECT_EQ(parser.failure().code, errc::header_limit);
  EXPECT_LE(fed, 12);
}

TEST(ResponseLimits, AnEndlessTrailerIsCutAtTheLimit) {
  response_parser parser(small);
  parser.reset();
  EXPECT_EQ(parser.feed(chunked_head + "0\r\n"), parse_status::need_more);
  parse_status status = parse_status::need_more;
  for (int fed = 0; fed < 300 && status == parse_status::need_more; ++fed)
    status = parser.feed("A: b\r\n");
  EXPECT_EQ(status, parse_status::failed);
  EXPECT_EQ(parser.failure().code, errc::header_limit);
}

/// What becomes of bytes that come one at a time.
parse_status feed_each(response_parser& parser, const std::string& bytes) {
  parse_status status = parse_status::need_more;
  for (std::size_t i = 0; i < bytes.size() && status == parse_status::need_more; ++i)
    status = parser.feed({&bytes[i], 1});
  return status;
}

TEST(ResponseLimits, LongChunkHeadersAndTrailersMayComeByteByByte) {
  std::string trailers;
  for (int i = 0; i < 200; ++i)
    trailers += "T" + std::to_string(i) + ": " + std::string(300, 't') + "\r\n";
  const std::string extension(7'900, 'e');
  response_parser parser({});
  parser.reset();
  EXPECT_EQ(feed_each(parser, chunked_head + "2\r\n{}\r\n0\r\n" + trailers + "\r\n"),
            parse_status::complete);
  parser.reset();
  EXPECT_EQ(feed_each(parser, chunked_head + "2\r\n{}\r\n0\r\n" + trailers + "T: \x01"),
            parse_status::failed)
      << "at once, not at the end";
  parser.reset();
  EXPECT_EQ(feed_each(parser, chunked_head + "2;" + extension + "\r\n{}\r\n0\r\n\r\n"),
            parse_status::complete);
  parser.reset();
  EXPECT_EQ(feed_each(parser, chunked_head + "2;" + extension + "=\"\r\n"), parse_status::failed);
  EXPECT_EQ(parser.failure().cause, "a chunk extension with an open quote");
}

TEST(ResponseLimits, TrailersMayHaveQuotes) {
  const std::string bytes = chunked_head + "2\r\n{}\r\n0\r\nT: it's 5\" long\r\nU: \"\r\n\r\n";
  const auto got = parse_however_cut(bytes);
  EXPECT_EQ(got.status, parse_status::complete);
  EXPECT_EQ(got.body, "{}");
}

TEST(ResponseLimits, AChunkHeaderIsLimitedAlsoWhereAHeadMayBeLonger) {
  const std::string bytes = chunked_head + "2;" + std::string(60'000, 'e') + "\r\n{}\r\n0\r\n\r\n";
  response_parser parser({});
  parser.reset();
  EXPECT_EQ(feed_each(parser, bytes), parse_status::failed);
  EXPECT_EQ(parser.failure().code, errc::header_limit);
  parser.reset();
  EXPECT_EQ(parser.feed(bytes), parse_status::failed);  // newer versions of Beast are first
}

TEST(ResponseLimits, AChunkHeaderIsMeasuredWithoutItsLineEndHoweverItIsCut) {
  for (const std::string size : {"2", "0000000000002"}) {
    for (std::size_t length = 7'997; length <= 8'003; ++length) {
      const std::string header = size + ";" + std::string(length - size.size() - 1, 'e');
      // The second one comes after the end of a chunk.
      const std::string bytes = chunked_head + "1\r\n{\r\n" + header + "\r\n}\n\r\n0\r\n\r\n";
      const auto expected = length <= 8'000 ? parse_status::complete : parse_status::failed;
      response_parser parser({});
      parser.reset();
      EXPECT_EQ(parser.feed(bytes), expected) << length;
      parser.reset();
      EXPECT_EQ(feed_each(parser, bytes), expected) << length;
    }
  }
}

TEST(ResponseLimits, APromisedBodyIsNotAllocatedBeforeItComes) {
  response_parser parser({});
  parser.reset();
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\nx"),
            parse_status::need_more);
  constexpr std::size_t rounded_up = 64;  // by the standard library
  EXPECT_LE(parser.response().body.capacity(), 64U * 1024 + rounded_up);
  parser.reset();
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), parse_status::complete);
  EXPECT_LT(parser.response().body.capacity(), 100U);
}

TEST(ResponseLimits, ALargeBodyInManyPiecesComesThroughWhole) {
  const std::string body(3'000'000, 'b');
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body;
  response_parser parser({});
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += 16384)
    pieces.push_back(std::string_view(bytes).substr(at, 16384));
  EXPECT_EQ(parse(parser, pieces).body, body);
}

}  // namespace response_limits_test
}  // namespace upsun::http::test
