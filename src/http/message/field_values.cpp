#include "http/message/field_values.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "util/ascii.hpp"

namespace upsun::http {
namespace {

/// Takes the first element off a list (RFC 9110 section 5.6.1), without the blanks around it. A
/// comma within quotes ends none.
std::string_view take_element(std::string_view& list) noexcept {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != ','); ++end) {
    if (list[end] == '"') quoted = !quoted;
    if (list[end] == '\\' && quoted) ++end;
  }
  const std::string_view element = util::trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return element;
}

bool is_tag_char(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

}  // namespace

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) noexcept {
  constexpr std::uint64_t most = 9'999'999'999;
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc::invalid_argument || end != text.data() + text.size())
    return std::nullopt;
  return std::chrono::seconds(problem == std::errc::result_out_of_range ? most
                                                                        : std::min(value, most));
}

std::optional<std::chrono::seconds> parse_keep_alive(std::string_view list) noexcept {
  constexpr std::string_view name = "timeout=";
  while (!list.empty()) {
    const std::string_view element = take_element(list);
    if (util::equal_ignoring_case(element.substr(0, name.size()), name))
      return parse_seconds(element.substr(name.size()));
  }
  return std::nullopt;
}

bool is_entity_tag(std::string_view text) noexcept {
  constexpr std::size_t longest = 1024;
  constexpr std::string_view weak = "W/";
  if (text.size() > longest) return false;
  if (text.starts_with(weak)) text.remove_prefix(weak.size());
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
  text = text.substr(1, text.size() - 2);
  return std::all_of(text.begin(), text.end(), is_tag_char);
}

bool forbids_storing(std::string_view cache_control) noexcept {
  while (!cache_control.empty()) {
    if (util::equal_ignoring_case(take_element(cache_control), "no-store")) return true;
  }
  return false;
}

}  // namespace upsun::http
