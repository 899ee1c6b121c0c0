#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Characters and texts by ASCII's rules, whatever the locale.

namespace upsun::util {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
[[nodiscard]] constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
}
/// Whether a header field's value must not hold it: tabs are allowed (RFC 9110 section 5.5).
[[nodiscard]] constexpr bool is_field_control(char c) noexcept {
  return is_control(c) && c != '\t';
}

[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] inline std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return to_lower(c); });
  return lower;
}

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

/// Without blanks at both ends (RFC 9110 section 5.6.3: OWS).
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}
/// Without the characters of `blanks` at both ends.
[[nodiscard]] constexpr std::string_view trim(std::string_view text,
                                              std::string_view blanks) noexcept {
  const std::size_t first = text.find_first_not_of(blanks);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// What may stand in `Authorization: Bearer` (RFC 6750 section 2.1): 1*( ALPHA / DIGIT / "-" / "."
/// / "_" / "~" / "+" / "/" ) *"="
[[nodiscard]] constexpr bool is_b64token(std::string_view token) noexcept {
  constexpr std::string_view marks = "-._~+/";
  token = token.substr(0, token.find_last_not_of('=') + 1);
  return !token.empty() && std::all_of(token.begin(), token.end(), [=](char c) {
    return is_alphanumeric(c) || marks.find(c) != std::string_view::npos;
  });
}

}  // namespace upsun::util
