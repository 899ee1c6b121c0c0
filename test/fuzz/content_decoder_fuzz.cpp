#include "http/message/content_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/input.hpp"

namespace {

using namespace upsun;

constexpr std::array<std::string_view, 3> codings{"gzip", "zstd", "br"};
constexpr std::array<std::size_t, 3> limits{100, 4'000, 100'000};

/// What the bytes stand for; nothing when they are refused, for whatever reason.
std::optional<std::string> decode(std::string_view coding, std::size_t limit,
                                  std::string_view bytes, std::size_t piece) {
  std::string body;
  const auto decoder = http::content_decoder::make(coding, limit);
  if (!decoder) return body;  // in a build without it
  while (!bytes.empty()) {
    const bool failed = decoder->decode(bytes.substr(0, piece), body).has_value();
    EXPECT_LE(body.size(), limit);
    if (failed) return std::nullopt;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  if (decoder->end()) return std::nullopt;
  return body;
}

}  // namespace

/// A byte for the coding, one for the limit, one for the size of the pieces, then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input input(data, size);
  const std::string_view coding = codings[input.byte() % codings.size()];
  const std::size_t limit = limits[input.byte() % limits.size()];
  const std::size_t piece = input.byte() + 1;
  const std::string_view bytes = input.rest();
  const auto whole = decode(coding, limit, bytes, bytes.size() + 1);
  EXPECT_EQ(decode(coding, limit, bytes, piece), whole);
  EXPECT_EQ(decode(coding, limit, bytes, 1), whole);
  return 0;
}
