#include "progress.hpp"

#include <ostream>

#include "common/terminal.hpp"
#include "table.hpp"

namespace upsun::tool {

void progress::show(const activity& seen) {
  const std::string state(seen.result ? seen.result->str() : seen.state.str());
  std::string& last = states_[seen.id];
  const std::string line = printable(seen.id + "  " + seen.type + "  " + state) + "  " +
                           std::to_string(seen.completion_percent) + " %";
  if (style_ == progress_style::redrawn) {
    to_ << '\r' << (columns_ > 0 ? terminal::fitted(line, columns_ - 1) : line) << "\x1b[K"
        << std::flush;
  }
  if (style_ == progress_style::lines && state != last) to_ << line << '\n';
  last = state;
}

void progress::clear() {
  if (style_ == progress_style::redrawn && !states_.empty()) to_ << "\r\x1b[K" << std::flush;
}

}  // namespace upsun::tool
