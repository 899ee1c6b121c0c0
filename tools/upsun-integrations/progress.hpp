#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include <upsun/model/activity.hpp>

namespace upsun::tool {

/// Shows the progress of activities: on a terminal in one line that is redrawn, else in a line for
/// each change of state.
class progress {
 public:
  enum class style { none, lines, redrawn };

  progress(std::ostream& to, style how) : to_(to), style_(how) {}

  void show(const activity& seen);
  /// Clears the line on the terminal.
  void clear();

 private:
  std::ostream& to_;
  style style_;
  std::map<std::string, std::string> states_;  // the last state shown, by id
};

}  // namespace upsun::tool
