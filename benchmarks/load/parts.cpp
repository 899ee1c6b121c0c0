#include "numbers.hpp"
#include "report.hpp"

namespace upsun::load {

std::vector<part> parts_of(const run_record& run) {
  std::vector<part> parts{{"all", "", run.measured, run.failed(), run.fetched, run.latencies}};
  for (const part_record& each : run.operations)
    parts.push_back(
        {"operation", each.name, each.length, each.failed, each.fetched, each.latencies});
  for (const part_record& each : run.stages)
    parts.push_back({"stage", each.name, each.length, each.failed, each.fetched, each.latencies});
  for (std::size_t i = 0; i < phase_count; ++i) {
    const latency_counts& seen = run.phases[i];
    if (seen.total() > 0)
      parts.push_back({"phase", std::string(phase_names[i]), run.measured, 0, seen.total(), seen});
  }
  return parts;
}

table_rows details_of(const run_record& run) {
  table_rows rows{{"", "a second", "count", "failed", "p50, us", "p90, us", "p99, us", "max, us"}};
  for (const part& each : parts_of(run)) {
    if (each.kind == "all") continue;
    const bool phase = each.kind == "phase";
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(each.kind + ' ' + each.name);
    row.push_back(phase ? "-" : number(each.rate(), 0));
    row.push_back(std::to_string(each.count));
    row.push_back(phase ? "-" : std::to_string(each.failed));
    for (const double quantile : {.5, .9, .99, 1.0})
      row.push_back(quantile_text(each.latencies, quantile, 0));
  }
  return rows;
}

std::string verdicts_of(const report& data) {
  std::string text;
  if (data.search) text = data.search->sentence() + "\n";
  for (const threshold_result& each : data.thresholds) text += each.line() + "\n";
  return text;
}

table_rows steps_of(const report& data) {
  table_rows rows{{"rate", "fetches/s", "p99, us", "errors, %", "verdict"}};
  for (std::size_t i = 0; i < data.runs.size(); ++i) {
    const run_record& run = data.runs[i];
    const bool judged = i < data.search->steps.size();
    rows.push_back({short_number(run.settings.rate) + "/s", number(run.rate(), 0),
                    quantile_text(run.latencies, .99, 0), number(run.error_rate() * 100, 2),
                    judged ? step_text(data.search->steps[i]) : "interrupted"});
  }
  return rows;
}

report in_full(const report& data) {
  report shown = data;
  if (!data.search) return shown;
  const run_record* const best = best_of(data);
  shown.runs = best != nullptr ? std::vector<run_record>{*best} : std::vector<run_record>{};
  return shown;
}

const run_record* best_of(const report& data) {
  if (!data.search || !data.search->rate) return nullptr;
  for (const run_record& run : data.runs)
    if (run.settings.rate == *data.search->rate) return &run;
  return nullptr;
}

namespace {

constexpr const char* csv_head =
    "run,part,name,end_s,length_s,count,failed,rate,mean_us,p50_us,p75_us,p90_us,p95_us,p99_us,"
    "p99.9_us,p99.99_us,max_us,cpu_us_per_fetch\r\n";

/// Text as it stands in CSV (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

/// A line of as many fields as the head has.
std::string line_of(std::vector<std::string> fields) {
  fields.resize(18);
  std::string line = field(fields.front());
  for (std::size_t i = 1; i < fields.size(); ++i) line += "," + field(fields[i]);
  return line + "\r\n";
}

}  // namespace

std::string csv_of(const report& data) {
  std::string text = csv_head;
  if (data.search) {
    const auto& rate = data.search->rate;
    text += line_of(
        {"", "found", data.search->objective, "", "", "", "", rate ? number(*rate, 3) : ""});
  }
  for (std::size_t i = 0; i < data.runs.size(); ++i) {
    const run_record& run = data.runs[i];
    const std::string name = std::to_string(i + 1);
    for (const part& each : parts_of(run)) {
      std::vector<std::string> fields{name,
                                      each.kind,
                                      each.kind == "all" ? name_of(data, run) : each.name,
                                      "",
                                      number(each.length.count(), 3),
                                      std::to_string(each.count),
                                      std::to_string(each.failed),
                                      number(each.rate(), 3)};
      fields.push_back(
          each.latencies.total() > 0 ? number(in_microseconds(each.latencies.mean()), 3) : "");
      for (const double quantile : {.5, .75, .9, .95, .99, .999, .9999, 1.0})
        fields.push_back(quantile_text(each.latencies, quantile, 3, ""));
      if (each.kind == "all" && run.fetched > 0)
        fields.push_back(number(run.per_fetch(run.cpu_time().count() * 1e6), 3));
      text += line_of(fields);
    }
    const auto latency = [](const std::optional<std::chrono::nanoseconds>& seen) {
      return seen ? number(in_microseconds(*seen), 3) : "";
    };
    for (const time_slice& each : run.timeline) {
      text += line_of(
          {name, "slice", "", number(each.end.count(), 3), number(each.length.count(), 3),
           std::to_string(each.fetched), std::to_string(each.failed), number(each.rate(), 3), "",
           latency(each.p50), "", "", "", latency(each.p99), "", "", "",
           each.fetched > 0 ? number(each.cpu.count() * 1e6 / static_cast<double>(each.fetched), 3)
                            : ""});
    }
  }
  return text;
}

}  // namespace upsun::load
