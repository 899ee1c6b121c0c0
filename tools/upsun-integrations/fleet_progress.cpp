#include "fleet_progress.hpp"

#include <cmath>
#include <cstdio>
#include <ostream>

#include "common/terminal.hpp"

namespace upsun::tool {
namespace {

using namespace std::chrono_literals;

std::string time_left(double seconds) {
  const auto all = std::llround(seconds);
  char text[48];
  if (all < 60)
    std::snprintf(text, sizeof text, "%lld s", all);
  else if (all < 3600)
    std::snprintf(text, sizeof text, "%lld min %02llu s", all / 60, all % 60);
  else
    std::snprintf(text, sizeof text, "%lld h %02llu min", all / 3600, all / 60 % 60);
  return text;
}

}  // namespace

std::string progress_text(const bulk_progress& seen, std::chrono::duration<double> elapsed) {
  std::string text =
      std::to_string(seen.projects) + " of " + std::to_string(seen.projects_found) + " projects";
  const double rate = elapsed > 0s ? static_cast<double>(seen.projects) / elapsed.count() : 0;
  if (rate > 0) {
    char number[32];
    std::snprintf(number, sizeof number, rate < 10 ? "  %.1f/s" : "  %.0f/s", rate);
    text += number;
    if (seen.projects_found > seen.projects)
      text += "  " + time_left(static_cast<double>(seen.projects_found - seen.projects) / rate) +
              " left";
  }
  return text + "  " + std::to_string(seen.done - seen.failed) + " integrations";
}

void fleet_progress::show(const bulk_progress& seen, clock::time_point now) {
  if (!redraws_) return;
  if (began_ == clock::time_point()) began_ = now;
  if (shown_ && now - drawn_ < 100ms) return;
  const std::string text = progress_text(seen, now - began_);
  to_ << '\r' << (columns_ > 0 ? terminal::fitted(text, columns_ - 1) : text) << "\x1b[K"
      << std::flush;
  shown_ = true;
  drawn_ = now;
}

void fleet_progress::clear() {
  if (shown_) to_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace upsun::tool
