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

/// How far activities are, for people who wait.
class progress {
 public:
  /// \param columns of the terminal, which one line must not exceed; zero: not known
  progress(std::ostream& to, progress_style how, std::size_t columns = 0)
      : to_(to), style_(how), columns_(columns) {}

  void show(const activity& seen);
  /// Takes the line off the terminal.
  void clear();

 private:
  std::ostream& to_;
  progress_style style_;
  std::size_t columns_;
  std::map<std::string, std::string> states_;  // last one shown, by id
};

}  // namespace upsun::tool
