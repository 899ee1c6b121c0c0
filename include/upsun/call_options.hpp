#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/retry_options.hpp>

namespace upsun {

/// What is known about a successful call beside its value. See `call_options::info`.
struct response_info {
  /// The status of the response, such as 200.
  int status = 0;
  /// The response's `x-request-id` header; empty when there was none.
  std::string request_id;
  /// How many attempts were made, the first included: 1 when there were no retries, 0 when nothing
  /// was sent because the value came from the cache.
  unsigned attempts = 0;
  /// Whether the last attempt went over a connection that had served another one before.
  bool reused_connection = false;
  /// Whether the response was fetched for another call and shared (`client_config::coalesce`).
  bool shared = false;
  /// Whether the value came from the cache: with `attempts` 0 without a request, else after the
  /// server had said that it is still valid (status 304).
  bool cached = false;
  /// How long each part took.
  call_timings timings;
};

/// Settings of one call, which take precedence over those of the client. A class with fluent
/// setters, so that temporaries are safe beside `co_await`:
/// `co_await client.async_get_integration(ref, upsun::call_options().timeout(2s))`.
///
/// They are checked when the call starts. A value out of its range ends it with
/// `errc::invalid_argument` before anything is sent.
class call_options {
 public:
  /// Every setting as the client has it.
  call_options() = default;

  /// The deadline of the whole call, counted from its start: waiting for a connection, every
  /// attempt, every delay between attempts, decoding. When it passes, the call ends with
  /// `errc::deadline_exceeded`.
  ///
  /// Range: 0 to 24 h. Default: zero, which stands for the client's `timeouts.total` (30 s unless
  /// set).
  call_options& timeout(std::chrono::milliseconds total) & { return timeout_ = total, *this; }
  call_options&& timeout(std::chrono::milliseconds total) && { return std::move(timeout(total)); }

  /// The longest one attempt may take, from the lease of a connection to the last byte of the
  /// response. When it passes, the attempt fails with `errc::attempt_timeout`, and may be retried.
  ///
  /// Range: 0 to 24 h. Default: zero, which stands for the client's `timeouts.attempt` (10 s unless
  /// set).
  call_options& attempt_timeout(std::chrono::milliseconds longest) & {
    return attempt_timeout_ = longest, *this;
  }
  call_options&& attempt_timeout(std::chrono::milliseconds longest) && {
    return std::move(attempt_timeout(longest));
  }

  /// Adds a request header. Called again, it adds another one.
  ///
  /// Refused are a name that is not a token (RFC 9110 section 5.6.2), a value with a control
  /// character, and the headers that the client sets itself: Host, Authorization, Content-Length,
  /// Transfer-Encoding, Connection, Accept-Encoding and others, also `traceparent` and
  /// `tracestate`, for which there is `trace`.
  call_options& header(std::string name, std::string value) & {
    return headers_.emplace_back(std::move(name), std::move(value)), *this;
  }
  call_options&& header(std::string name, std::string value) && {
    return std::move(header(std::move(name), std::move(value)));
  }

  /// Replaces the client's `retry` for this call, but for `budget` and the costs, which belong to
  /// the client. Ranges: those of `retry_options`.
  ///
  /// Default: the client's.
  call_options& retry(const retry_options& options) & { return retry_ = options, *this; }
  call_options&& retry(const retry_options& options) && { return std::move(retry(options)); }

  /// Replaces the client's `hedge` for this call, but for `max_extra_percent`, which belongs to the
  /// client. Only GET requests are hedged. Ranges: those of `hedge_options`.
  ///
  /// Default: the client's.
  call_options& hedge(const hedge_options& options) & { return hedge_ = options, *this; }
  call_options&& hedge(const hedge_options& options) && { return std::move(hedge(options)); }

  /// The trace that this call belongs to, by W3C Trace Context: a `traceparent` of version 00 and
  /// optionally a `tracestate`. Every attempt sends it with a parent id of its own. Values that are
  /// not well-formed are refused.
  ///
  /// Default: none.
  call_options& trace(std::string traceparent, std::string tracestate = {}) & {
    return traceparent_ = std::move(traceparent), tracestate_ = std::move(tracestate), *this;
  }
  call_options&& trace(std::string traceparent, std::string tracestate = {}) && {
    return std::move(trace(std::move(traceparent), std::move(tracestate)));
  }

  /// An object that is filled before the handler runs, when the call succeeds.
  ///
  /// Lifetime: it must outlive the call. Thread safety: it is written on a thread that runs the
  /// client; read it in the handler or later.
  ///
  /// Default: null, none.
  call_options& info(response_info* target) & { return info_ = target, *this; }
  call_options&& info(response_info* target) && { return std::move(info(target)); }

  [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return timeout_; }
  [[nodiscard]] std::chrono::milliseconds attempt_timeout() const noexcept {
    return attempt_timeout_;
  }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& headers() const noexcept {
    return headers_;
  }
  [[nodiscard]] const std::optional<retry_options>& retry() const noexcept { return retry_; }
  [[nodiscard]] const std::optional<hedge_options>& hedge() const noexcept { return hedge_; }
  [[nodiscard]] const std::string& traceparent() const noexcept { return traceparent_; }
  [[nodiscard]] const std::string& tracestate() const noexcept { return tracestate_; }
  [[nodiscard]] response_info* info() const noexcept { return info_; }

 private:
  std::chrono::milliseconds timeout_{0};
  std::chrono::milliseconds attempt_timeout_{0};
  std::vector<std::pair<std::string, std::string>> headers_;
  std::optional<retry_options> retry_;
  std::optional<hedge_options> hedge_;
  std::string traceparent_;
  std::string tracestate_;
  response_info* info_ = nullptr;
};

}  // namespace upsun
