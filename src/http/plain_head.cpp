#include "http/plain_head.hpp"

#include <array>
#include <cstring>

namespace upsun::http {
namespace {

constexpr std::string_view version = "HTTP/1.1 ";
constexpr std::string_view line_end = "\r\n";

/// The characters of a token (RFC 9110 section 5.6.2), in lower case; zero for any other.
constexpr std::array<char, 256> lower_token_chars = [] {
  std::array<char, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) table[static_cast<unsigned char>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = static_cast<char>(c - 'A' + 'a');
  return table;
}();

constexpr std::uint64_t in_each_byte(std::uint8_t value) noexcept { return 0x0101010101010101U * value; }

/// Whether one of eight bytes is a control character; for a byte next to one it may say so too.
constexpr bool has_control(std::uint64_t bytes) noexcept {
  const std::uint64_t below_space = (bytes - in_each_byte(' ')) & ~bytes;
  const std::uint64_t flipped = bytes ^ in_each_byte(0x7f);
  const std::uint64_t deletes = (flipped - in_each_byte(1)) & ~flipped;
  return ((below_space | deletes) & in_each_byte(0x80)) != 0;
}

bool has_control(std::string_view text) noexcept {
  std::uint64_t bytes = 0;
  for (; text.size() >= sizeof bytes; text.remove_prefix(sizeof bytes)) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (has_control(bytes)) return true;
  }
  bytes = in_each_byte(' ');
  std::memcpy(&bytes, text.data(), text.size());
  return has_control(bytes);
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) noexcept {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower_token_chars[static_cast<unsigned char>(text[i])] != lower_case[i]) return false;
  }
  return true;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::optional<std::uint64_t> parse_length(std::string_view digits) noexcept {
  constexpr std::size_t most = 18;
  if (digits.empty() || digits.size() > most) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// Takes in one field. False: it is not plain.
bool take(std::string_view name, std::string_view value, plain_head& head, bool& has_length) noexcept {
  const auto is = [&](std::string_view known) { return equal_ignoring_case(name, known); };
  switch (name.size()) {
    case 7: return !is("upgrade") && !is("trailer");
    case 10:
      if (is("keep-alive")) head.keep_alive = value;
      if (!is("connection")) return true;
      if (equal_ignoring_case(value, "keep-alive")) return true;
      head.close = true;
      return equal_ignoring_case(value, "close");
    case 11: return !is("retry-after");
    case 12:
      if (is("x-request-id") && head.request_id.empty()) head.request_id = value;
      if (is("content-type") && head.content_type.empty()) head.content_type = value;
      return true;
    case 14: {
      if (!is("content-length")) return true;
      const auto length = parse_length(value);
      if (!length || has_length) return false;
      head.content_length = *length;
      return has_length = true;
    }
    case 16: return !is("www-authenticate") && !is("proxy-connection");
    case 17: return !is("transfer-encoding");
    default: return true;
  }
}

}  // namespace

std::optional<plain_head> read_plain_head(std::string_view head, const limit_options& limits) noexcept {
  plain_head result;
  const std::size_t status_end = version.size() + 3;
  if (!head.starts_with(version) || head.size() < status_end + line_end.size()) return std::nullopt;
  for (const char c : head.substr(version.size(), 3)) {
    if (!is_digit(c)) return std::nullopt;
    result.status = result.status * 10 + (c - '0');
  }
  if (head[status_end] != ' ' || result.status < 200 || result.status > 599 || result.status == 204 || result.status == 304) return std::nullopt;

  bool has_length = false;
  std::size_t fields = 0;
  std::size_t line = 0;
  std::size_t text = status_end;  // of the line, where the part without control characters begins
  for (;;) {
    const void* found = std::memchr(head.data() + text, '\r', head.size() - text);
    if (found == nullptr) return std::nullopt;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - head.data());
    if (!head.substr(end).starts_with(line_end) || has_control(head.substr(text, end - text))) return std::nullopt;
    if (line != 0) {
      const std::string_view name = head.substr(line, text - 1 - line);
      if (++fields > limits.header_fields || !take(name, trim(head.substr(text, end - text)), result, has_length)) return std::nullopt;
    }
    line = end + line_end.size();
    if (head.substr(line) == line_end) break;
    text = line;
    while (text < head.size() && lower_token_chars[static_cast<unsigned char>(head[text])] != 0) ++text;
    if (text == line || text == head.size() || head[text] != ':') return std::nullopt;
    ++text;
  }
  if (!has_length || result.content_length > limits.body_bytes) return std::nullopt;
  return result;
}

}  // namespace upsun::http
