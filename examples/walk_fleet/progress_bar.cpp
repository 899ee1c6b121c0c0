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
  const std::size_t known = std::max<std::size_t>(found_, 1);
  const std::string of = std::to_string(found_);
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%3zu %%  %*zu of %s projects  %5.0f/s  %5.1f s left",
                projects_ * 100 / known, static_cast<int>(of.size()), projects_, of.c_str(), rate,
                left);
  std::string line(text.data());

  // The bar has what the text leaves of the terminal; the integrations what it can spare.
  constexpr std::size_t widest = 40, narrowest = 20, brackets = 3;
  const std::string integrations = "  " + std::to_string(integrations_) + " integrations";
  const std::size_t on_terminal = redraws_ ? terminal::columns(STDOUT_FILENO) : 0;
  const std::size_t columns = on_terminal > 0 ? on_terminal - 1 : 200;
  const std::size_t taken = line.size() + brackets;
  if (columns >= taken + integrations.size() + widest) line += integrations;
  if (columns >= taken + narrowest) {
    const std::size_t width = std::min(widest, columns - taken);
    std::string bar(projects_ * width / known, '#');
    bar.resize(width, '.');
    line.insert(0, "[" + bar + "] ");
  }
  const std::string_view shown = terminal::fitted(line, columns);
  std::printf("%s%.*s%s", redraws_ ? "\r" : "", static_cast<int>(shown.size()), shown.data(),
              redraws_ ? "\x1b[K" : "\n");
  std::fflush(stdout);
}
