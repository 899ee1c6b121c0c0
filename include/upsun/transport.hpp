#pragma once

#include <boost/asio/any_completion_handler.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// One HTTP request, as a transport sends it. Everything in it has been checked: no control characters, no empty path segment.
struct http_request {
  std::string_view method = "GET";                           ///< Refers to static storage.
  std::string_view path_template;                            ///< Names the operation to observers; refers to static storage.
  std::string target;                                        ///< Origin form (RFC 9112 section 3.2.1), the base URL's path prefix included.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Beyond those the transport sets for every request (Host, User-Agent, Accept, Authorization).
  std::string body;                                          ///< Empty: no body and no Content-Length.
  std::string content_type;                                  ///< Of the body; empty: none is sent.
  std::shared_ptr<const std::string> authorization;          ///< The whole field value; null: the one the transport was made with, if any.
  bool idempotent = true;                                    ///< Sending it twice does no more than sending it once (RFC 9110 section 9.2.2).
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();  ///< The call's; an answer comes by then, or an error.
  std::chrono::milliseconds attempt_timeout{0};  ///< From the lease of a connection to the response's last byte. Zero: the transport's own.
  std::uint64_t call = 0;                        ///< The call and the attempt this request is, for `attempt_event`.
  unsigned attempt = 0;
};

/// One HTTP response: the final one (never 1xx), complete, its framing checked.
struct http_response {
  int status = 0;
  std::string content_type;                         ///< Empty when absent, and when it is plainly `application/json`.
  std::string request_id;                           ///< `x-request-id`; empty when absent.
  std::string www_authenticate;                     ///< Empty when absent.
  std::optional<std::chrono::seconds> retry_after;  ///< `Retry-After`, a date counted from the response's `Date`; never negative.
  std::string body;
  bool reused_connection = false;  ///< The connection had served another exchange before.
  call_timings timings;            ///< `total` is left to the client.
};

/// The seam between the client and the network: a request goes in, a response or an error comes out. The client brings one of its own over
/// pooled HTTP/1.1 connections; give another in `client_config::transport` to answer calls without a network (see `testing/fake_transport.hpp`).
///
/// Thread safety: every member may be called from any thread, also at once.
class UPSUN_EXPORT transport {
 public:
  using send_handler = boost::asio::any_completion_handler<void(result<http_response>)>;
  using close_handler = boost::asio::any_completion_handler<void(close_report)>;

  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// Sends `request` and completes with the response, whatever its status, or with an error whose phase, cause and timings are set.
  /// Completion: `handler` is called exactly once, never from within this function, on any thread.
  /// Cancellation: any type, by the handler's associated slot; completes with `errc::cancelled`, not from within the slot's signal either. The signal comes at
  /// most once, after this function returned, from any thread; from then on only the caller touches the slot.
  virtual void async_send(http_request request, send_handler handler) = 0;

  /// Admits no more requests, waits at most `grace` for those under way, ends the rest with `errc::cancelled`, and reports the counts.
  virtual void async_close(std::chrono::milliseconds grace, close_handler handler) = 0;

  /// Ends everything at once; requests under way complete with `errc::cancelled`. Called when the client is destroyed. Idempotent.
  virtual void shutdown() noexcept = 0;

  [[nodiscard]] virtual pool_statistics statistics() const = 0;
};

}  // namespace upsun
