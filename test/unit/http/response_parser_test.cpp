#include "http/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/http/parse_outcome.hpp"

namespace upsun::http::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// ---- good ones

struct good_response {
  const char* what;
  std::string bytes;
  int status;
  std::string body;
  bool reusable;
  stream_end end = stream_end::open;
};

const good_response good[] = {
    {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
    {"no reason phrase", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", true},
    {"bytes of other alphabets in the reason and a value", "HTTP/1.1 404 Gar nicht \xc3\xa4\r\nX: \xff\t\xfe\r\nContent-Length: 0\r\n\r\n", 404, "", true},
    {"a status of 599", "HTTP/1.1 599 Odd\r\nContent-Length: 0\r\n\r\n", 599, "", true},
    {"names in any case, blanks around values", "HTTP/1.1 200 OK\r\ncOnTeNt-LeNgTh: \t 2 \t\r\n\r\nok", 200, "ok", true},
    {"an empty value", "HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 1\r\n\r\na", 200, "a", true},
    {"a length that is said twice alike", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
    {"a length that is said twice alike in a list", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", 200, "ok", true},
    {"NUL and line ends in a body", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\0\r\n\r\n\x01"s, 200, "\0\r\n\r\n\x01"s, true},
    {"chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n", 200, "hello, world", true},
    {"the coding in any case", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 200, "a", true},
    {"an empty chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true},
    {"hexadecimal sizes", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0b\r\n0123456789a\r\n000\r\n\r\n", 200,
     "01234567890123456789a", true},
    {"chunk extensions", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b;c=\"d;\\\"e\"\r\na\r\n0;last\r\n\r\n", 200, "a", true},
    {"trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Checksum: 1\r\nX-Other: 2\r\n\r\n", 200, "a", true},
    {"trailers after no chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", 200, "", true},
    {"a line end pair in chunk data", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n", 200, "\r\n\r\n", true},
    {"the server's wish to close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
    {"a wish to close in a list", "HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
    {"HTTP/1.0 that would be kept alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
    {"no body by its status", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
    {"no body by its status, whatever the length says", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true},
    {"bytes after the end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", 200, "ok", false},
    {"bytes after the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n", 200, "", false},
    {"a body where there is none", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok", 204, "", false},
    {"a body up to the end of the stream", "HTTP/1.1 200 OK\r\n\r\nall of it", 200, "all of it", false, stream_end::announced},
    {"an empty body up to the end of the stream", "HTTP/1.0 200 OK\r\n\r\n", 200, "", false, stream_end::announced},
    {"an informational response before", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
    {"informational responses with fields of their own",
     "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\nConnection: close\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
     200, "ok", true},
    {"a trailer that would close", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n", 200, "", true},
    {"a trailer that would keep alive", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nConnection: keep-alive\r\n\r\n", 200,
     "", false},
};

TEST(ResponseParser, AcceptsGoodResponsesHoweverTheyAreCut) {
  for (const good_response& expected : good) {
    SCOPED_TRACE(expected.what);
    const parse_outcome got = parse_however_cut(expected.bytes, expected.end);
    EXPECT_EQ(got.status, parse_status::complete) << got;
    EXPECT_EQ(got.http_status, expected.status);
    EXPECT_EQ(got.body, expected.body);
    EXPECT_EQ(got.reusable, expected.reusable);
  }
}

// ---- bad ones

struct bad_response {
  const char* what;
  std::string bytes;
  errc code = errc::bad_response;
  stream_end end = stream_end::open;
};

const bad_response bad[] = {
    {"Transfer-Encoding, then Content-Length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
    {"Content-Length, then Transfer-Encoding", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"another coding, then Content-Length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"},
    {"Content-Length, then another coding", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\nhello"},
    {"another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"},
    {"the identity coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n"},
    {"a list of codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
    {"chunked before another coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"},
    {"chunked in a list of its own", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"},
    {"chunked with a parameter", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"},
    {"chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"no coding named", "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n"},
    {"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
    {"differing lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
    {"differing lengths in a list", "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello"},
    {"an empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n"},
    {"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
    {"a length with a plus", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello"},
    {"a hexadecimal length", "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello"},
    {"a length with a blank inside", "HTTP/1.1 200 OK\r\nContent-Length: 1 0\r\n\r\nhello"},
    {"a length beyond 64 bits", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551621\r\n\r\nhello"},
    {"a folded value", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"},
    {"a value that begins on the next line", "HTTP/1.1 200 OK\r\nX-A:\r\n b\r\nContent-Length: 0\r\n\r\n"},
    {"a value folded into nothing", "HTTP/1.1 200 OK\r\nX-A: b\r\n\t\r\nContent-Length: 0\r\n\r\n"},
    {"a folded length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\nhello"},
    {"a folded value of more than 4 KiB",
     "HTTP/1.1 200 OK\r\nX-A: " + std::string(3000, 'a') + "\r\n " + std::string(3000, 'b') + "\r\nContent-Length: 0\r\n\r\n"},
    {"a folded trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n z\r\n\r\n"},
    {"a folded status line", "HTTP/1.1 200 OK\r\n again\r\nContent-Length: 0\r\n\r\n"},
    {"a bare CR in a value", "HTTP/1.1 200 OK\r\nX-A: b\rc\r\nContent-Length: 0\r\n\r\n"},
    {"a bare CR at the end of the head", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\rX\r\n\r\n"},
    {"a bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
    {"one bare LF", "HTTP/1.1 200 OK\r\nX-A: b\nContent-Length: 0\r\n\r\n"},
    {"NUL in a value", "HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 0\r\n\r\n"s},
    {"NUL in a name", "HTTP/1.1 200 OK\r\nX\0A: b\r\nContent-Length: 0\r\n\r\n"s},
    {"a control character in a value", "HTTP/1.1 200 OK\r\nX-A: \x01\r\nContent-Length: 0\r\n\r\n"},
    {"DEL in a value", "HTTP/1.1 200 OK\r\nX-A: \x7f\r\nContent-Length: 0\r\n\r\n"},
    {"a control character in the reason", "HTTP/1.1 200 O\x02K\r\nContent-Length: 0\r\n\r\n"},
    {"a blank before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
    {"a tab before the colon", "HTTP/1.1 200 OK\r\nContent-Length\t: 0\r\n\r\n"},
    {"a line without a colon", "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n"},
    {"an empty name", "HTTP/1.1 200 OK\r\n: 0\r\nContent-Length: 0\r\n\r\n"},
    {"a name that is no token", "HTTP/1.1 200 OK\r\nX(A): 0\r\nContent-Length: 0\r\n\r\n"},
    {"a status of two digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"},
    {"a status of four digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"},
    {"a status that is no number", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n"},
    {"a status below 100", "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n"},
    {"no blank after the status", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"},
    {"two blanks before the status", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"HTTP/0.9", "{\"type\":\"bitbucket\"}"},
    {"HTTP/2", "HTTP/2 200\r\ncontent-length: 0\r\n\r\n"},
    {"HTTP/2's first frame", "\0\0\x12\x04\0\0\0\0\0"s},
    {"another version of HTTP/1", "HTTP/1.9 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"lower case", "http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"an empty line before", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n"},
    {"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", errc::unexpected_protocol},
    {"a chunk size that is no number", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n"},
    {"an empty chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n"},
    {"a negative chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n"},
    {"a chunk size with 0x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n"},
    {"a chunk size beyond 64 bits", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"},
    {"a chunk longer than its size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n"},
    {"a bare LF after a chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n"},
    {"a bad chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;=b\r\nhello\r\n0\r\n\r\n"},
    {"a chunk extension with an open quote", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\r\nhello\r\n0\r\n\r\n"},
    {"a chunk extension that escapes the line end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nX\r\n5;a=\"b\\\r\n\"\r\nhello\r\n0\r\n\r\n"},
    {"a length in a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"},
    {"a coding in a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"a trailer without a colon", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX\r\n\r\n"},
    {"an empty chunk size after a chunk, then the end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nX\r\n\r\n", errc::bad_response,
     stream_end::announced},
    {"no line end after a chunk, then the end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nX0\r\nY", errc::bad_response, stream_end::announced},
    {"no response at all", "", errc::connection_closed, stream_end::announced},
    {"the end in the status line", "HTTP/1.", errc::connection_closed, stream_end::announced},
    {"the end in the head", "HTTP/1.1 200 OK\r\nContent-Le", errc::connection_closed, stream_end::announced},
    {"the end in a head that is no HTTP", "HTTP/1.1 200 OK\r\nno colon\r\n", errc::bad_response, stream_end::announced},
    {"the end before a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", errc::connection_closed, stream_end::announced},
    {"the end in a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", errc::connection_closed, stream_end::announced},
    {"the end in a body, cut off", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", errc::connection_closed, stream_end::cut_off},
    {"the end before the first chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", errc::connection_closed, stream_end::announced},
    {"the end in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", errc::connection_closed, stream_end::announced},
    {"the end before the last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", errc::connection_closed, stream_end::announced},
    {"the end in the trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n", errc::connection_closed, stream_end::announced},
    {"the end after an informational response", "HTTP/1.1 100 Continue\r\n\r\n", errc::connection_closed, stream_end::announced},
    {"a body up to the end of the stream, cut off", "HTTP/1.1 200 OK\r\n\r\nall of it?", errc::tls_failed, stream_end::cut_off},
};

TEST(ResponseParser, RefusesBadResponsesHoweverTheyAreCut) {
  for (const bad_response& expected : bad) {
    SCOPED_TRACE(expected.what);
    const parse_outcome got = parse_however_cut(expected.bytes, expected.end);
    EXPECT_EQ(got.status, parse_status::failed) << got;
    EXPECT_EQ(got.failure, expected.code) << got;
  }
}

TEST(ResponseParser, WaitsForTheRestOfEveryGoodResponse) {
  response_parser parser({});
  for (const good_response& g : good) {
    SCOPED_TRACE(g.what);
    const parse_outcome whole = parse(parser, {g.bytes}, g.end);
    for (std::size_t size = 1; size < g.bytes.size(); ++size) {
      const parse_outcome part = parse(parser, {std::string_view(g.bytes).substr(0, size)});
      EXPECT_NE(part.status, parse_status::failed) << size;
      EXPECT_TRUE(part.status == parse_status::need_more || !whole.reusable) << size;  // what came after the end
    }
  }
}

// ---- what is kept of a response

TEST(ResponseParser, KeepsTheFieldsThatMatter) {
  const parse_outcome got = parse_however_cut(
      "HTTP/1.1 401 Unauthorized\r\nDate: Tue, 24 Nov 2026 06:35:16 GMT\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-ID: abc-123\r\n"
      "WWW-Authenticate: Bearer realm=\"a\"\r\nWWW-Authenticate: Basic\r\nRetry-After: 17\r\nKeep-Alive: max=100, timeout=5\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(got.http_status, 401);
  EXPECT_EQ(got.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(got.request_id, "abc-123");
  EXPECT_EQ(got.www_authenticate, "Bearer realm=\"a\", Basic");
  EXPECT_EQ(got.retry_after, 17s);
  EXPECT_EQ(got.keep_alive_timeout, 5s);
}

TEST(ResponseParser, KeepsTheFirstOfFieldsSentTwice) {
  const parse_outcome got = parse_however_cut(
      "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nX-Request-Id: 1\r\nX-Request-Id: 2\r\nRetry-After: 3\r\nRetry-After: 4\r\nContent-Length: "
      "0\r\n\r\n");
  EXPECT_EQ(got.content_type, "a/b");
  EXPECT_EQ(got.request_id, "1");
  EXPECT_EQ(got.retry_after, 3s);
}

TEST(ResponseParser, ForgetsTheFieldsOfInformationalResponsesAndOfTrailers) {
  const parse_outcome got = parse_however_cut(
      "HTTP/1.1 103 Early Hints\r\nX-Request-Id: early\r\nRetry-After: 1\r\nKeep-Alive: timeout=1\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Request-Id: late\r\nRetry-After: 2\r\nContent-Type: x/y\r\nKeep-Alive: timeout=2\r\n\r\n");
  EXPECT_EQ(got.request_id, "");
  EXPECT_EQ(got.retry_after, std::nullopt);
  EXPECT_EQ(got.content_type, "");
  EXPECT_EQ(got.keep_alive_timeout, std::nullopt);
}

TEST(ResponseParser, ReadsRetryAfterOnlyAsSeconds) {
  const auto retry_after = [](const std::string& value) {
    return parse_however_cut("HTTP/1.1 429 Slow\r\nRetry-After: " + value + "\r\nContent-Length: 0\r\n\r\n").retry_after;
  };
  EXPECT_EQ(retry_after("0"), 0s);
  EXPECT_EQ(retry_after("4294967295"), 4294967295s);
  for (const char* garbage : {"", "-1", "+1", "1.5", "1s", "soon", "4294967296", "Tue, 24 Nov 2026 06:35:16 GMT"})
    EXPECT_EQ(retry_after(garbage), std::nullopt) << garbage;
}

TEST(ResponseParser, ReadsTheTimeoutOfKeepAlive) {
  const auto timeout = [](const std::string& value) {
    return parse_however_cut("HTTP/1.1 200 OK\r\nKeep-Alive: " + value + "\r\nContent-Length: 0\r\n\r\n").keep_alive_timeout;
  };
  EXPECT_EQ(timeout("timeout=5"), 5s);
  EXPECT_EQ(timeout("Timeout=60 , max=1000"), 60s);
  EXPECT_EQ(timeout("max=1000,\ttimeout=0"), 0s);
  for (const char* garbage : {"", ",", "max=5", "timeout", "timeout=", "timeout=x", "timeout=-1", "timeout=99999999999", "xtimeout=5"}) {
    EXPECT_EQ(timeout(garbage), std::nullopt) << garbage;
  }
}

TEST(ResponseParser, TellsHowFarItGot) {
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
  EXPECT_EQ(parse(parser, {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"}, stream_end::announced).failure, errc::connection_closed);
  EXPECT_EQ(parse(parser, {"HTTP/1.1 200 OK\r\nX: "}).status, parse_status::need_more);
  EXPECT_EQ(parse(parser, {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}).body, "ok");
}

TEST(ResponseParser, SaysNothingTheServerSentInAFailure) {
  response_parser parser({});
  for (const char* bytes : {"s3cret", "HTTP/1.1 200 OK\r\ns3cret\r\n\r\n", "HTTP/1.1 s3cret\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: s3cret\r\n\r\n"}) {
    EXPECT_EQ(parse(parser, {bytes}).status, parse_status::failed);
    EXPECT_EQ(parser.failure().cause.find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace upsun::http::test
