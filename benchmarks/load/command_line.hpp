#pragma once

#include <string>
#include <variant>

#include "settings.hpp"
#include "sweep.hpp"

namespace upsun::load {

/// What to do, checked.
struct command {
  target where;
  run_settings run;
  sweep over;
  std::string json_file;
  std::string html_file;
};

/// The command, or with what to exit: 0 after --help, 2 after an error, which is printed with what
/// to do about it.
[[nodiscard]] std::variant<command, int> read_command_line(int argc, const char* const* argv);

}  // namespace upsun::load
