#include <gtest/gtest.h>

#include <string>

#include "http/http1/response_parser.hpp"
#include "support/coded.hpp"
#include "unit/http/http1/parse_outcome.hpp"

#if UPSUN_GZIP

namespace upsun::http {
namespace coded_body_test {

using test::parse_however_cut;
using test::stream_end;

const std::string document = R"([{"id":"a"},{"id":"b"},{"id":"a"},{"id":"b"}])";
const std::string coded = upsun::test::gzip(document);

std::string head(const std::string& fields, const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n" +
         fields + "\r\n";
}
std::string by_length(const std::string& body, const std::string& status = "200 OK") {
  return head("Content-Length: " + std::to_string(body.size()) + "\r\n", status) + body;
}
std::string in_chunks(const std::string& body) {
  std::string all = head("Transfer-Encoding: chunked\r\n");
  for (std::size_t at = 0; at < body.size(); at += 9) {
    const std::string part = body.substr(at, 9);
    all += std::to_string(part.size()) + "\r\n" + part + "\r\n";
  }
  return all + "0\r\n\r\n";
}

TEST(CodedBody, IsDecodedHoweverItIsFramed) {
  for (const std::string& bytes : {by_length(coded), in_chunks(coded)}) {
    const auto got = parse_however_cut(bytes);
    EXPECT_EQ(got.status, parse_status::complete);
    EXPECT_EQ(got.body, document);
    EXPECT_TRUE(got.reusable);
  }
  const auto got = parse_however_cut(head("Connection: close\r\n") + coded, stream_end::announced);
  EXPECT_EQ(got.status, parse_status::complete);
  EXPECT_EQ(got.body, document);
}

TEST(CodedBody, FailsWhereItIsCutOffOrFollowedByOtherBytes) {
  const std::string part = coded.substr(0, coded.size() - 1);
  for (const std::string& bytes : {by_length(part), in_chunks(part), by_length(coded + "x"),
                                   in_chunks(coded + "x"), by_length(document)})
    EXPECT_EQ(parse_however_cut(bytes).failure, errc::bad_response) << bytes;
  EXPECT_EQ(parse_however_cut(head("Connection: close\r\n") + part, stream_end::announced).failure,
            errc::bad_response);
}

TEST(CodedBody, IsLimitedAsDecoded) {
  limit_options limits;
  limits.body_bytes = document.size();
  EXPECT_EQ(parse_however_cut(by_length(coded), stream_end::open, limits).body, document);
  limits.body_bytes = document.size() - 1;
  EXPECT_EQ(parse_however_cut(by_length(coded), stream_end::open, limits).failure,
            errc::body_limit);
}

TEST(CodedBody, OfAResponseWithoutOneIsEmpty) {
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    const auto got =
        parse_however_cut(std::string("HTTP/1.1 ") + status + "\r\nContent-Encoding: gzip\r\n\r\n");
    EXPECT_EQ(got.status, parse_status::complete) << status;
    EXPECT_EQ(got.body, "") << status;
  }
  EXPECT_EQ(parse_however_cut(by_length("")).status, parse_status::complete);
}

// A gateway keeps the `Content-Encoding` of the server behind it on an error page of its own.
TEST(CodedBody, OfAnErrorHidesNoStatusWhenItIsBroken) {
  const std::string page = "<html>Too many requests</html>";
  for (const std::string& body :
       {page, coded + page, coded.substr(0, coded.size() - 1), coded.substr(0, 12)}) {
    const auto got = parse_however_cut(by_length(body, "429 Too Many Requests"));
    EXPECT_EQ(got.status, parse_status::complete);
    EXPECT_EQ(got.http_status, 429);
    EXPECT_TRUE(got.reusable);
    EXPECT_TRUE(document.starts_with(got.body));
  }
  EXPECT_EQ(parse_however_cut(by_length(page, "503 Service Unavailable")).body, "");
  limit_options limits;
  limits.body_bytes = page.size() - 1;
  const auto got =
      parse_however_cut(by_length(page, "503 Service Unavailable"), stream_end::open, limits);
  EXPECT_EQ(got.failure, errc::body_limit);
}

TEST(CodedBody, OfASuccessThatIsStreamedComesAsItIsAndAnyOtherDecoded) {
  limit_options limits;
  limits.body_bytes = document.size();
  response_parser parser(limits, {.streams = true});
  const std::string many = by_length(coded + coded + coded);
  ASSERT_EQ(parser.feed(many), parse_status::complete) << "without a limit";
  EXPECT_EQ(parser.response().body, coded + coded + coded);
  EXPECT_EQ(parser.response().content_encoding, "gzip");
  parser.reset();
  ASSERT_EQ(parser.feed(by_length(coded, "404 Not Found")), parse_status::complete);
  EXPECT_EQ(parser.response().body, document);
  parser.reset();
  EXPECT_EQ(parser.feed(by_length(coded + coded, "404 Not Found")), parse_status::failed);
  EXPECT_EQ(parser.failure().code, errc::body_limit);
}

TEST(CodedBody, ComesAsItIsWhereItCannotBeDecoded) {
  response_parser decoding({});
  ASSERT_EQ(decoding.feed("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n"
                          "Content-Length: 1\r\n\r\nx"),
            parse_status::complete);
  EXPECT_EQ(decoding.response().body, "x");
  EXPECT_EQ(decoding.response().content_encoding, "gzip, br");
}

}  // namespace coded_body_test
}  // namespace upsun::http

#endif
