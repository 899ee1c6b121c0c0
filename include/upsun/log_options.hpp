#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <upsun/call_options.hpp>

namespace upsun {

/// How an activity's log is read. A class with fluent setters, so that temporaries are safe beside
/// `co_await`. What is out of range ends `client::async_activity_log` with
/// `errc::invalid_argument`.
class log_options {
 public:
  log_options() = default;

  /// Begins after the line with this id, which a program that was interrupted has from
  /// `log_line::id`. Empty (the default): with the first line.
  log_options& start_after(std::string id) & { return start_after_ = std::move(id), *this; }
  log_options&& start_after(std::string id) && { return std::move(start_after(std::move(id))); }

  /// The most items the API is to send in one stream (its parameter `max_items`); then the next one
  /// is asked for. Zero: as it pleases.
  log_options& max_items(std::uint32_t count) & { return max_items_ = count, *this; }
  log_options&& max_items(std::uint32_t count) && { return std::move(max_items(count)); }

  /// The longest the API is to hold lines back in order to send more at once (its parameter
  /// `max_delay`). Zero: as it pleases. At most 1 h.
  log_options& max_delay(std::chrono::milliseconds time) & { return max_delay_ = time, *this; }
  log_options&& max_delay(std::chrono::milliseconds time) && { return std::move(max_delay(time)); }

  /// The longest a stream may be silent before it is given up for another one: a connection can be
  /// dead without a sign. Zero: 60 s and `max_delay`, since that is what proxies commonly allow. At
  /// most 24 h.
  log_options& idle_timeout(std::chrono::milliseconds time) & {
    return idle_timeout_ = time, *this;
  }
  log_options&& idle_timeout(std::chrono::milliseconds time) && {
    return std::move(idle_timeout(time));
  }

  /// The longest item, in bytes as sent; a longer one is an error in its place, and passed over.
  /// Zero: 1 MiB, far more than any line of a build. At most 64 MiB.
  log_options& max_line_bytes(std::size_t size) & { return max_line_bytes_ = size, *this; }
  log_options&& max_line_bytes(std::size_t size) && { return std::move(max_line_bytes(size)); }

  /// How often in a row a stream may fail before the failure is handed out: 8 by default, with
  /// `client_config::retry`'s pauses in between, which is about 6 s. Zero: every failure is handed
  /// out.
  log_options& max_failures(unsigned count) & { return max_failures_ = count, *this; }
  log_options&& max_failures(unsigned count) && { return std::move(max_failures(count)); }

  /// How many streams in a row may end in order, or be silent, without a new line and without the
  /// seal, before that is an error: 100 by default, with growing pauses in between, which makes a
  /// quarter of an hour of a server that answers at once. Zero: the first is one.
  log_options& max_quiet_streams(unsigned count) & { return max_quiet_streams_ = count, *this; }
  log_options&& max_quiet_streams(unsigned count) && { return std::move(max_quiet_streams(count)); }

  /// For the request that finds the log; its timeout holds for that alone.
  log_options& call(call_options options) & { return call_ = std::move(options), *this; }
  log_options&& call(call_options options) && { return std::move(call(std::move(options))); }

  [[nodiscard]] const std::string& start_after() const noexcept { return start_after_; }
  [[nodiscard]] std::uint32_t max_items() const noexcept { return max_items_; }
  [[nodiscard]] std::chrono::milliseconds max_delay() const noexcept { return max_delay_; }
  [[nodiscard]] std::chrono::milliseconds idle_timeout() const noexcept { return idle_timeout_; }
  [[nodiscard]] std::size_t max_line_bytes() const noexcept { return max_line_bytes_; }
  [[nodiscard]] unsigned max_failures() const noexcept { return max_failures_; }
  [[nodiscard]] unsigned max_quiet_streams() const noexcept { return max_quiet_streams_; }
  [[nodiscard]] const call_options& call() const noexcept { return call_; }

 private:
  std::string start_after_;
  std::uint32_t max_items_ = 0;
  std::chrono::milliseconds max_delay_{0};
  std::chrono::milliseconds idle_timeout_{0};
  std::size_t max_line_bytes_ = 0;
  unsigned max_failures_ = 8;
  unsigned max_quiet_streams_ = 100;
  call_options call_;
};

}  // namespace upsun
