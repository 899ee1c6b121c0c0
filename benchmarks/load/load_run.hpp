#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "progress_line.hpp"
#include "run_record.hpp"
#include "settings.hpp"

namespace upsun::load {

struct planned_run {
  run_settings settings;
  std::string name;  ///< What progress begins with.
};
/// Says what to run after these; nothing when they were the last.
using next_run = std::function<std::optional<planned_run>(const std::vector<run_record>&)>;

/// What became of one run after another.
struct loaded {
  std::vector<run_record> runs;
  std::string failure;  ///< Why a later run could not begin, with its number; empty: all could.
};

/// Loads the target with one run after another. SIGINT, SIGTERM or SIGHUP ends the present run,
/// whose record says so, and no more begin. \throws std::exception where the first run cannot
/// begin, such as config_error for settings that a client refuses
[[nodiscard]] loaded run_load(const target& where, const next_run& next, progress_line& progress);

}  // namespace upsun::load
