#include "raw_object.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <optional>

#include <upsun/error.hpp>

namespace upsun::tool {
namespace {

constexpr std::string_view blanks = " \t\r\n";

void skip_blanks(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
}

/// Takes a string with its quotes off the front.
std::string_view take_string(std::string_view& rest) {
  std::size_t end = 1;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  const std::string_view text = rest.substr(0, end + 1);
  rest.remove_prefix(text.size());
  return text;
}

/// Takes a value off the front, up to the comma or bracket behind it.
std::string_view take_value(std::string_view& rest) {
  const std::string_view from = rest;
  std::size_t depth = 0;
  while (!rest.empty()) {
    const char c = rest.front();
    const bool closes = c == '}' || c == ']';
    if (depth == 0 && (c == ',' || closes)) break;
    if (c == '"') {
      take_string(rest);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (closes) --depth;
    rest.remove_prefix(1);
  }
  std::string_view value = from.substr(0, from.size() - rest.size());
  return value.substr(0, value.find_last_not_of(blanks) + 1);
}

std::optional<std::string> unescaped(std::string_view text) {
  error_code failure;
  const auto value = boost::json::parse({text.data(), text.size()}, failure);
  if (failure || !value.is_string()) return std::nullopt;
  return std::string(value.get_string());
}

}  // namespace

std::string raw_member::name() const { return unescaped(key).value_or(""); }

std::vector<raw_member> split_object(std::string_view json) {
  std::vector<raw_member> members;
  skip_blanks(json);
  if (!json.starts_with('{')) return members;
  json.remove_prefix(1);
  for (skip_blanks(json); json.starts_with('"'); skip_blanks(json)) {
    raw_member& one = members.emplace_back();
    one.key = take_string(json);
    skip_blanks(json);
    if (!json.starts_with(':')) break;
    json.remove_prefix(1);
    skip_blanks(json);
    one.value = take_value(json);
    if (json.starts_with(',')) json.remove_prefix(1);
  }
  return members;
}

std::string shown_text(std::string_view json) {
  if (json.starts_with('"')) return unescaped(json).value_or(std::string(json));
  return json == "null" ? "-" : std::string(json);
}

}  // namespace upsun::tool
