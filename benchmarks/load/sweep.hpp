#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "settings.hpp"

namespace upsun::load {

/// One setting that takes several values, a run for each.
struct sweep {
  std::string name;
  std::vector<double> values;
};

/// \param text such as "concurrency=1,4,16"; the names are concurrency, connections, threads,
/// rate, and round, which repeats the same run. \throws std::invalid_argument that says what is
/// wrong.
[[nodiscard]] sweep parse_sweep(std::string_view text);
/// One run for each value; without values one run.
[[nodiscard]] std::vector<run_settings> runs_of(const run_settings& base, const sweep& over);
/// The value of the named setting in a run.
[[nodiscard]] double value_of(const run_settings& run, std::string_view name);

}  // namespace upsun::load
