#include "api/log_core.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/operation.hpp"
#include "codec/log_entry.hpp"
#include "model/make_error.hpp"
#include "retry/backoff.hpp"
#include "retry/verdict.hpp"

namespace upsun::api {
namespace {

std::optional<std::uint64_t> number_of(const std::string& id) noexcept {
  std::uint64_t number = 0;
  const char* const end = id.data() + id.size();
  const auto [stop, failure] = std::from_chars(id.data(), end, number);
  return failure == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace

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

std::string log_target(std::string target, std::string_view start_at, const log_options& options) {
  char mark = target.find('?') == std::string::npos ? '?' : '&';
  const auto add = [&](std::string_view name, std::string_view value) {
    target.append(1, std::exchange(mark, '&')).append(name).append("=");
    append_segment(target, value);
  };
  if (!start_at.empty()) add("start_at", start_at);
  if (options.max_items() != 0) add("max_items", std::to_string(options.max_items()));
  if (options.batch_delay().count() != 0)
    add("max_delay", std::to_string(options.batch_delay().count()));
  return target;
}

log_core::log_core(const log_rules& rules, std::string start_after)
    : rules_(rules), lines_(rules.longest_line) {
  if (!start_after.empty()) remember(start_after);
}

std::optional<result<log_line>> log_core::next() {
  while (!sealed_) {
    const auto line = lines_.next();
    if (!line) return std::nullopt;
    if (line->too_long)
      return model::make_error(errc::body_limit, phase::decode,
                               "a line of the log is longer than log_options::max_line_bytes");
    auto entry = codec::decode_log_entry(line->text);
    sealed_ = entry.seal;
    if (!entry.line || !is_new(entry.id)) continue;
    // One that cannot be read and has no id may come again with every stream: it is no progress.
    if (entry.line->has_value() || !entry.id.empty()) {
      progress_ = true;
      failures_ = 0;
      quiet_ = 0;
    }
    if (!entry.id.empty()) remember(entry.id);
    return std::move(entry.line);
  }
  return std::nullopt;
}

bool log_core::is_new(const std::string& id) {
  if (id.empty()) return true;
  if (known_up_to_) {
    const auto number = number_of(id);
    if (number && *number <= *known_up_to_) return false;
  }
  return !seen_.contains(id);
}

void log_core::remember(const std::string& id) {
  last_id_ = id;
  if (const auto number = number_of(id)) highest_ = std::max(highest_.value_or(0), *number);
  if (!seen_.insert(id).second) return;
  order_.push_back(id);
  if (order_.size() <= remembered) return;
  seen_.erase(order_.front());
  order_.pop_front();
}

void log_core::opened() noexcept {
  open_ = true;
  known_up_to_ = highest_;
}

log_core::sequel log_core::ended(double dice) {
  lines_.end(true);
  return quiet(dice);
}

/// A stream without anything new is not a failure, unless there are too many in a row.
log_core::sequel log_core::quiet(double dice) {
  open_ = false;
  failures_ = 0;
  if (std::exchange(progress_, false))
    return {.delay = retry::backoff(rules_.backoff, retry::verdict::retry, 0, dice, std::nullopt)};
  if (++quiet_ > rules_.max_quiet) {
    const unsigned streams = std::exchange(quiet_, 0);
    return {.over =
                model::make_error(errc::connection_closed, phase::read_body,
                                  std::to_string(streams) +
                                      " streams of the log ended without a new line or a seal")};
  }
  return {.delay = retry::backoff(rules_.backoff, retry::verdict::retry_throttled, quiet_ - 1, dice,
                                  std::nullopt)};
}

log_core::sequel log_core::failed(const error& why, double dice) {
  lines_.end(false);
  // Nothing was said for a while: the activity may be at something that takes long.
  if (std::exchange(open_, false) && why == errc::attempt_timeout) return quiet(dice);
  progress_ = false;
  const auto verdict = retry::judge({.code = why.code(),
                                     .status = why.status(),
                                     .failed_in = why.phase(),
                                     .idempotent = true,
                                     .retry_after = why.details().retry_after.has_value()});
  if (verdict == retry::verdict::final_answer) return {.over = why};
  if (failures_ >= rules_.max_failures) {
    failures_ = 0;
    return {.over = why};
  }
  return {.delay = retry::backoff(rules_.backoff, verdict, failures_++, dice,
                                  why.details().retry_after)};
}

}  // namespace upsun::api
