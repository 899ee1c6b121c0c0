#include "plots.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "sweep.hpp"

namespace upsun::load {
namespace {

double in_ms(std::chrono::nanoseconds t) { return in_microseconds(t) / 1e3; }

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();  // not drawn

/// A curve of each run that has points.
template <class Points>
std::vector<curve> curves_of_runs(const report& data, Points points) {
  std::vector<curve> curves;
  for (const run_record& run : data.runs) {
    curve made{.name = data.swept.empty() ? "all" : name_of(data, run), .points = points(run)};
    made.marked = made.points.size() <= 3;  // a line of so few is easily overlooked
    if (!made.points.empty()) curves.push_back(std::move(made));
  }
  return curves;
}

/// Percentiles over 1 / (1 - p): each nine takes the same width.
std::vector<std::pair<double, double>> percentiles_of(const latency_counts& seen) {
  std::vector<std::pair<double, double>> points;
  const auto total = static_cast<double>(seen.total());
  for (double inverse = 1; inverse < total; inverse *= 1.1)
    points.emplace_back(inverse, in_ms(seen.quantile(1 - 1 / inverse)));
  if (total > 0) points.emplace_back(total, in_ms(seen.quantile(1)));
  return points;
}

chart percentile_chart(std::string caption, std::vector<curve> curves) {
  return {.caption = std::move(caption),
          .x = {.title = "percentile",
                .logarithmic = true,
                .ticks = {{1, "0"},
                          {2, "50"},
                          {10, "90"},
                          {100, "99"},
                          {1e3, "99.9"},
                          {1e4, "99.99"},
                          {1e5, "99.999"},
                          {1e6, "99.9999"}}},
          .y = {.title = "ms", .logarithmic = true},
          .curves = std::move(curves)};
}

/// Latency by percentile of each phase, operation or stage.
chart by_part(const run_record& run, std::string_view kind) {
  std::vector<curve> curves;
  for (const part& each : parts_of(run)) {
    if (each.kind == kind && each.latencies.quantile(1).count() > 0)  // else there is no line
      curves.push_back({.name = each.name, .points = percentiles_of(each.latencies)});
  }
  return percentile_chart("Latency by " + std::string(kind), std::move(curves));
}

/// The rate that stages ask for.
curve planned(const std::vector<stage>& stages) {
  curve line{.name = "planned", .dashed = true};
  seconds begin{0};
  for (const stage& each : stages) {
    line.points.emplace_back(begin.count(), each.from);
    begin += each.length;
    line.points.emplace_back(begin.count(), each.to);
  }
  return line;
}

template <class Value>
chart over_time(const report& data, std::string caption, std::string unit, Value value) {
  return {.caption = std::move(caption),
          .x = {.title = "seconds"},
          .y = {.title = std::move(unit)},
          .curves = curves_of_runs(data, [&](const run_record& run) {
            std::vector<std::pair<double, double>> points;
            for (const time_slice& slice : run.timeline)
              points.emplace_back(slice.end.count(), value(slice));
            return points;
          })};
}

template <class Value>
chart by_swept(const report& data, const std::string& caption, std::string unit, Value value) {
  curve line{.name = caption, .marked = true};
  std::vector<std::pair<double, std::string>> ticks;
  for (const run_record& run : data.runs) {
    const double x = value_of(run.settings, data.swept);
    line.points.emplace_back(x, value(run));
    ticks.emplace_back(x, name_of(data, run).substr(data.swept.size() + 1));
  }
  std::stable_sort(line.points.begin(), line.points.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (ticks.size() > 8) ticks.clear();  // their labels would overlap
  return {.caption = caption + " by " + data.swept,
          .x = {.title = data.swept, .logarithmic = true, .ticks = std::move(ticks)},
          .y = {.title = std::move(unit)},
          .curves = {std::move(line)}};
}

}  // namespace

std::vector<chart> charts_of(const report& data) {
  std::vector<chart> charts;
  if (data.runs.size() > 1 && !data.swept.empty()) {
    charts.push_back(
        by_swept(data, "Throughput", "fetches/s", [](const auto& run) { return run.rate(); }));
    charts.push_back(by_swept(data, "p99", "ms", [](const run_record& run) {
      return run.latencies.total() > 0 ? in_ms(run.latencies.quantile(.99)) : nothing;
    }));
    charts.push_back(by_swept(data, "CPU", "us/fetch", [](const run_record& run) {
      return run.fetched > 0 ? run.per_fetch(run.cpu_time().count() * 1e6) : nothing;
    }));
  }
  const report shown = in_full(data);
  charts.push_back(percentile_chart(
      "Latency by percentile",
      curves_of_runs(shown, [](const run_record& run) { return percentiles_of(run.latencies); })));
  if (shown.runs.size() == 1)
    for (const char* const kind : {"phase", "operation", "stage"})
      charts.push_back(by_part(shown.runs.front(), kind));
  charts.push_back(over_time(shown, "Rate over time", "fetches/s",
                             [](const time_slice& slice) { return slice.rate(); }));
  if (shown.runs.size() == 1 && !shown.runs.front().settings.stages.empty())
    charts.back().curves.push_back(planned(shown.runs.front().settings.stages));
  charts.push_back(over_time(shown, "p99 over time", "ms", [](const time_slice& slice) {
    return slice.p99 ? in_ms(*slice.p99) : nothing;
  }));
  std::erase_if(charts, [](const chart& each) { return each.curves.empty(); });
  return charts;
}

}  // namespace upsun::load
