#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "api/operation.hpp"
#include "fuzz/input.hpp"

namespace {

/// As a server reads it; what is not as it must be is replaced by '/'.
std::string decoded(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    const std::string_view digits = text.substr(1, 2);
    unsigned value = '/';
    if (text.front() != '%') {
      out += text.front();
    } else {
      std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      out += static_cast<char>(value);
      text.remove_prefix(digits.size());
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view segment = upsun::fuzz::input(data, size).rest();
  if (!upsun::api::refuse_segment(segment).empty()) return 0;
  std::string path = "/projects/";
  upsun::api::append_segment(path, segment);
  const std::string written = path.substr(std::string_view("/projects/").size());
  const auto harmless = [](char c) {
    return std::string_view("-._~%").find(c) != std::string_view::npos ||
           std::isalnum(static_cast<unsigned char>(c)) != 0;
  };
  EXPECT_TRUE(std::all_of(written.begin(), written.end(), harmless)) << written;
  EXPECT_EQ(decoded(written), segment);
  EXPECT_TRUE(written != "." && written != ".." && !written.empty());
  return 0;
}
