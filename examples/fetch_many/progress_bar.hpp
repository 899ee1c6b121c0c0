#pragma once

#include <chrono>
#include <cstddef>

/// How far a long job is, on standard output: a bar that redraws itself on a terminal, a line every
/// tenth elsewhere.
class progress_bar {
 public:
  explicit progress_bar(std::size_t total);

  void show(std::size_t done);
  /// Leaves the last state on the screen and ends the line.
  void finish(std::size_t done);

 private:
  std::size_t total_;
  std::size_t tenths_shown_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};
