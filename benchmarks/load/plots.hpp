#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace upsun::load {

/// A picture, as commands to gnuplot that set neither terminal nor output.
struct plot {
  std::string caption;
  std::string script;
};

/// Latency by percentile, rate and p99 over time, and for a sweep, rate and cost by the swept
/// option.
[[nodiscard]] std::vector<plot> plots_of(const report& data);

/// \throws std::runtime_error that says what to install when there is no gnuplot.
void require_gnuplot();
/// Each as an SVG element, drawn by gnuplot. \throws std::runtime_error when it fails.
[[nodiscard]] std::vector<std::string> draw(const std::vector<plot>& plots);

}  // namespace upsun::load
