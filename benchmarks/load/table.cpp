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
  return quantile_text(run.latencies, TenThousandths / 1e4, 0);
}

template <call_phase Which>
std::string phase_p99(const run_record& run) {
  return quantile_text(run.phase(Which), .99, 0);
}

/// A total divided by the fetches; empty when there was none.
std::string for_each_fetch(const run_record& run, double total) {
  return run.fetched > 0 ? number(run.per_fetch(total), 2) : "-";
}

std::string whole(std::uint64_t n) { return std::to_string(n); }

constexpr std::array rows_of_runs{
    row{"fetches a second", [](const run_record& run) { return number(run.rate(), 0); }},
    row{"fetched", [](const run_record& run) { return whole(run.fetched); }},
    row{"failed", [](const run_record& run) { return whole(run.failed()); }},
    row{"unfinished", [](const run_record& run) { return whole(run.unfinished); }},
    row{"latency p50, us", latency<5'000>},
    row{"latency p90, us", latency<9'000>},
    row{"latency p99, us", latency<9'900>},
    row{"latency p99.9, us", latency<9'990>},
    row{"latency max, us", latency<10'000>},
    row{"  queue p99", phase_p99<call_phase::queue>},
    row{"  first byte p99", phase_p99<call_phase::first_byte>},
    row{"  transfer p99", phase_p99<call_phase::transfer>},
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
    row{"connections dialled/s",
        [](const run_record& run) {
          // Dials that were begun before the measured time may fail in it.
          const std::uint64_t made = run.dials - std::min(run.dials, run.dial_failures);
          return run.measured.count() > 0
                     ? number(static_cast<double>(made) / run.measured.count(), 0)
                     : "-";
        }},
    row{"connections dialled", [](const run_record& run) { return whole(run.dials); }},
    row{"connections reused", [](const run_record& run) { return whole(run.reuses); }},
    row{"bytes a waiting call",
        [](const run_record& run) {
          return run.bytes_per_call ? number(*run.bytes_per_call, 0) : "-";
        }},
};

/// Lines of columns, the first to the left and the others to the right.
std::string columns_of(const table_rows& rows) {
  constexpr std::size_t label_width = 24;
  constexpr std::size_t column_width = 11;
  std::string text;
  for (const std::vector<std::string>& each : rows) {
    std::string line = each.front();
    line.resize(std::max(label_width, line.size()), ' ');
    for (std::size_t i = 1; i < each.size(); ++i) {
      line.append(column_width - std::min(column_width - 2, each[i].size()), ' ');
      line += each[i];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace

table_rows measures_of(const report& data) {
  table_rows table{{data.swept}};
  for (const run_record& run : data.runs) {
    const std::string name = name_of(data, run);
    table.front().push_back(name.empty() ? "" : name.substr(data.swept.size() + 1));
  }
  for (const row& each : rows_of_runs) {
    table.push_back({each.label});
    for (const run_record& run : data.runs) table.back().push_back(each.value(run));
  }
  return table;
}

std::string notes_of(const report& data) {
  std::string text;
  for (const run_record& run : data.runs) {
    const std::string name = name_of(data, run);
    const std::string prefix = name.empty() ? "" : name + ": ";
    if (run.interrupted)
      text += prefix + "interrupted after " + number(run.measured.count(), 1) + " s\n";
    for (const auto& [error, count] : run.errors)
      text.append(prefix).append(std::to_string(count)).append(" x ").append(error).append("\n");
  }
  return text;
}

std::string table_of(const report& data) {
  std::string text = "upsun-load " UPSUN_VERSION_STRING "\n" + conditions_of(data);
  const auto add = [&](const std::string& block) {
    if (!block.empty()) text += "\n" + block;
  };
  const report shown = in_full(data);
  if (!shown.runs.empty()) {
    table_rows measures = measures_of(shown);
    if (data.swept.empty()) measures.erase(measures.begin());
    add(columns_of(measures));
  }
  if (shown.runs.size() == 1) {
    const table_rows parts = details_of(shown.runs.front());
    if (parts.size() > 1) add(columns_of(parts));
  }
  add(notes_of(shown));
  if (data.search) add(columns_of(steps_of(data)));
  add(verdicts_of(data));
  return text;
}

}  // namespace upsun::load
