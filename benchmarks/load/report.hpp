#pragma once

#include <string>
#include <vector>

#include "run_record.hpp"

namespace upsun::load {

/// The data of one report.
struct report {
  std::string url{};
  bool sandbox = false;  ///< The server was the embedded sandbox.
  std::string swept{};   ///< The setting the runs differ in; empty for a single run.
  std::vector<run_record> runs{};
};

/// For people: a column for each run, then the errors.
[[nodiscard]] std::string table_of(const report& data);
/// For programs, in one line; see doc/load-testing.md for its members.
[[nodiscard]] std::string json_of(const report& data);
/// For browsers: a self-contained page with charts.
[[nodiscard]] std::string html_of(const report& data);

/// Rows of cells; the first row is the head, the first column names the rows.
using table_rows = std::vector<std::vector<std::string>>;
/// A row for each measure, a column for each run.
[[nodiscard]] table_rows measures_of(const report& data);
/// What went wrong, in lines: interruptions, and errors with their number.
[[nodiscard]] std::string notes_of(const report& data);
/// What the runs have in common, in a sentence or two.
[[nodiscard]] std::string conditions_of(const report& data);
/// What distinguishes a run from the others, such as "concurrency 64".
[[nodiscard]] std::string name_of(const report& data, const run_record& run);
[[nodiscard]] double in_microseconds(std::chrono::nanoseconds t);
/// A number with this many digits after the point, in any locale.
[[nodiscard]] std::string number(double value, int decimals);

}  // namespace upsun::load
