#pragma once

#include <string>
#include <utility>
#include <vector>

namespace upsun::load {

/// One axis of a chart.
struct axis {
  std::string title{};
  bool logarithmic = false;  ///< Else linear, from zero.
  /// Values with their labels. Empty: round numbers.
  std::vector<std::pair<double, std::string>> ticks{};
};

/// A line of a chart.
struct curve {
  std::string name{};
  std::vector<std::pair<double, double>> points{};  ///< In the order of x.
  bool marked = false;                              ///< A mark at each point, which says its value.
  bool dashed = false;
};

/// A picture. What it looks like is for the page's style sheet: the curves have the classes c0 to
/// c7, again and again.
struct chart {
  std::string caption{};
  axis x{};
  axis y{};
  std::vector<curve> curves{};
};

/// The number of colours.
inline constexpr std::size_t curve_classes = 8;

/// The chart as an SVG element without a legend. What is not finite, and on a logarithmic axis what
/// is not positive, is left out.
[[nodiscard]] std::string svg_of(const chart& drawn);
/// The chart as a figure of HTML: caption, picture, legend.
[[nodiscard]] std::string figure_of(const chart& drawn);

}  // namespace upsun::load
