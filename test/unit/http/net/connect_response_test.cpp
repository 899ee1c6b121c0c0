#include "http/net/connect_response.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace upsun::http {
namespace connect_response_test {

/// The outcome in words: "open", "more", or the code and the cause of its failure.
std::string outcome(const connect_response& response, parse_status status) {
  if (status == parse_status::complete) return "open";
  if (status == parse_status::need_more) return "more";
  return make_error_code(response.failure().code).message() + ": " + response.failure().cause;
}

/// Fed whole, or in portions of `size` bytes after the first.
std::string outcome_of(std::string_view text, std::size_t first = std::string_view::npos,
                       std::size_t size = std::string_view::npos) {
  connect_response response(1024, 2);
  parse_status status = response.feed(text.substr(0, first));
  text.remove_prefix(std::min(first, text.size()));
  while (status == parse_status::need_more && !text.empty()) {
    status = response.feed(text.substr(0, size));
    text.remove_prefix(std::min(size, text.size()));
  }
  return outcome(response, status);
}

struct response_case {
  std::string text;
  std::string expected;
};

const std::string not_http = "the response is not valid HTTP: ";
const std::string refused = "the proxy opened no tunnel: ";
const std::string unreachable = "the host could not be reached: ";
const std::string status_line = not_http + "the proxy's response has no valid status line";
const std::string line_end = not_http + "a line of the proxy's response does not end in CRLF";
const std::string bad_field = not_http + "a bad field in the proxy's response";
const std::string control = not_http + "a control character in the proxy's response";

const std::vector<response_case> cases{
    {"HTTP/1.1 200 Connection established\r\n\r\n", "open"},
    {"HTTP/1.0 200 OK\r\n\r\n", "open"},
    {"HTTP/1.1 200\r\n\r\n", "open"},
    {"HTTP/1.1 200 \r\n\r\n", "open"},
    {"HTTP/1.1 204 No Content\r\n\r\n", "open"},
    {"HTTP/1.1 299 Whatever\r\n\r\n", "open"},
    {"HTTP/1.1 200 OK\r\nVia: 1.1 squid\r\nX-Empty:\r\n\r\n", "open"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
     "open"},  // both mean nothing here
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "open"},
    {"HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "open"},
    {"", "more"},
    {"HTTP/1.1 200 OK\r\n", "more"},
    {"HTTP/1.1 200 OK\r\n\r", "more"},
    {"HTTP/1.1 200 OK\r\nVia: 1.1", "more"},
    {"HTTP/1.1 407 Proxy Authentication Required\r\n",
     refused + "the proxy answered 407: it demands credentials"},
    {"HTTP/1.1 403 Forbidden\r\n\r\n", refused + "the proxy answered 403"},
    {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nabc",
     unreachable + "the proxy answered 502"},
    {"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n",
     unreachable + "the proxy answered 503"},
    {"HTTP/1.1 408 Request Timeout\r\n\r\n", unreachable + "the proxy answered 408"},
    {"HTTP/1.1 429 Too Many Requests\r\n\r\n", unreachable + "the proxy answered 429"},
    {"HTTP/1.1 404 Not Found\r\n\r\n", refused + "the proxy answered 404"},
    {"HTTP/1.1 302 Found\r\nLocation: https://evil/\r\n\r\n", refused + "the proxy answered 302"},
    {"HTTP/1.1 999 What\r\n\r\n", refused + "the proxy answered 999"},
    {"HTTP/1.1 101 Switching Protocols\r\n\r\n",
     "the server speaks another protocol: the proxy switches protocols"},
    {"HTTP/1.1 100 A\r\n\r\nHTTP/1.1 100 B\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
     "the response's header is over a limit: limits.informational_responses, in the proxy's "
     "response"},
    {"HTTP/2 200 OK\r\n\r\n", status_line},
    {"HTTP/1.2 200 OK\r\n\r\n", status_line},
    {"http/1.1 200 OK\r\n\r\n", status_line},
    {"HTTP/1.1  200 OK\r\n\r\n", status_line},
    {"HTTP/1.1 20 OK\r\n\r\n", status_line},
    {"HTTP/1.1 2000 OK\r\n\r\n", status_line},
    {"HTTP/1.1 000 OK\r\n\r\n", status_line},
    {"HTTP/1.1 +20 OK\r\n\r\n", status_line},
    {"HTTP/1.1 200OK\r\n\r\n", status_line},
    {" HTTP/1.1 200 OK\r\n\r\n", status_line},
    {"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", status_line},
    {"SSH-2.0-OpenSSH_9.2\r\n", status_line},
    {"<html>\r\n", status_line},
    {"\x16\x03\x01\r\n", control},
    {"HTTP/1.1 200 OK\n\n", line_end},
    {"HTTP/1.1 200 OK\r\n\n", line_end},
    {"HTTP/1.1 200 OK\rVia: a\r\n\r\n", line_end},
    {"HTTP/1.1 200 OK\r\r\n\r\n", line_end},
    {"HTTP/1.1 200 OK\r\nnothing\r\n\r\n", bad_field},
    {"HTTP/1.1 200 OK\r\n: empty\r\n\r\n", bad_field},
    {"HTTP/1.1 200 OK\r\nVia : a\r\n\r\n", bad_field},
    {"HTTP/1.1 200 OK\r\n folded\r\n\r\n", bad_field},
    {"HTTP/1.1 100 OK\r\nVia: a\r\n\r\nHTTP/1.1 200 OK\r\n folded\r\n\r\n", bad_field},
    {"HTTP/1.1 200 OK\r\nVia: a\r\n folded\r\n\tagain\r\n\r\n", "open"},
    {std::string("HTTP/1.1 200 OK\r\nVia: \0\r\n\r\n", 26), control},
    {"HTTP/1.1 200 OK\r\nVia: \x7f\r\n\r\n", control},
};

TEST(ConnectResponse, OpensATunnelOnlyForWhatRfc9110Allows) {
  for (const auto& [text, expected] : cases) EXPECT_EQ(outcome_of(text), expected) << text;
}

TEST(ConnectResponse, ComesToTheSameWhereverTheBytesAreCut) {
  for (const auto& [text, expected] : cases) {
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
      EXPECT_EQ(outcome_of(text, cut), expected) << text << " cut at " << cut;
    EXPECT_EQ(outcome_of(text, 1, 1), expected) << text;
  }
}

TEST(ConnectResponse, RefusesBytesThatCameWithTheHead) {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  const std::string expected = not_http + "the proxy sent bytes of its own into the tunnel";
  EXPECT_EQ(outcome_of(head + "x"), expected);
  for (std::size_t cut = 0; cut < head.size(); ++cut)
    EXPECT_EQ(outcome_of(head + "\x16\x03\x03", cut), expected) << cut;
}

TEST(ConnectResponse, BoundsTheBytesOfAllHeadsTogether) {
  const std::string limit =
      "the response's header is over a limit: limits.header_bytes, in the proxy's response";
  const std::string head = "HTTP/1.1 100 C\r\nX: " + std::string(500, 'a') + "\r\n\r\n";
  EXPECT_EQ(outcome_of(head), "more");
  EXPECT_EQ(outcome_of(head + head), limit);
  EXPECT_EQ(outcome_of(std::string(1024, 'a')), "more");
  EXPECT_EQ(outcome_of(std::string(1025, 'a')), limit);
}

TEST(ConnectResponse, FailsWhenTheProxyClosesAmidItsResponse) {
  connect_response response(1024, 2);
  EXPECT_EQ(response.feed("HTTP/1.1 200 OK\r\n"), parse_status::need_more);
  EXPECT_EQ(outcome(response, response.end_of_stream()),
            "the server closed the connection: the proxy closed the connection before its response "
            "was complete");
}

}  // namespace connect_response_test
}  // namespace upsun::http
