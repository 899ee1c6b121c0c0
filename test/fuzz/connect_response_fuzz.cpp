#include "http/net/connect_response.hpp"

#include <gtest/gtest.h>

#include "fuzz/input.hpp"

namespace {

using namespace upsun::http;

struct outcome {
  parse_status status = parse_status::need_more;
  std::string cause;
  bool operator==(const outcome&) const = default;
};

outcome feed(std::string_view bytes, std::size_t portion, bool ends) {
  connect_response response(1000, 3);
  outcome o;
  while (o.status == parse_status::need_more && !bytes.empty()) {
    o.status = response.feed(bytes.substr(0, portion));
    bytes.remove_prefix(std::min(portion, bytes.size()));
  }
  if (o.status == parse_status::need_more && ends) o.status = response.end_of_stream();
  // What comes later into the tunnel is its driver's to refuse.
  if (o.status == parse_status::complete && !bytes.empty())
    o = {parse_status::failed, "the proxy sent bytes of its own into the tunnel"};
  if (o.status == parse_status::failed && o.cause.empty()) o.cause = response.failure().cause;
  return o;
}

}  // namespace

/// A byte for the portions and the end, then what the proxy sends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  const std::size_t options = input.byte();
  const bool ends = options % 2 != 0;
  const std::string_view bytes = input.rest();
  const outcome whole = feed(bytes, bytes.size() + 1, ends);
  const outcome in_portions = feed(bytes, options / 2 + 1, ends);
  EXPECT_EQ(in_portions.status, whole.status);
  EXPECT_EQ(in_portions.cause, whole.cause);
  EXPECT_EQ(whole.status == parse_status::failed, !whole.cause.empty());
  if (whole.status == parse_status::complete) {
    EXPECT_TRUE(bytes.starts_with("HTTP/1.") && bytes.ends_with("\r\n\r\n"));
  }
  return 0;
}
