#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

// Walking through JSON without reading it. Right for valid JSON; of any other text, nothing is ever
// taken beyond its end.

namespace upsun::codec {

/// Takes white space off the front.
inline void skip_space(std::string_view& rest) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
}

/// Takes white space and then `c` off the front; false when something else stands there.
inline bool take(std::string_view& rest, char c) noexcept {
  skip_space(rest);
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

/// Takes a string's text and closing quote off the front, with escapes as they stand.
inline std::string_view take_string(std::string_view& rest) noexcept {
  const auto is_escaped =
      [](std::string_view text,
         std::size_t position) {  // an odd number of backslashes stands before it
        std::size_t begin = position;
        while (begin > 0 && text[begin - 1] == '\\') --begin;
        return (position - begin) % 2 != 0;
      };
  std::size_t end = rest.find('"');
  while (end != std::string_view::npos && is_escaped(rest, end)) end = rest.find('"', end + 1);
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  return text;
}

}  // namespace upsun::codec
