#pragma once

#include <chrono>
#include <cstddef>

/// Shows the progress of a long job on standard output: a bar that is redrawn on a terminal, else a
/// line for each tenth.
class progress_bar {
 public:
  explicit progress_bar(std::size_t total);

  void show(std::size_t done);
  /// Shows the last state and ends the line.
  void finish(std::size_t done);

 private:
  std::size_t total_;
  std::size_t tenths_shown_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};
