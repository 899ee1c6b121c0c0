#include "api/path.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace upsun::api {
namespace {

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// What stands in a path as it is (RFC 3986 section 2.3).
constexpr std::array<bool, 256> unreserved = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_unreserved(char c) noexcept { return unreserved[static_cast<unsigned char>(c)]; }

}  // namespace

std::optional<std::string> refuse_segment(std::string_view segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..") return "is a dot segment, which would name another resource";
  if (std::any_of(segment.begin(), segment.end(), is_control)) return "holds a control character";
  return std::nullopt;
}

void append_segment(std::string& path, std::string_view segment) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  while (!segment.empty()) {
    const auto end = std::find_if_not(segment.begin(), segment.end(), is_unreserved);
    const auto size = static_cast<std::size_t>(end - segment.begin());
    path.append(segment.substr(0, size));
    segment.remove_prefix(size);
    if (segment.empty()) return;
    const auto byte = static_cast<unsigned char>(segment.front());
    path.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    segment.remove_prefix(1);
  }
}

}  // namespace upsun::api
