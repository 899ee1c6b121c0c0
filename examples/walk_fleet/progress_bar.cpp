#include "progress_bar.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "common/terminal.hpp"

namespace terminal = upsun::terminal;
using namespace std::chrono_literals;

progress_bar::progress_bar() : redraws_(terminal::can_redraw(STDOUT_FILENO)) {}

void progress_bar::show(std::size_t projects, std::size_t found, std::size_t integrations) {
  projects_ = projects;
  found_ = std::max(projects, found);
  integrations_ = integrations;
  const clock::time_point now = clock::now();
  if (now - drawn_ < 100ms) return;
  if (!redraws_ && projects_ < projects_drawn_ + found_ / 10) return;
  draw(now);
}

void progress_bar::finish(bool complete) {
  if (complete) found_ = projects_;  // lists may count more than they list
  draw(clock::now());
  if (redraws_) std::puts("");
}

void progress_bar::draw(clock::time_point now) {
  drawn_ = now;
  projects_drawn_ = projects_;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(projects_) / std::max(elapsed, 1e-9);
  const double left = rate > 0 ? static_cast<double>(found_ - projects_) / rate : 0;
  std::array<char, 160> text{};
  const int length =
      std::snprintf(text.data(), text.size(),
                    "%3zu %%  %zu of %zu projects  %.0f/s  %.1f s left  %zu integrations",
                    projects_ * 100 / std::max<std::size_t>(found_, 1), projects_, found_, rate,
                    left, integrations_);
  std::string line(text.data(), static_cast<std::size_t>(std::max(length, 0)));

  // The bar has what the text leaves of the terminal.
  constexpr std::size_t widest = 40, narrowest = 8, brackets = 3;
  const std::size_t known = redraws_ ? terminal::columns(STDOUT_FILENO) : 0;
  const std::size_t columns = known > 0 ? known - 1 : std::string_view::npos;
  const std::size_t taken = line.size() + brackets;
  if (columns >= taken + narrowest) {
    const std::size_t width = std::min(widest, columns - taken);
    std::string bar(projects_ * width / std::max<std::size_t>(found_, 1), '#');
    bar.resize(width, '.');
    line.insert(0, "[" + bar + "] ");
  }
  const std::string_view shown = terminal::fitted(line, columns);
  std::printf("%s%.*s%s", redraws_ ? "\r" : "", static_cast<int>(shown.size()), shown.data(),
              redraws_ ? "\x1b[K" : "\n");
  std::fflush(stdout);
}
