#pragma once

#include <chrono>
#include <cstddef>

/// Shows the progress of a walk on standard output: a bar that is redrawn on a terminal, else a
/// line for each tenth of what is known to be there. No more often than ten times a second.
class progress_bar {
 public:
  progress_bar();

  /// \param projects done \param found how many there are, as far as is known
  void show(std::size_t projects, std::size_t found, std::size_t integrations);
  /// Shows the last state and ends the line. \param complete whether there are no more projects
  void finish(bool complete);

 private:
  using clock = std::chrono::steady_clock;

  void draw(clock::time_point now);

  const bool redraws_;
  std::size_t projects_ = 0;
  std::size_t found_ = 0;
  std::size_t integrations_ = 0;
  std::size_t projects_drawn_ = 0;
  const clock::time_point start_ = clock::now();
  clock::time_point drawn_ = start_;
};
