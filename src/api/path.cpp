#include "api/path.hpp"

#include <algorithm>

namespace upsun::api {
namespace {

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

std::optional<std::string> refuse_segment(std::string_view segment) {
  if (segment.empty()) return "is empty";
  if (segment == "." || segment == "..") return "is a dot segment, which would name another resource";
  if (std::any_of(segment.begin(), segment.end(), is_control)) return "holds a control character";
  return std::nullopt;
}

void append_segment(std::string& path, std::string_view segment) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : segment) {
    if (is_unreserved(c)) {
      path += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      path.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
  }
}

}  // namespace upsun::api
