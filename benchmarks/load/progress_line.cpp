#include "progress_line.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace upsun::load {

progress_line::progress_line() : terminal_(isatty(STDERR_FILENO) == 1) {}

void progress_line::show(const std::string& text) {
  if (!terminal_) return;
  std::fprintf(stderr, "\r%s\x1b[K", text.c_str());
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
      std::snprintf(text.data(), text.size(), "%6.1f s  %8.0f fetches/s  p99 %.2f ms  %llu errors",
                    latest.end.count(), latest.rate(),
                    std::chrono::duration<double, std::milli>(latest.p99).count(),
                    static_cast<unsigned long long>(errors));
  return run + std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace upsun::load
