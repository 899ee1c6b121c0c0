#pragma once

#include <optional>
#include <string>
#include <vector>

#include "condition.hpp"
#include "rate_search.hpp"
#include "run_record.hpp"

namespace upsun::load {

/// The data of one report.
struct report {
  std::string url{};
  bool sandbox = false;  ///< The server was the embedded sandbox.
  operation_mix mix{};
  connection_use use = connection_use::kept;
  http_options http{};                   ///< The version, and streams a connection.
  std::chrono::milliseconds latency{0};  ///< Of the sandbox.
  std::string swept{};  ///< The setting the runs differ in; empty for a single run.
  std::vector<run_record> runs{};
  std::vector<threshold_result> thresholds{};
  std::optional<found_rate> search{};
};

/// For people: a column for each run, then the errors.
[[nodiscard]] std::string table_of(const report& data);
/// For programs, in one line; see doc/load-testing.md for its members.
[[nodiscard]] std::string json_of(const report& data);
/// For spreadsheets: a row for each part of each run, and for each slice of its time; see
/// doc/load-testing.md for the columns.
[[nodiscard]] std::string csv_of(const report& data);
/// For browsers: a self-contained page with charts.
[[nodiscard]] std::string html_of(const report& data);

/// Rows of cells; the first row is the head, the first column names the rows.
using table_rows = std::vector<std::vector<std::string>>;
/// A row for each measure, a column for each run.
[[nodiscard]] table_rows measures_of(const report& data);
/// A row of figures about a part of a run.
struct part {
  std::string kind;  ///< "all", "operation", "stage" or "phase".
  std::string name;
  seconds length{0};
  std::uint64_t failed = 0;
  std::uint64_t count = 0;  ///< Calls that succeeded; of a phase, how often it was measured.
  const latency_counts& latencies;

  [[nodiscard]] double rate() const {
    return length.count() > 0 ? static_cast<double>(count) / length.count() : 0;
  }
};
/// The whole run, then its operations, stages and phases, as far as there are any. They refer to
/// the record.
[[nodiscard]] std::vector<part> parts_of(const run_record& run);
/// A row for each part of a run but the whole, a column for each figure; nothing but the head when
/// there is none.
[[nodiscard]] table_rows details_of(const run_record& run);
/// The verdicts, in lines: the rate that was searched for, and the thresholds.
[[nodiscard]] std::string verdicts_of(const report& data);
/// A row for each rate that a search tried.
[[nodiscard]] table_rows steps_of(const report& data);
/// The run that a search has found; null where there is none.
[[nodiscard]] const run_record* best_of(const report& data);
/// The report with only those runs that are shown in full: of a search the one it has found.
[[nodiscard]] report in_full(const report& data);
/// What went wrong, in lines: interruptions, and errors with their number.
[[nodiscard]] std::string notes_of(const report& data);
/// What the runs have in common, in a sentence or two.
[[nodiscard]] std::string conditions_of(const report& data);
/// What distinguishes a run from the others, such as "concurrency 64".
[[nodiscard]] std::string name_of(const report& data, const run_record& run);
[[nodiscard]] double in_microseconds(std::chrono::nanoseconds t);
/// A quantile in microseconds with this many digits after the point; `none` where no call
/// succeeded.
[[nodiscard]] std::string quantile_text(const latency_counts& seen, double part, int decimals,
                                        const char* none = "-");
/// A number with this many digits after the point, in any locale.
[[nodiscard]] std::string number(double value, int decimals);

}  // namespace upsun::load
