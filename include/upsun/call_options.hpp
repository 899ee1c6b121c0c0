#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/retry_options.hpp>

namespace upsun {

/// What a successful call tells beside its value. Filled before the handler runs.
struct response_info {
  int status = 0;
  std::string request_id;  ///< The response's `x-request-id` header, when sent.
  unsigned attempts = 0;   ///< Attempts made; 1 when all went well.
  bool reused_connection =
      false;  ///< The last exchange went over a connection that had served another before.
  bool shared = false;  ///< The fetch was begun for another call (`client_config::coalesce`).
  bool cached = false;  ///< The value came from the cache: without a request when `attempts` is 0,
                        ///< else by the server's leave (status 304).
  call_timings timings;
};

/// Settings of one call, over those of the client. A class with fluent setters, so that temporaries
/// are safe beside `co_await`: `co_await client.async_get_integration(p, i,
/// upsun::call_options().timeout(2s))`.
class call_options {
 public:
  call_options() = default;

  /// The total deadline of this call, from now to its completion. Zero: the client's
  /// `timeouts.total`. Negative: `errc::invalid_argument`.
  call_options& timeout(std::chrono::milliseconds total) & { return timeout_ = total, *this; }
  call_options&& timeout(std::chrono::milliseconds total) && { return std::move(timeout(total)); }

  /// The longest one exchange may take. Zero: the client's `timeouts.attempt`. Negative:
  /// `errc::invalid_argument`.
  call_options& attempt_timeout(std::chrono::milliseconds t) & {
    return attempt_timeout_ = t, *this;
  }
  call_options&& attempt_timeout(std::chrono::milliseconds t) && {
    return std::move(attempt_timeout(t));
  }

  /// One more request header. A name that is not a token (RFC 9110 section 5.6.2), a value with a
  /// control character, and the headers the client sets itself (Host, Authorization,
  /// Content-Length, Transfer-Encoding, Connection, Accept-Encoding ...) end the call with
  /// `errc::invalid_argument`, also `traceparent` and `tracestate`, which `trace` sets.
  call_options& header(std::string name, std::string value) & {
    return headers_.emplace_back(std::move(name), std::move(value)), *this;
  }
  call_options&& header(std::string name, std::string value) && {
    return std::move(header(std::move(name), std::move(value)));
  }

  /// Replaces the client's `retry` for this call; `budget` and the costs stay the client's.
  call_options& retry(const retry_options& options) & { return retry_ = options, *this; }
  call_options&& retry(const retry_options& options) && { return std::move(retry(options)); }

  /// Replaces the client's `hedge` for this call; `max_extra_percent` stays the client's.
  call_options& hedge(const hedge_options& options) & { return hedge_ = options, *this; }
  call_options&& hedge(const hedge_options& options) && { return std::move(hedge(options)); }

  /// The trace this call belongs to (W3C Trace Context): a `traceparent` of version 00 and,
  /// optionally, a `tracestate`. Every attempt sends it with a parent id of its own. A value that
  /// is not well-formed ends the call with `errc::invalid_argument`.
  call_options& trace(std::string traceparent, std::string tracestate = {}) & {
    return traceparent_ = std::move(traceparent), tracestate_ = std::move(tracestate), *this;
  }
  call_options&& trace(std::string traceparent, std::string tracestate = {}) && {
    return std::move(trace(std::move(traceparent), std::move(tracestate)));
  }

  /// Where to put what a successful call tells beside its value. The object must outlive the call;
  /// null (the default): nowhere.
  call_options& info(response_info* where) & { return info_ = where, *this; }
  call_options&& info(response_info* where) && { return std::move(info(where)); }

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
