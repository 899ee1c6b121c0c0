#include "plots.hpp"

#include <algorithm>
#include <cmath>

#include "sweep.hpp"

namespace upsun::load {
namespace {

/// A data block and the part of a plot command that draws it.
class curves {
 public:
  void begin(const std::string& title, const std::string& style) {
    const std::string name = "$d" + std::to_string(count_++);
    data_ += name + " << END\n";
    commands_ +=
        (commands_.empty() ? "plot " : ", ") + name + " " + style + " title '" + title + "'";
  }
  void point(double x, double y) { data_ += number(x, 6) + " " + number(y, 6) + "\n"; }
  void end() { data_ += "END\n"; }

  [[nodiscard]] std::string script(const std::string& settings) const {
    return data_ + settings + commands_ + "\n";
  }

 private:
  std::size_t count_ = 0;
  std::string data_;
  std::string commands_;
};

constexpr const char* lines = "with lines lw 2";
constexpr const char* common = "set grid\nset key outside center bottom horizontal\n";

std::string title_of(const report& data, const run_record& run) {
  return data.swept.empty() ? "all" : name_of(data, run);
}

/// Percentiles over 1 / (1 - p): each nine takes the same width.
plot percentiles(const report& data) {
  curves drawn;
  for (const run_record& run : data.runs) {
    const auto total = static_cast<double>(run.latencies.total());
    if (total == 0) continue;
    drawn.begin(title_of(data, run), lines);
    for (double inverse = 1; inverse < total; inverse *= 1.1)
      drawn.point(inverse, in_microseconds(run.latencies.quantile(1 - 1 / inverse)) / 1e3);
    drawn.point(total, in_microseconds(run.latencies.quantile(1)) / 1e3);
    drawn.end();
  }
  return {"Latency by percentile",
          drawn.script(
              std::string(common) +
              "set logscale xy\nset xlabel 'part of the fetches'\nset ylabel 'at most so many ms'\n"
              "set xtics ('0' 1, '50 %%' 2, '90 %%' 10, '99 %%' 100, '99.9 %%' 1000, '99.99 %%' "
              "10000, '99.999 %%' 100000)\n")};
}

template <class Value>
plot over_time(const report& data, const std::string& caption, const std::string& unit,
               Value value) {
  curves drawn;
  for (const run_record& run : data.runs) {
    if (run.timeline.empty()) continue;
    drawn.begin(title_of(data, run), lines);
    for (const time_slice& slice : run.timeline) drawn.point(slice.end.count(), value(slice));
    drawn.end();
  }
  return {caption,
          drawn.script(std::string(common) + "set xlabel 's'\nset xrange [0:*]\nset ylabel '" +
                       unit + "'\nset yrange [0:*]\n")};
}

plot against_swept(const report& data) {
  curves drawn;
  const auto add = [&](const std::string& title, const std::string& style, auto value) {
    drawn.begin(title, style);
    for (const run_record& run : data.runs)
      drawn.point(value_of(run.settings, data.swept), value(run));
    drawn.end();
  };
  add("fetches a second", "with linespoints lw 2 pt 7",
      [](const run_record& run) { return run.rate(); });
  add("CPU a fetch", "axes x1y2 with linespoints lw 2 pt 5",
      [](const run_record& run) { return run.per_fetch(run.cpu_time().count() * 1e6); });
  std::string tics;
  for (const run_record& run : data.runs)
    tics += (tics.empty() ? "" : ", ") + number(value_of(run.settings, data.swept), 0);
  return {"Throughput and cost against " + data.swept,
          drawn.script(std::string(common) + "set logscale x\nset xlabel '" + data.swept +
                       "'\nset xtics (" + tics +
                       ")\nset ylabel 'fetches a second'\nset y2label 'CPU, us a fetch'\nset ytics "
                       "nomirror\nset y2tics\nset yrange [0:*]\nset y2range [0:*]\n")};
}

bool has(const report& data, bool (*what)(const run_record&)) {
  return std::any_of(data.runs.begin(), data.runs.end(), what);
}

}  // namespace

std::vector<plot> plots_of(const report& data) {
  std::vector<plot> plots;
  if (data.runs.size() > 1 && !data.swept.empty()) plots.push_back(against_swept(data));
  if (has(data, [](const run_record& run) { return run.latencies.total() > 0; }))
    plots.push_back(percentiles(data));
  if (has(data, [](const run_record& run) { return !run.timeline.empty(); })) {
    plots.push_back(over_time(data, "Rate over time", "fetches a second",
                              [](const time_slice& slice) { return slice.rate(); }));
    plots.push_back(over_time(data, "p99 over time", "ms", [](const time_slice& slice) {
      return in_microseconds(slice.p99) / 1e3;
    }));
  }
  return plots;
}

}  // namespace upsun::load
