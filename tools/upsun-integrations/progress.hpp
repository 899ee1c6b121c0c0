#pragma once

#include <cstddef>
#include <iosfwd>
#include <map>
#include <string>

#include <upsun/model/activity.hpp>

namespace upsun::tool {

enum class progress_style {
  none,
  lines,    ///< A line for each change of state.
  redrawn,  ///< One line that is drawn over, on a terminal that can.
};

/// Shows the progress of activities.
class progress {
 public:
  /// \param columns of the terminal, which one line must not exceed; zero: not known
  progress(std::ostream& to, progress_style how, std::size_t columns = 0)
      : to_(to), style_(how), columns_(columns) {}

  void show(const activity& seen);
  /// Clears the line on the terminal.
  void clear();

 private:
  std::ostream& to_;
  progress_style style_;
  std::size_t columns_;
  std::map<std::string, std::string> states_;  // the last state shown, by id
};

}  // namespace upsun::tool
