#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <upsun/call_options.hpp>

namespace upsun {

/// How an activity's log is read: settings of `client::async_open_activity_log`, which hold for the
/// `activity_log` it completes with. A class with fluent setters, so that temporaries are safe
/// beside `co_await`.
///
/// They are checked when the log is opened. A value out of its range ends that with
/// `errc::invalid_argument` before anything is sent.
///
/// A log is read from one stream after another: where one ends before the log is complete, the next
/// one continues.
class log_options {
 public:
  /// Every setting at its default.
  log_options() = default;

  /// Starts after the line with this id (`log_line::id`, `activity_log::last_id`), where a program
  /// was interrupted.
  ///
  /// Default: empty, the log starts with its first line.
  log_options& start_after(std::string id) & { return start_after_ = std::move(id), *this; }
  log_options&& start_after(std::string id) && { return std::move(start_after(std::move(id))); }

  /// The most items that the server sends in one stream: the API's parameter `max_items`.
  ///
  /// Default: zero, the server decides.
  log_options& max_items(std::uint32_t count) & { return max_items_ = count, *this; }
  log_options&& max_items(std::uint32_t count) && { return std::move(max_items(count)); }

  /// The longest the server holds lines back in order to send more of them at once: the API's
  /// parameter `max_delay`.
  ///
  /// Range: 0 to 1 h. Default: zero, the server decides.
  log_options& batch_delay(std::chrono::milliseconds longest) & {
    return batch_delay_ = longest, *this;
  }
  log_options&& batch_delay(std::chrono::milliseconds longest) && {
    return std::move(batch_delay(longest));
  }

  /// How long a stream may be silent before another one replaces it: a connection can be dead
  /// without a sign.
  ///
  /// Range: 0 to 24 h. Default: zero, which stands for 60 s and `batch_delay`: 60 s is what proxies
  /// commonly allow.
  log_options& idle_timeout(std::chrono::milliseconds longest) & {
    return idle_timeout_ = longest, *this;
  }
  log_options&& idle_timeout(std::chrono::milliseconds longest) && {
    return std::move(idle_timeout(longest));
  }

  /// The longest item, in bytes as sent. A longer one is an error in its place, and the next read
  /// goes on after it.
  ///
  /// Range: 0 to 64 MiB. Default: zero, which stands for 1 MiB, far more than any line of a build.
  log_options& max_line_bytes(std::size_t most) & { return max_line_bytes_ = most, *this; }
  log_options&& max_line_bytes(std::size_t most) && { return std::move(max_line_bytes(most)); }

  /// How many streams in a row may fail before `activity_log::async_next` completes with the
  /// failure. Between them are the delays of `client_config::retry`.
  ///
  /// Zero: with every failure. Default: 8, which takes about 6 s.
  log_options& max_failures(unsigned most) & { return max_failures_ = most, *this; }
  log_options&& max_failures(unsigned most) && { return std::move(max_failures(most)); }

  /// How many streams in a row may end in order, or be silent, without a new line while the log is
  /// not complete, before that is `errc::connection_closed`. Between them are delays that grow.
  ///
  /// Zero: the first is an error. Default: 100, which takes a quarter of an hour with a server that
  /// ends each at once.
  log_options& max_quiet_streams(unsigned most) & { return max_quiet_streams_ = most, *this; }
  log_options&& max_quiet_streams(unsigned most) && { return std::move(max_quiet_streams(most)); }

  /// The options of the request that fetches the activity, whose link leads to the log. Their
  /// `timeout` covers that request only; their headers are sent with the log's requests, too.
  ///
  /// Default: those of a call without options.
  log_options& fetch(call_options options) & { return fetch_ = std::move(options), *this; }
  log_options&& fetch(call_options options) && { return std::move(fetch(std::move(options))); }

  [[nodiscard]] const std::string& start_after() const noexcept { return start_after_; }
  [[nodiscard]] std::uint32_t max_items() const noexcept { return max_items_; }
  [[nodiscard]] std::chrono::milliseconds batch_delay() const noexcept { return batch_delay_; }
  [[nodiscard]] std::chrono::milliseconds idle_timeout() const noexcept { return idle_timeout_; }
  [[nodiscard]] std::size_t max_line_bytes() const noexcept { return max_line_bytes_; }
  [[nodiscard]] unsigned max_failures() const noexcept { return max_failures_; }
  [[nodiscard]] unsigned max_quiet_streams() const noexcept { return max_quiet_streams_; }
  [[nodiscard]] const call_options& fetch() const noexcept { return fetch_; }

 private:
  std::string start_after_;
  std::uint32_t max_items_ = 0;
  std::chrono::milliseconds batch_delay_{0};
  std::chrono::milliseconds idle_timeout_{0};
  std::size_t max_line_bytes_ = 0;
  unsigned max_failures_ = 8;
  unsigned max_quiet_streams_ = 100;
  call_options fetch_;
};

}  // namespace upsun
