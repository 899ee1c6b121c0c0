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

std::string head(const std::string& fields) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n" +
         fields + "\r\n";
}
std::string by_length(const std::string& body) {
  return head("Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
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

TEST(CodedBody, ComesAsItIsWhereItIsNotToBeDecodedOrCannotBe) {
  response_parser parser({}, {.decodes = false});
  ASSERT_EQ(parser.feed(by_length(coded)), parse_status::complete);
  EXPECT_EQ(parser.response().body, coded);
  EXPECT_EQ(parser.response().content_encoding, "gzip");

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
