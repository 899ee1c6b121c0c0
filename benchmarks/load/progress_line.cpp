#include "progress_line.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "common/terminal.hpp"
#include "report.hpp"

namespace upsun::load {

progress_line::progress_line() : redraws_(terminal::can_redraw(STDERR_FILENO)) {}

void progress_line::show(const std::string& text) {
  if (!redraws_) return;
  const std::size_t columns = terminal::columns(STDERR_FILENO);
  const std::string_view line = columns > 0 ? terminal::fitted(text, columns - 1) : text;
  std::fprintf(stderr, "\r%.*s\x1b[K", static_cast<int>(line.size()), line.data());
  std::fflush(stderr);
  shown_ = true;
}

void progress_line::clear() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

std::string progress_text(const std::string& run, const time_slice& latest, std::uint64_t errors) {
  std::array<char, 128> text{};
  const auto length =
      std::snprintf(text.data(), text.size(), "%6.1f s  %8.0f fetches/s  p99 %s ms  %llu errors",
                    latest.end.count(), latest.rate(),
                    latest.p99 ? number(in_microseconds(*latest.p99) / 1e3, 2).c_str() : "-",
                    static_cast<unsigned long long>(errors));
  return run + std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace upsun::load
