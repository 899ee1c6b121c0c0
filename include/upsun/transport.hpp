#pragma once

#include <boost/asio/any_completion_handler.hpp>

#include <atomic>
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

/// How far a request has come, for who sent it and looks at it meanwhile. Any thread may read it.
struct request_progress {
  using time_point = std::chrono::steady_clock::time_point;
  /// Since when the request has had a connection: `time_point::max()` while it waits for one,
  /// `time_point::min()` from a transport that does not say.
  std::atomic<time_point> leased{time_point::min()};
  /// The connection it had last, as `attempt_event::connection`. Zero: none yet, or a transport
  /// that does not say.
  std::atomic<std::uint64_t> connection{0};
  /// Set, within `async_send`, by a transport that lets the request share another's response: that
  /// request's progress is this one's.
  std::shared_ptr<const request_progress> shared;
};

/// A request, as a transport gets it. The client has checked it: no control characters, no empty
/// path segment.
struct http_request {
  /// "GET", "POST", "PATCH" or "DELETE". Refers to static storage.
  std::string_view method = "GET";
  /// The path without ids, which names the operation to observers. Refers to static storage.
  std::string_view path_template;
  /// The request target in origin form (RFC 9112 section 3.2.1), with the path prefix of the base
  /// URL.
  std::string target;
  /// Header fields, beside those that the transport adds to every request: Host, User-Agent,
  /// Accept, Accept-Encoding, Authorization, Content-Type, Content-Length.
  std::vector<std::pair<std::string, std::string>> headers;
  /// The body. Empty: none is sent.
  std::string body;
  /// The media type of the body. Empty: no Content-Type is sent.
  std::string content_type;
  /// The value of `Authorization`. Null: the one that the transport was made with, if any.
  std::shared_ptr<const std::string> authorization;
  /// Whether sending it twice does no more than sending it once (RFC 9110 section 9.2.2).
  bool idempotent = true;
  /// By when the request completes, with `errc::deadline_exceeded` at the latest.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// The longest time from the lease of a connection to the response's last byte, after which it
  /// completes with `errc::attempt_timeout`. Zero: the transport's own limit.
  std::chrono::milliseconds attempt_timeout{0};
  /// Whether the response may be that of another request for the same, under way or earlier
  /// (doc/caching.md). Only the client's own caching reads it.
  bool shareable = false;
  /// Whether the response may come compressed (doc/compression.md). The transport decodes it.
  bool compressible = false;
  /// Whether it is sent beside a slow one, with which it must not be shared. Only the client's own
  /// caching reads it.
  bool hedge = false;
  /// The connection of that slow one, as `request_progress::connection`: another is better, if
  /// there is one. Zero: any will do.
  std::uint64_t avoided_connection = 0;
  /// Where the transport says how far the request has come. Null: nobody asks.
  std::shared_ptr<request_progress> progress;
  /// The number of the call, for `attempt_event::call`.
  std::uint64_t call = 0;
  /// The number of the attempt, for `attempt_event::attempt`.
  unsigned attempt = 0;
};

/// A final response (never 1xx), complete, with its framing checked.
struct http_response {
  /// The status.
  int status = 0;
  /// `Content-Type` as sent. Empty: none was sent.
  std::string content_type;
  /// `Content-Encoding` of the body as it is here, which the client's own transport cannot decode.
  /// Empty: the body is not compressed, or not any more.
  std::string content_encoding;
  /// `Location` of a redirect (3xx) as sent. Empty: none was sent.
  std::string location;
  /// `x-request-id`. Empty: none was sent.
  std::string request_id;
  /// `WWW-Authenticate`. Empty: none was sent.
  std::string www_authenticate;
  /// `ETag`, a well-formed one. Empty: none was sent, or the client has no cache.
  std::string etag;
  /// Whether `Cache-Control: no-store` was sent. False also when the client has no cache.
  bool no_store = false;
  /// `Retry-After`, a date counted from the response's `Date`; never negative.
  std::optional<std::chrono::seconds> retry_after;
  /// The body, without transfer coding.
  std::string body;
  /// Whether the connection had served another request before.
  bool reused_connection = false;
  /// Whether it is the response to another request, which this one joined. Set by the client.
  bool shared = false;
  /// Whether it came from the cache, by no request unless `revalidated`. Set by the client.
  bool cached = false;
  /// Whether the server has confirmed the cached response (304). Set by the client.
  bool revalidated = false;
  /// The version of HTTP it came by, "1.1" or "2". Refers to static storage. Empty: the transport
  /// does not say.
  std::string_view protocol_version{};
  /// How long each part took; the client sets `total`.
  call_timings timings;
};

