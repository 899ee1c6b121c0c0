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

#include <upsun/detail/same_asio.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>

namespace upsun {

/// One HTTP request, as a transport sends it. Everything in it has been checked: no control
/// characters, no empty path segment.
struct http_request {
  std::string_view method = "GET";  ///< Refers to static storage.
  std::string_view path_template;   ///< Names the operation to observers; refers to static storage.
  std::string
      target;  ///< Origin form (RFC 9112 section 3.2.1), the base URL's path prefix included.
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< Beyond those the transport sets for every request (Host, User-Agent, Accept,
                ///< Authorization).
  std::string body;          ///< Empty: no body and no Content-Length.
  std::string content_type;  ///< Of the body; empty: none is sent.
  std::shared_ptr<const std::string>
      authorization;  ///< The whole field value; null: the one the transport was made with, if any.
  bool idempotent =
      true;  ///< Sending it twice does no more than sending it once (RFC 9110 section 9.2.2).
  /// The response, or an error, comes by then.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::chrono::milliseconds attempt_timeout{
      0};  ///< From the lease of a connection to the response's last byte. Zero: the transport's
           ///< own.
  bool shareable = false;  ///< Its response may be that of another request, under way or earlier,
                           ///< for the same. See doc/caching.md.
  bool hedge = false;      ///< Sent beside one under way, so never to share with that.
  std::uint64_t call = 0;  ///< The call and the attempt this request is, for `attempt_event`.
  unsigned attempt = 0;
};

/// One HTTP response: the final one (never 1xx), complete, its framing checked.
struct http_response {
  int status = 0;
  std::string content_type;      ///< As sent; empty when absent.
  std::string request_id;        ///< `x-request-id`; empty when absent.
  std::string www_authenticate;  ///< Empty when absent.
  std::string
      etag;  ///< `ETag`, a well-formed one; empty when absent, or when the client has no cache.
  bool no_store = false;  ///< `Cache-Control: no-store`; false, too, when the client has no cache.
  std::optional<std::chrono::seconds>
      retry_after;  ///< `Retry-After`, a date counted from the response's `Date`; never negative.
  std::string body;
  bool reused_connection = false;  ///< The connection had served another exchange before.
  bool shared = false;             ///< The request was sent for another one, which this one joined.
  bool cached = false;       ///< Out of the client's cache: by no request, unless `revalidated`.
  bool revalidated = false;  ///< The server said (304) that the cached response is still good.
  call_timings timings;      ///< `total` is left to the client.
};

/// The body of a response, taken piece by piece as it comes. Its connection carries nothing else.
///
/// Thread safety: every member may be called from any thread, but one `async_read` at a time.
class UPSUN_EXPORT response_stream {
 public:
  using read_handler = boost::asio::any_completion_handler<void(result<std::string>&&)>;

  response_stream() = default;
  response_stream(const response_stream&) = delete;
  response_stream& operator=(const response_stream&) = delete;
  virtual ~response_stream() = default;

  /// Takes what has come since the last time, and waits for it when that is nothing: nothing is
  /// read from the network but on demand. Completion: `handler` is called exactly once, never from
  /// within this function, with bytes; with an empty string, once, at the end of a complete body;
  /// or with an error, after which every other read fails, too. Cancellation: as
  /// `transport::async_send`. Nothing is lost: the next read takes what comes then.
  virtual void async_read(read_handler handler) = 0;

  /// Gives up the rest and closes the connection; a read under way completes with
  /// `errc::cancelled`. Idempotent.
  virtual void close() noexcept = 0;
};

/// A response whose body may still be to come.
struct streamed_response {
  http_response head;                     ///< Without its body if `body` is set.
  std::shared_ptr<response_stream> body;  ///< Null: `head` is the whole response, as it always is
                                          ///< when its status is not from 200 to 299.
};

/// The seam between the client and the network: a request goes in, a response or an error comes
/// out. The client brings one of its own over pooled HTTP/1.1 connections; give another in
/// `client_config::transport` to answer calls without a network (see `testing/fake_transport.hpp`).
///
/// Handlers are called with an rvalue, `std::move(handler)(std::move(result))`; those that a caller
/// passes may take it by value.
///
/// Thread safety: every member may be called from any thread, also at once.
class UPSUN_EXPORT transport {
 public:
  using send_handler = boost::asio::any_completion_handler<void(result<http_response>&&)>;
  using open_handler = boost::asio::any_completion_handler<void(result<streamed_response>&&)>;
  using close_handler = boost::asio::any_completion_handler<void(close_report)>;

  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// Sends `request` and completes with the response, whatever its status, or with an error whose
  /// phase, cause and timings are set.
  ///
  /// Completion: `handler` is called exactly once, on any thread, never from within this function.
  /// Cancellation: any type, by the handler's associated slot; completes with `errc::cancelled`,
  /// not from within the slot's signal either. The signal comes at most once, after this function
  /// returned, from any thread; from then on only the caller touches the slot. Throws when the
  /// request cannot be begun, which leaves nothing behind; the handler is not called then.
  virtual void async_send(http_request request, send_handler handler) = 0;

  /// Admits no more requests, waits at most `grace` for those under way, ends the rest with
  /// `errc::cancelled`, and reports the counts.
  virtual void async_close(std::chrono::milliseconds grace, close_handler handler) = 0;

  /// Ends everything at once; requests under way complete with `errc::cancelled`. Called when the
  /// client is destroyed. Idempotent.
  virtual void shutdown() noexcept = 0;

  [[nodiscard]] virtual pool_statistics statistics() const = 0;

  /// Sends `request` and completes with the head of its response, the body being left to be read as
  /// it comes; for answers that take minutes. The request's deadline and attempt timeout end with
  /// the head. `idle_timeout`: the longest that a read waits for a byte, or it fails with
  /// `errc::attempt_timeout`; zero: no limit. Completion and cancellation: as `async_send`. Streams
  /// that are left open end when the transport closes.
  ///
  /// Unless overridden: `async_send`, with the whole response at once.
  virtual void async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                                 open_handler handler);
};

}  // namespace upsun
