#include <algorithm>
#include <array>

#include <upsun/version.hpp>

#include "report.hpp"

namespace upsun::load {
namespace {

struct row {
  const char* label;
  std::string (*value)(const run_record&);
};

template <int TenThousandths>
std::string latency(const run_record& run) {
  return run.latencies.total() > 0
             ? number(in_microseconds(run.latencies.quantile(TenThousandths / 1e4)), 0)
             : "-";
}

/// A total divided by the fetches; empty when there was none.
std::string for_each_fetch(const run_record& run, double total) {
  return run.fetched > 0 ? number(run.per_fetch(total), 2) : "-";
}

std::string whole(std::uint64_t n) { return std::to_string(n); }

constexpr std::array rows{
    row{"fetches a second", [](const run_record& run) { return number(run.rate(), 0); }},
    row{"fetched", [](const run_record& run) { return whole(run.fetched); }},
    row{"failed", [](const run_record& run) { return whole(run.failed()); }},
    row{"unfinished", [](const run_record& run) { return whole(run.unfinished); }},
    row{"latency p50, us", latency<5'000>},
    row{"latency p90, us", latency<9'000>},
    row{"latency p99, us", latency<9'900>},
    row{"latency p99.9, us", latency<9'990>},
    row{"latency max, us", latency<10'000>},
    row{"CPU a fetch, us",
        [](const run_record& run) { return for_each_fetch(run, run.cpu_time().count() * 1e6); }},
    row{"  user",
        [](const run_record& run) { return for_each_fetch(run, run.cpu.user.count() * 1e6); }},
    row{"  system",
        [](const run_record& run) { return for_each_fetch(run, run.cpu.system.count() * 1e6); }},
    row{"allocations a fetch",
        [](const run_record& run) {
          return run.allocations ? for_each_fetch(run, static_cast<double>(*run.allocations)) : "-";
        }},
    row{"context switches, wanted",
        [](const run_record& run) { return whole(run.cpu.voluntary_switches); }},
    row{"context switches, forced",
        [](const run_record& run) { return whole(run.cpu.involuntary_switches); }},
    row{"connections dialled", [](const run_record& run) { return whole(run.dials); }},
    row{"connections reused", [](const run_record& run) { return whole(run.reuses); }},
    row{"bytes a waiting call",
        [](const run_record& run) {
          return run.bytes_per_call ? number(*run.bytes_per_call, 0) : "-";
        }},
};

void append_right(std::string& line, const std::string& text, std::size_t width) {
  line.append(width - std::min(width, text.size()), ' ').append(text);
}

}  // namespace

std::string table_of(const report& data) {
  constexpr std::size_t label_width = 24;
  constexpr std::size_t column_width = 11;
  std::string text = "upsun-load " UPSUN_VERSION_STRING "\n" + conditions_of(data) + "\n";
  if (!data.swept.empty()) {
    text.append(data.swept).append(label_width - data.swept.size(), ' ');
    for (const run_record& run : data.runs)
      append_right(text, name_of(data, run).substr(data.swept.size() + 1), column_width);
    text += '\n';
  }
  for (const row& each : rows) {
    std::string line(each.label);
    line.resize(label_width, ' ');
    for (const run_record& run : data.runs) append_right(line, each.value(run), column_width);
    text += line + '\n';
  }
  for (const run_record& run : data.runs) {
    const std::string name = name_of(data, run);
    const std::string prefix = name.empty() ? "" : name + ": ";
    if (run.interrupted || !run.errors.empty()) text += '\n';
    if (run.interrupted)
      text += prefix + "interrupted after " + number(run.measured.count(), 1) + " s\n";
    for (const auto& [error, count] : run.errors)
      text.append(prefix).append(std::to_string(count)).append(" x ").append(error).append("\n");
  }
  return text;
}

}  // namespace upsun::load
