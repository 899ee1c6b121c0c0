#include "codec/locate.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <vector>

namespace upsun::codec {
namespace {

struct container {
  bool is_array;
  std::size_t index = 0;   ///< Of the element in an array.
  std::string_view key{};  ///< The token of the member's key in an object, with its quotes; empty
                           ///< between members.
};

/// One past the string that begins at `begin`, or the end of the text.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  for (std::size_t i = begin + 1; i < json.size(); ++i) {
    if (json[i] == '"') return i + 1;
    if (json[i] == '\\') ++i;
  }
  return json.size();
}

void append_key(std::string& pointer, std::string_view token) {
  boost::system::error_code ignored;
  const boost::json::value key =
      boost::json::parse(boost::json::string_view(token.data(), token.size()), ignored);
  if (!key.is_string()) return;
  for (const char c : key.get_string()) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string pointer_of(const std::vector<container>& path) {
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

location locate(std::string_view json, std::size_t position) {
  constexpr std::string_view between = " \t\r\n:,{}[]\"";
  std::vector<container> path;
  std::size_t token = 0;
  std::size_t i = 0;
  while (i < json.size() && i <= position) {
    const char c = json[i];
    const std::size_t begin = i++;
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
      case ':': continue;
      case ',':
        if (!path.empty())
          path.back().is_array ? void(++path.back().index) : void(path.back().key = {});
        continue;
      case '{':
      case '[':
        token = begin;
        if (begin < position) path.push_back({c == '['});
        continue;
      case '}':
      case ']':
        token = begin;
        if (!path.empty()) path.pop_back();
        continue;
      case '"': {
        i = end_of_string(json, begin);
        const bool is_key = !path.empty() && !path.back().is_array && path.back().key.empty();
        if (is_key) path.back().key = json.substr(begin, i - begin);
        break;
      }
      default: i = std::min(json.find_first_of(between, begin), json.size());
    }
    token = begin;
  }
  return {pointer_of(path), token};
}

}  // namespace upsun::codec
