// The cost of parsing a response: one parser for all, as on a kept-alive connection, and the
// document of the other benchmarks.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "bitbucket_document.hpp"
#include "http/http1/response_parser.hpp"

namespace {

using upsun::http::parse_status;

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 06:35:16 "
    "GMT\r\nContent-Type: application/json\r\nConnection: keep-alive\r\n";

std::string with_length() {
  const std::string_view body = upsun::benchmarks::bitbucket_document;
  return std::string(head)
      .append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n")
      .append(body);
}

std::string chunked() {
  const std::string_view body = upsun::benchmarks::bitbucket_document;
  return std::string(head)
      .append("Transfer-Encoding: chunked\r\n\r\n100\r\n")
      .append(body.substr(0, 0x100))
      .append("\r\n17b\r\n")
      .append(body.substr(0x100))
      .append("\r\n0\r\n\r\n");
}

/// With the fields that gateways add.
std::string with_many_fields() {
  std::string text = with_length();
  std::string more;
  for (int i = 0; i < 20; ++i)
    more.append("X-Gateway-Field-")
        .append(std::to_string(i))
        .append(": a value of the usual length\r\n");
  return text.insert(head.size(), more);
}

/// \param portion how many bytes arrive at once
void frame(benchmark::State& state, const std::string& bytes, std::size_t portion) {
  upsun::http::response_parser parser{upsun::limit_options()};
  for (auto _ : state) {
    parser.reset();
    parse_status status = parse_status::need_more;
    for (std::string_view rest = bytes; !rest.empty() && status == parse_status::need_more;
         rest.remove_prefix(std::min(portion, rest.size()))) {
      status = parser.feed(rest.substr(0, portion));
    }
    const upsun::http_response response = std::move(parser.response());
    if (status != parse_status::complete || !parser.keep_alive() ||
        response.body != upsun::benchmarks::bitbucket_document) {
      return state.SkipWithError("not the response");
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}

}  // namespace

BENCHMARK_CAPTURE(frame, length, with_length(), std::string::npos)->Name("framing/length");
BENCHMARK_CAPTURE(frame, length_in_portions, with_length(), 64)
    ->Name("framing/length/64-bytes-at-once");
BENCHMARK_CAPTURE(frame, chunked, chunked(), std::string::npos)->Name("framing/chunked");
BENCHMARK_CAPTURE(frame, many_fields, with_many_fields(), std::string::npos)
    ->Name("framing/25-fields");

BENCHMARK_MAIN();
