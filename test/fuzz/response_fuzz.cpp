#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "fuzz/input.hpp"
#include "unit/http/http1/parse_outcome.hpp"

namespace {

using namespace upsun;
using namespace upsun::http::test;

constexpr std::array ends{stream_end::open, stream_end::announced, stream_end::cut_off};
const std::array<limit_options, 2> limits{
    limit_options{},
    {.header_bytes = 200, .header_fields = 3, .informational_responses = 2, .body_bytes = 20}};

/// In portions as long as the bytes of `lengths` say, over and over.
std::vector<std::string_view> portions(std::string_view bytes, std::string_view lengths) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t length =
        lengths.empty() ? 1
                        : static_cast<unsigned char>(lengths[i % lengths.size()]) + std::size_t{1};
    all.push_back(bytes.substr(0, length));
    bytes.remove_prefix(all.back().size());
  }
  return all;
}

/// Of several faults, any may be the one that is named: how far the parser looks ahead depends on
/// the portions.
parse_outcome without_name_of_limit(parse_outcome o) {
  if (o.failure == errc::header_limit || o.failure == errc::body_limit)
    o.failure = errc::bad_response;
  return o;
}

}  // namespace

/// A byte for the limits, the end of the stream and whether a success is streamed, the lengths of
/// the portions up to a line end, then what the server sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input input(data, size);
  const std::size_t options = input.byte();
  const auto& limit = limits[options % limits.size()];
  const stream_end end = ends[options / limits.size() % ends.size()];
  const std::string_view lengths = input.until('\n');
  const std::string_view bytes = input.rest();

  const bool streams = options / limits.size() / ends.size() % 2 == 0;

  http::response_parser parser(limit, {.streams = streams});
  const parse_outcome whole = parse(parser, {bytes}, end);
  const parse_outcome in_portions = parse(parser, portions(bytes, lengths), end);
  // The outcome may depend on the clock, by a Retry-After date.
  if (parse(parser, {bytes}, end) == whole) {
    EXPECT_EQ(without_name_of_limit(in_portions), without_name_of_limit(whole));
  }
  const bool as_it_comes = streams && whole.http_status / 100 == 2;
  EXPECT_LE(whole.body.size(), as_it_comes ? bytes.size() : limit.body_bytes);
  if (whole.status == http::parse_status::complete) {
    EXPECT_TRUE(whole.http_status >= 200 && whole.http_status <= 999) << whole.http_status;
    EXPECT_LE(whole.content_type.size() + whole.request_id.size(), limit.header_bytes);
    if (whole.retry_after) {
      EXPECT_GE(whole.retry_after->count(), 0);
    }
  } else {
    EXPECT_FALSE(whole.reusable);
    if (end != stream_end::open) {
      EXPECT_EQ(whole.status, http::parse_status::failed);
    }
  }
  return 0;
}