/// The body of a response, read piece by piece as it arrives. Over HTTP/1.1 its connection carries
/// nothing else; over HTTP/2 it is one stream among others.
///
/// Thread safety: every member may be called from any thread, with one `async_read` under way at a
/// time.
class UPSUN_EXPORT response_stream {
 public:
  /// The handler of a read.
  using read_handler = boost::asio::any_completion_handler<void(result<std::string>&&)>;

  response_stream() = default;
  response_stream(const response_stream&) = delete;
  response_stream& operator=(const response_stream&) = delete;
  virtual ~response_stream() = default;

  /// Reads what has arrived, or waits until something does. Nothing is read from the network
  /// otherwise.
  ///
  /// Completion: `handler` is called once, never within this function: with bytes, or with an empty
  /// string at the end of a complete body.
  ///
  /// Cancellation: every type, by the handler's associated slot. Nothing is lost: the next read
  /// gets what arrives then.
  ///
  /// Errors: as `transport::async_send`. After any but a cancelled read, every later read fails,
  /// too.
  virtual void async_read(read_handler handler) = 0;

  /// Ends the response: closes its connection, or resets its stream. A read under way completes
  /// with `errc::cancelled`. A second call does nothing.
  virtual void close() noexcept = 0;
};

/// A response whose body may still be on its way.
struct streamed_response {
  /// The response, without its body when `body` is set.
  http_response head;
  /// The rest. Null: `head` is the whole response, as it is for every status outside 200 to 299.
  std::shared_ptr<response_stream> body;
};

/// The interface between the client and the network: a request goes in, a response or an error
/// comes out. The client's own transport sends over pooled connections. Put another one
/// into `client_config::transport` to respond without a network, or to record; see
/// `testing/fake_transport.hpp`. One transport serves one host.
///
/// Handlers take an rvalue, `std::move(handler)(std::move(result))`.
///
/// Thread safety: every member may be called from any thread, also at the same time.
class UPSUN_EXPORT transport {
 public:
  /// The handler of `async_send`.
  using send_handler = boost::asio::any_completion_handler<void(result<http_response>&&)>;
  /// The handler of `async_open_stream`.
  using open_handler = boost::asio::any_completion_handler<void(result<streamed_response>&&)>;
  /// The handler of `async_close`.
  using close_handler = boost::asio::any_completion_handler<void(close_report)>;

  transport() = default;
  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  virtual ~transport() = default;

  /// Sends a request.
  ///
  /// Completion: `handler` is called once, on any thread, never within this function: with the
  /// response, whatever its status.
  ///
  /// Cancellation: every type, by the handler's associated slot; it completes with
  /// `errc::cancelled`, never within the slot's signal. The signal is emitted at most once, after
  /// this function has returned, on any thread; from then on only the caller may use the slot.
  ///
  /// Errors: with phase, cause and timings set. An exception means that nothing was begun: the
  /// handler is not called then.
  ///
  /// \param request what to send
  /// \param handler `void(result<http_response>&&)`
  virtual void async_send(http_request request, send_handler handler) = 0;

  /// Admits no more requests, waits for those under way, cancels the rest, and closes all
  /// connections.
  ///
  /// Completion: `handler` is called with the report once nothing is left.
  ///
  /// \param grace the time for requests under way. Zero: they are cancelled at once
  /// \param handler `void(close_report)`
  virtual void async_close(std::chrono::milliseconds grace, close_handler handler) = 0;

  /// Ends everything at once: requests under way complete with `errc::cancelled`. Called when the
  /// client is destroyed, also in a forked child, where requests under way are the parent's. A
  /// second call does nothing.
  virtual void shutdown() noexcept = 0;

  /// A snapshot of the pool; all zero for a transport that has none.
  [[nodiscard]] virtual pool_statistics statistics() const = 0;

  /// Sends a request whose response may take minutes, and completes with its head. The request's
  /// deadline and attempt timeout hold for the head only. When the transport closes, streams end
  /// with `errc::cancelled`.
  ///
  /// Unless it is overridden, it is `async_send`, with the whole response at once.
  ///
  /// Completion, cancellation, errors: as `async_send`.
  ///
  /// \param request what to send
  /// \param idle_timeout the longest that a read of the body waits for a byte, after which it fails
  /// with `errc::attempt_timeout`. Zero: no limit
  /// \param handler `void(result<streamed_response>&&)`
  virtual void async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                                 open_handler handler);
};

}  // namespace upsun
