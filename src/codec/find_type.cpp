#include "codec/find_type.hpp"

#include <cstddef>

#include "codec/scan.hpp"

namespace upsun::codec {
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
