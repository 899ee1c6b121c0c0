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

/// Loads the target with one run after another, and returns their records. SIGINT, SIGTERM or
/// SIGHUP ends the present run, whose record says so, and no more begin. \throws config_error for
/// settings that a client refuses
[[nodiscard]] std::vector<run_record> run_load(const target& where, const next_run& next,
                                               progress_line& progress);

}  // namespace upsun::load
