#include "codec/json_text.hpp"

#include <boost/config.hpp>

#include <algorithm>

#include <upsun/codec_options.hpp>

#include "codec/mended_json.hpp"

namespace upsun::codec {
namespace {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

void skip_space(std::string_view& rest) {
  while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
}

/// Takes white space and then `c` off the front; false when something else is there.
bool take(std::string_view& rest, char c) {
  skip_space(rest);
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

/// Whether the character at `position` comes after an odd number of backslashes.
bool is_escaped(std::string_view text, std::size_t position) {
  std::size_t begin = position;
  while (begin > 0 && text[begin - 1] == '\\') --begin;
  return (position - begin) % 2 != 0;
}

/// Takes the rest of a string, up to and including its closing quote, off the front. Returns it
/// without the quote, with escapes as they are. Inlined by force: finding the type takes a seventh
/// fewer instructions.
BOOST_FORCEINLINE std::string_view take_string(std::string_view& rest) {
  std::size_t end = rest.find('"');
  while (end != std::string_view::npos && is_escaped(rest, end)) end = rest.find('"', end + 1);
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(std::min(text.size() + 1, rest.size()));
  return text;
}

/// Takes a value off the front: up to the comma or bracket that ends it, or the end of the text.
std::string_view take_value(std::string_view& rest) {
  skip_space(rest);
  const std::string_view from = rest;
  std::size_t depth = 0;
  while (!rest.empty()) {
    const char c = rest.front();
    const bool closes = c == '}' || c == ']';
    if (depth == 0 && (c == ',' || closes)) break;
    rest.remove_prefix(1);
    if (c == '"') {
      take_string(rest);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (closes) {
      --depth;
    }
  }
  return from.substr(0, from.size() - rest.size());
}

/// An object or array around a position.
struct container {
  bool is_array;
  std::size_t index = 0;   ///< Of the element in an array.
  std::string_view key{};  ///< Of the member in an object, with its quotes; empty between members.
};

void append_key(std::string& pointer, std::string_view token) {
  const auto key = parse_tree(token, 1);
  if (!key || !key->is_string()) return;
  for (const char c : key->get_string()) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string pointer_to(const std::vector<container>& path) {
  std::string pointer;
  for (const container& level : path) {
    if (level.is_array) {
      pointer += '/' + std::to_string(level.index);
    } else if (!level.key.empty()) {
      pointer += '/';
      append_key(pointer, level.key);
    }
  }
  return pointer;
}

}  // namespace

bool is_json(std::string_view text) {
  return parse_tree(text, decode_options().max_depth).has_value();
}

std::string_view find_member(std::string_view json, std::string_view name) {
  if (!take(json, '{')) return {};
  do {
    if (!take(json, '"')) return {};
    const bool found = take_string(json) == name;
    if (!take(json, ':')) return {};
    const std::string_view value = take_value(json);
    if (found) return value;
  } while (take(json, ','));
  return {};
}

std::string_view find_type(std::string_view json) {
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

std::optional<std::vector<std::string_view>> split_array(std::string_view json) {
  std::vector<std::string_view> elements;
  if (!take(json, '[')) return std::nullopt;
  if (!take(json, ']')) {
    do elements.push_back(take_value(json));
    while (take(json, ','));
    if (!take(json, ']')) return std::nullopt;
  }
  skip_space(json);
  if (!json.empty()) return std::nullopt;
  return elements;
}

std::optional<std::vector<std::pair<std::string_view, std::string_view>>> split_object(
    std::string_view json) {
  std::vector<std::pair<std::string_view, std::string_view>> members;
  if (!take(json, '{')) return std::nullopt;
  if (!take(json, '}')) {
    do {
      if (!take(json, '"')) return std::nullopt;
      const std::string_view name = take_string(json);
      if (!take(json, ':')) return std::nullopt;
      members.emplace_back(name, take_value(json));
    } while (take(json, ','));
    if (!take(json, '}')) return std::nullopt;
  }
  skip_space(json);
  if (!json.empty()) return std::nullopt;
  return members;
}

std::string_view type_name(std::string_view json) {
  skip_space(json);
  switch (json.front()) {
    case '{': return "object";
    case '[': return "array";
    case '"': return "string";
    case 't':
    case 'f': return "boolean";
    case 'n': return "null";
    default: return "number";
  }
}

location locate(std::string_view json, std::size_t position) {
  std::vector<container> path;
  std::size_t token = 0;
  std::size_t i = 0;
  while (i < json.size() && i <= position) {
    const char c = json[i];
    const std::size_t begin = i++;
    if (is_space(c) || c == ':') continue;
    if (c == ',') {
      if (!path.empty()) {
        ++path.back().index;
        path.back().key = {};
      }
      continue;
    }
    token = begin;
    if (c == '{' || c == '[') {
      if (begin < position) path.push_back({c == '['});
    } else if (c == '}' || c == ']') {
      if (!path.empty()) path.pop_back();
    } else if (c == '"') {
      std::string_view rest = json.substr(i);
      take_string(rest);
      i = json.size() - rest.size();
      const bool is_key = !path.empty() && !path.back().is_array && path.back().key.empty();
      if (is_key) path.back().key = json.substr(begin, i - begin);
    } else {
      i = std::min(json.find_first_of(" \t\r\n:,{}[]\"", begin), json.size());
    }
  }
  return {pointer_to(path), token};
}

}  // namespace upsun::codec
