#include "progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

progress_bar::progress_bar(std::size_t total)
    : total_(std::max<std::size_t>(total, 1)), terminal_(isatty(STDOUT_FILENO) == 1) {}

void progress_bar::show(std::size_t done) {
  constexpr std::size_t width = 40;
  const std::size_t tenths = done * 10 / total_;
  if (!terminal_ && tenths == tenths_shown_) return;
  tenths_shown_ = tenths;

  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const double rate = static_cast<double>(done) / std::max(elapsed.count(), 1e-9);
  const double left = rate > 0 ? static_cast<double>(total_ - done) / rate : 0;
  std::string bar(done * width / total_, '#');
  bar.resize(width, '.');
  std::printf("%s[%s] %3zu %%  %zu of %zu  %.0f/s  %.1f s left%s", terminal_ ? "\r" : "",
              bar.c_str(), done * 100 / total_, done, total_, rate, left,
              terminal_ ? "\x1b[K" : "\n");
  std::fflush(stdout);
}

void progress_bar::finish(std::size_t done) {
  show(done);
  if (terminal_) std::puts("");
}
