#include "api/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace upsun::api {

void line_splitter::feed(std::string_view bytes) {
  bytes_.erase(0, begin_);
  searched_ -= begin_;
  begin_ = 0;
  bytes_.append(bytes);
}

void line_splitter::end(bool complete) {
  if (std::exchange(skipping_, false))
    searched_ = begin_ = std::min(bytes_.find('\n', begin_), bytes_.size() - 1) + 1;
  if (complete && begin_ < bytes_.size()) {
    bytes_ += '\n';
  } else {
    bytes_.resize(std::max(bytes_.rfind('\n') + 1, begin_));  // npos + 1 is 0
    searched_ = std::min(searched_, bytes_.size());
  }
}

std::optional<line_splitter::line> line_splitter::next() {
  for (;;) {
    const std::size_t end = bytes_.find('\n', searched_);
    const bool complete = end != std::string::npos;
    std::string_view text =
        std::string_view(bytes_).substr(begin_, complete ? end - begin_ : std::string_view::npos);
    searched_ = complete ? end + 1 : bytes_.size();
    const bool too_long = text.size() > longest_;
    if (!complete && !skipping_ && !too_long) return std::nullopt;
    begin_ = searched_;
    const bool skipped = std::exchange(skipping_, !complete);
    if (skipped && !complete) return std::nullopt;
    if (skipped) continue;
    if (too_long) return line{.text = {}, .too_long = true};
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!text.empty()) return line{.text = text};
  }
}

}  // namespace upsun::api
