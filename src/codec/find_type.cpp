#include "codec/find_type.hpp"

#include <algorithm>
#include <cstddef>

namespace upsun::codec {
namespace {

/// Takes white space and then `c` off the front; false when something else stands there.
bool take(std::string_view& rest, char c) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

/// Whether an odd number of backslashes stands before `position`.
bool is_escaped(std::string_view text, std::size_t position) noexcept {
  std::size_t begin = position;
  while (begin > 0 && text[begin - 1] == '\\') --begin;
  return (position - begin) % 2 != 0;
}

/// Takes a string's text and closing quote off the front, with escapes as they stand.
std::string_view take_string(std::string_view& rest) noexcept {
  std::size_t end = rest.find('"');
  while (end != std::string_view::npos && is_escaped(rest, end)) end = rest.find('"', end + 1);
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  return text;
}

}  // namespace

std::string_view find_type(std::string_view json) noexcept {
  std::size_t depth = 0;
  while (!json.empty()) {
    const char c = json.front();
    json.remove_prefix(1);
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == '"' && take_string(json) == "type" && depth == 1 && take(json, ':')) {
      if (!take(json, '"')) return {};
      const std::string_view value = take_string(json);
      return value.find('\\') == std::string_view::npos ? value : std::string_view();
    }
  }
  return {};
}

}  // namespace upsun::codec
