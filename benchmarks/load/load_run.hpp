#pragma once

#include <vector>

#include "progress_line.hpp"
#include "run_record.hpp"
#include "settings.hpp"

namespace upsun::load {

/// Loads the target with one run after another, and tells what each measured. SIGINT, SIGTERM or
/// SIGHUP ends the run it meets, whose record says so, and those after it do not begin. \throws
/// config_error for settings a client refuses.
[[nodiscard]] std::vector<run_record> run_load(const target& where,
                                               const std::vector<run_settings>& runs,
                                               progress_line& progress);

}  // namespace upsun::load
