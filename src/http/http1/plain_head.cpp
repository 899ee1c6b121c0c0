#include "http/http1/plain_head.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "http/message/field_values.hpp"
#include "util/ascii.hpp"
#include "util/sse2.hpp"

namespace upsun::http {
namespace {

constexpr std::string_view version = "HTTP/1.1 ";
constexpr std::string_view line_end = "\r\n";

/// The characters of a token (RFC 9110 section 5.6.2), in lower case; zero for any other.
constexpr std::array<char, 256> lower_token_chars = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"))
    table[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c)
    table[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
  return table;
}();

constexpr std::uint64_t in_each_byte(std::uint8_t value) noexcept {
  return 0x0101010101010101U * value;
}

std::uint64_t load(const char* eight) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  return bytes;
}

#ifdef __SSE2__
std::uint32_t controls_among(__m128i bytes) noexcept {
  return sse2::mask_of(_mm_or_si128(sse2::at_most(bytes, ' ' - 1), sse2::equal(bytes, 0x7f)));
}
std::uint32_t letters_and_hyphens_among(__m128i bytes) noexcept {
  const __m128i lower = _mm_or_si128(bytes, sse2::in_each(0x20));
  return sse2::mask_of(_mm_or_si128(
      sse2::at_most(_mm_sub_epi8(lower, sse2::in_each('a')), 'z' - 'a'), sse2::equal(bytes, '-')));
}
#endif

/// Where the first control character from `begin` on is, or the end of the text.
std::size_t find_control(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin;
#ifdef __SSE2__
  for (; text.size() - at >= sse2::width; at += sse2::width) {
    if (const std::uint32_t found = controls_among(sse2::load(text.data() + at)); found != 0)
      return at + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  while (at < text.size() && static_cast<unsigned char>(text[at]) >= ' ' && text[at] != 0x7f) ++at;
  return at;
}

/// Where the name that begins there ends: at the first character that is none of a token, or the
/// end of the text.
std::size_t find_name_end(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin;
#ifdef __SSE2__
  while (text.size() - at >= sse2::width) {  // letters and hyphens are nearly all of a name
    const int known = std::countr_one(letters_and_hyphens_among(sse2::load(text.data() + at)));
    at += static_cast<std::size_t>(known);
    if (known < static_cast<int>(sse2::width)) break;
  }
#endif
  while (at < text.size() && lower_token_chars[static_cast<unsigned char>(text[at])] != 0) ++at;
  return at;
}

bool ends_line(std::string_view text, std::size_t at) noexcept {
  return text.size() - at >= line_end.size() && text[at] == '\r' && text[at + 1] == '\n';
}

/// Of a text without control characters and a word of letters and hyphens: with this bit, those
/// have no other character's value.
bool equals_word(std::string_view text, std::string_view lower_case) noexcept {
  constexpr std::size_t width = sizeof(std::uint64_t);
  constexpr char lower = 0x20;
  if (text.size() != lower_case.size()) return false;
  const std::size_t size = text.size();
  if (size < width)
    return std::equal(text.begin(), text.end(), lower_case.begin(),
                      [](char a, char b) { return (a | lower) == b; });
  const auto differ = [&](std::size_t at) {
    return (load(text.data() + at) | in_each_byte(lower)) != load(lower_case.data() + at);
  };
  for (std::size_t at = 0; at < size - width; at += width) {
    if (differ(at)) return false;
  }
  return !differ(size - width);
}

std::optional<std::uint64_t> parse_length(std::string_view digits) noexcept {
  constexpr std::size_t most = 18;
  if (digits.empty() || digits.size() > most) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!util::is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// Takes in one field. False: it is not plain.
bool take(std::string_view name, std::string_view value, plain_head& head, bool& has_length,
          bool validators) noexcept {
  const auto is = [&](std::string_view known) { return equals_word(name, known); };
  switch (name.size()) {
    case 4:
      if (validators && is("etag") && head.etag.empty()) head.etag = value;
      return true;
    case 7: return !is("upgrade") && !is("trailer");
    case 8: return !is("location");
    case 10:
      if (is("keep-alive")) head.keep_alive = value;
      if (!is("connection")) return true;
      if (equals_word(value, "keep-alive")) return true;
      head.close = true;
      return equals_word(value, "close");
    case 11: return !is("retry-after");
    case 12:
      if (is("x-request-id") && head.request_id.empty()) head.request_id = value;
      if (is("content-type") && head.content_type.empty()) head.content_type = value;
      return true;
    case 13:
      if (validators && is("cache-control") && forbids_storing(value)) head.no_store = true;
      return true;
    case 14: {
      if (!is("content-length")) return true;
      const auto length = parse_length(value);
      if (!length || has_length) return false;
      head.content_length = *length;
      return has_length = true;
    }
    case 16: return !is("www-authenticate") && !is("proxy-connection") && !is("content-encoding");
    case 17: return !is("transfer-encoding");
    default: return true;
  }
}

}  // namespace

std::optional<plain_head> read_plain_head(std::string_view head, const limit_options& limits,
                                          bool validators) noexcept {
  plain_head result;
  const std::size_t status_end = version.size() + 3;
  if (!head.starts_with(version) || head.size() < status_end + line_end.size()) return std::nullopt;
  for (const char c : head.substr(version.size(), 3)) {
    if (!util::is_digit(c)) return std::nullopt;
    result.status = result.status * 10 + (c - '0');
  }
  if (head[status_end] != ' ' || result.status < 200 || result.status > 599 ||
      result.status == 204 || result.status == 304)
    return std::nullopt;

  bool has_length = false;
  std::size_t fields = 0;
  std::size_t line = 0;
  std::size_t text = status_end;  // of the line, where the part without control characters begins
  for (;;) {
    const std::size_t end = find_control(head, text);
    if (!ends_line(head, end)) return std::nullopt;
    if (line != 0) {
      const std::string_view name = head.substr(line, text - 1 - line);
      if (++fields > limits.header_fields ||
          !take(name, util::trim(head.substr(text, end - text)), result, has_length, validators))
        return std::nullopt;
    }
    line = end + line_end.size();
    if (ends_line(head, line)) break;
    text = find_name_end(head, line);
    if (text == line || text == head.size() || head[text] != ':') return std::nullopt;
    ++text;
  }
  if (!has_length || result.content_length > limits.body_bytes) return std::nullopt;
  result.size = line + line_end.size();
  return result;
}

}  // namespace upsun::http
