#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>

#include <upsun/bulk_report.hpp>

namespace upsun::tool {

/// "120 of 5000 projects  410/s  12 s left  960 integrations"
[[nodiscard]] std::string progress_text(const bulk_progress& seen,
                                        std::chrono::duration<double> elapsed);

/// Shows how far a walk has come in one line of a terminal that is drawn over.
class fleet_progress {
 public:
  using clock = std::chrono::steady_clock;

  /// \param redraws off: shows nothing \param columns of the terminal; zero: not known
  fleet_progress(std::ostream& to, bool redraws, std::size_t columns)
      : to_(to), redraws_(redraws), columns_(columns) {}

  /// Draws ten times a second at most, which costs the walk nothing.
  void show(const bulk_progress& seen, clock::time_point now);
  /// Clears the line.
  void clear();

 private:
  std::ostream& to_;
  bool redraws_;
  std::size_t columns_;
  bool shown_ = false;
  clock::time_point began_{};
  clock::time_point drawn_{};
};

}  // namespace upsun::tool
