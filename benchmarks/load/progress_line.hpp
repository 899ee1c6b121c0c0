#pragma once

#include <string>

#include "run_record.hpp"

namespace upsun::load {

/// Shows the progress of a run in one line of standard error that is redrawn, if that is a
/// terminal that can redraw.
class progress_line {
 public:
  progress_line();
  ~progress_line() { clear(); }
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;

  void show(const std::string& text);
  void clear();

 private:
  bool redraws_;
  bool shown_ = false;
};

[[nodiscard]] std::string progress_text(const std::string& run, const time_slice& latest,
                                        std::uint64_t errors);

}  // namespace upsun::load
