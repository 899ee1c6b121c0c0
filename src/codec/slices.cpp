#include "codec/slices.hpp"

#include <cstddef>

#include "codec/scan.hpp"

namespace upsun::codec {
namespace {

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

}  // namespace

std::optional<std::vector<std::string_view>> cut_array(std::string_view json) {
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

}  // namespace upsun::codec
