#include "http/http1/plain_head.hpp"

#include <gtest/gtest.h>

#include <string>

#include "fuzz/input.hpp"
#include "unit/http/http1/parse_outcome.hpp"

/// What the server sends. A head that is taken for plain is read as Beast's parser reads it, to
/// which the same head goes with a field that is not plain.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace upsun::http;
  using namespace upsun::http::test;
  const std::string_view bytes = upsun::fuzz::input(data, size).rest();
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos || !read_plain_head(bytes.substr(0, head_end + 4), {}))
    return 0;

  std::string not_plain(bytes);
  not_plain.insert(bytes.find("\r\n") + 2, "Trailer: none\r\n");
  EXPECT_FALSE(
      read_plain_head(std::string_view(not_plain).substr(0, not_plain.find("\r\n\r\n") + 4), {}));

  const upsun::limit_options limits;
  response_parser parser(limits, {.validators = true});
  for (const stream_end end : {stream_end::open, stream_end::announced, stream_end::cut_off}) {
    EXPECT_EQ(parse(parser, {bytes}, end), parse(parser, {not_plain}, end));
  }
  return 0;
}
