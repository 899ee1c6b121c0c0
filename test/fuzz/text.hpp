#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>

namespace upsun::fuzz {

/// Whether a text has no control characters, so that it is one line wherever it is printed.
inline bool is_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

}  // namespace upsun::fuzz
