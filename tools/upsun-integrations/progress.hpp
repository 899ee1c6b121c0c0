#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include <upsun/model/activity.hpp>

namespace upsun::tool {

/// How far activities are, for people who wait: one line that redraws itself on a terminal, a line
/// for each change of state elsewhere.
class progress {
 public:
  enum class style { none, lines, redrawn };

  progress(std::ostream& to, style how) : to_(to), style_(how) {}

  void show(const activity& seen);
  /// Takes the line off the terminal.
  void clear();

 private:
  std::ostream& to_;
  style style_;
  std::map<std::string, std::string> states_;  // last one shown, by id
};

}  // namespace upsun::tool
