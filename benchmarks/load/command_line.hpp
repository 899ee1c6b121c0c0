#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "condition.hpp"
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
  std::string hdr_file;
  std::vector<condition> thresholds;
  std::string objective_text;
  std::vector<condition> objective;   ///< Of the search for a rate; empty: none.
  std::vector<std::string> compared;  ///< The files of two reports; empty: none.
  std::optional<double> worse_by;     ///< In percent.
};

/// The command, or the exit status: 0 after --help, 2 after an error, which is printed with advice.
[[nodiscard]] std::variant<command, int> read_command_line(int argc, const char* const* argv);

}  // namespace upsun::load
