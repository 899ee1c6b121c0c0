#pragma once

#include <cstddef>
#include <string_view>

namespace upsun::util {

/// Whether a text matches a glob: `*` stands for any characters, `?` for one byte. In time
/// proportional to the product of the lengths.
[[nodiscard]] constexpr bool matches_glob(std::string_view text, std::string_view glob) noexcept {
  std::size_t t = 0;
  std::size_t g = 0;
  std::size_t after_star = std::string_view::npos;  // in the glob
  std::size_t star_ends = 0;                        // in the text, so far
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      after_star = ++g;
      star_ends = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (after_star != std::string_view::npos) {
      g = after_star;
      t = ++star_ends;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace upsun::util
