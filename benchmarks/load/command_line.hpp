#pragma once

#include <string>
#include <variant>

#include "settings.hpp"
#include "sweep.hpp"

namespace upsun::load {

/// A command line, checked.
struct command {
  target where;
  run_settings run;
  sweep over;
  std::string json_file;
  std::string html_file;
  std::string csv_file;
};

/// The command, or the exit status: 0 after --help, 2 after an error, which is printed with advice.
[[nodiscard]] std::variant<command, int> read_command_line(int argc, const char* const* argv);

}  // namespace upsun::load
