#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace upsun::load {

/// The parts between the separators, at least one.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// Text that is a finite number from zero to 1e9, and nothing else.
[[nodiscard]] inline std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= 0 && value <= 1e9)) return std::nullopt;
  return value;
}

/// A number in its fewest digits, of which four count: "0.05", "1500".
[[nodiscard]] inline std::string short_number(double value) {
  std::array<char, 32> text{};
  const bool whole = value >= 9999.5;  // what four digits would round to 1e4 and more
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), value,
                    whole ? std::chars_format::fixed : std::chars_format::general, whole ? 0 : 4);
  return {text.data(), written.ptr};
}

}  // namespace upsun::load
