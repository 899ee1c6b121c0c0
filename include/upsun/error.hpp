#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <upsun/export.hpp>

namespace upsun {

/// Boost's error codes, which those of Asio are, too.
using error_code = boost::system::error_code;
/// Boost's error conditions: what error codes are compared with.
using error_condition = boost::system::error_condition;

/// Why an operation failed, exactly. Every code belongs to one or two values of `condition`, which
/// is what programs usually compare with. Values are stable: new ones are added at the end of their
/// group.
enum class errc {
  // The caller.

  /// An argument or option was refused before anything was sent: an empty id, a control character
  /// in a header, a value out of its range.
  invalid_argument = 1,
  /// The client admits no more operations: `client::async_close` was called.
  client_closed,
  /// The caller cancelled the operation, or destroyed the client while it was under way.
  cancelled,
  /// The `token_source` threw, returned no usable token, or destroyed its handler.
  token_source_failed,

  // Time limits. Each is `condition::timeout`.

  /// The call's deadline passed: `timeouts.total`, `call_options::timeout`.
  deadline_exceeded = 20,
  /// The attempt took longer than `timeouts.attempt` or `call_options::attempt_timeout`.
  attempt_timeout,
  /// The dial took longer than `timeouts.connect`.
  connect_timeout,
  /// No connection came free within `pool.acquire_timeout`.
  acquire_timeout,

  // The pool.

  /// `pool.max_waiters` calls were waiting for a connection.
  queue_full = 40,

  // Reaching the server.

  /// The host name did not resolve.
  resolve_failed = 60,
  /// No address of the host accepted a connection, or the proxy could not reach the host.
  connect_failed,
  /// The server closed the connection before the response was complete.
  connection_closed,
  /// The connection was lost: reset by the peer, host unreachable, keep-alive probes unanswered.
  connection_reset,
  /// The proxy refused the tunnel to this host, or the credentials. The error's cause has its
  /// status.
  proxy_refused,

  // TLS.

  /// The handshake failed: no common version or cipher, an alert, no TLS server.
  tls_handshake_failed = 80,
  /// The server's certificate was refused: expired, another host's, of an unknown authority,
  /// self-signed, revoked, not pinned.
  tls_certificate_refused,
  /// TLS broke after the handshake: a bad record, a truncated stream, a client certificate that the
  /// server refused.
  tls_failed,

  // HTTP.

  /// The response breaks RFC 9112. The error's cause says how.
  bad_response = 100,
  /// The server, or the proxy, switched protocols (101).
  unexpected_protocol,

  // Limits, named by the error's cause.

  /// `limits.header_bytes`, `limits.header_fields` or `limits.informational_responses`.
  header_limit = 120,
  /// `limits.body_bytes`, or `log_options::max_line_bytes`.
  body_limit,
  /// `limits.json_depth`.
  json_depth_limit,

  // The document.

  /// The response was not the document that the API promises. `error::decode()` says where.
  decode_failed = 140,
  /// A successful response was not labelled as JSON.
  unexpected_content_type,
  /// The API offers no link for the operation: it is not permitted, or this kind has no such thing.
  unsupported,

  // Statuses of the API.

  /// 400. `error::server()` has the members that the API refused.
  bad_request = 160,
  /// 401, also after the access token was renewed once.
  unauthorized,
  /// 402.
  payment_required,
  /// 403.
  forbidden,
  /// 404.
  not_found,
  /// 409.
  conflict,
  /// 429, or a pause that the server has asked for and that ends after the call's deadline.
  rate_limited,
  /// Any other 4xx.
  request_rejected,
  /// 5xx.
  server_error,
  /// A status that is no outcome of this operation: 3xx (redirects are not followed), or a 2xx
  /// without a body.
  unexpected_status,
  /// The token endpoint refused the API token (`invalid_grant`, RFC 6749 section 5.2): it was
  /// revoked or is invalid.
  credentials_refused,
  /// 401 `insufficient_user_authentication` (RFC 9470): a person has to sign in again. Another
  /// token of the same credentials does not help.
  step_up_required,
};

/// The name of a code as written above, such as "connect_timeout".
UPSUN_EXPORT std::string_view to_string(errc code) noexcept;

/// What a program does something about. Compare errors with it: `if (error ==
/// upsun::condition::not_found)`.
enum class condition {
  /// `errc::invalid_argument`.
  invalid_argument = 1,
  /// `errc::client_closed`.
  closed,
  /// `errc::cancelled`, and Asio's `operation_aborted`.
  cancelled,
  /// `errc::deadline_exceeded`, `attempt_timeout`, `connect_timeout`, `acquire_timeout`.
  timeout,
  /// `errc::queue_full`, `acquire_timeout`.
  pool_exhausted,
  /// The server was not reached, or the connection was lost: `errc::resolve_failed`,
  /// `connect_failed`, `connect_timeout`, `connection_closed`, `connection_reset`, `proxy_refused`.
  connection,
  /// `errc::tls_handshake_failed`, `tls_certificate_refused`, `tls_failed`.
  tls,
  /// `errc::bad_response`, `unexpected_protocol`, `unexpected_status`.
  protocol,
  /// `errc::header_limit`, `body_limit`, `json_depth_limit`.
  limit_exceeded,
  /// `errc::decode_failed`, `json_depth_limit`, `unexpected_content_type`.
  decode,
  /// 400.
  bad_request,
  /// `errc::unauthorized`, `credentials_refused`, `step_up_required`, `token_source_failed`.
  unauthorized,
  /// 402.
  payment_required,
  /// 403.
  forbidden,
  /// 404.
  not_found,
  /// 409.
  conflict,
  /// `errc::rate_limited`.
  rate_limited,
  /// Any 4xx, and `errc::credentials_refused`.
  client_error,
  /// Any 5xx.
  server_error,
  /// `errc::unsupported`.
  unsupported,
};
/// The number of conditions, counting 0, which is none.
inline constexpr std::size_t condition_count = 21;
/// The name of a condition as written above, such as "rate_limited"; "other" for none.
UPSUN_EXPORT std::string_view to_string(condition c) noexcept;

/// The category of `errc`, named "upsun". The default condition of a code is the first of its
/// conditions.
///
/// Thread safety: a constant.
UPSUN_EXPORT const boost::system::error_category& error_category() noexcept;
/// The category of `condition`, named "upsun.condition".
///
/// Thread safety: a constant.
UPSUN_EXPORT const boost::system::error_category& condition_category() noexcept;

/// The error code of a value of `errc`.
[[nodiscard]] inline error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}
/// The error condition of a value of `condition`.
[[nodiscard]] inline error_condition make_error_condition(condition c) noexcept {
  return {static_cast<int>(c), condition_category()};
}

/// The part of a call in which it ended.
enum class phase {
  /// Checking arguments, before anything else.
  admission,
  /// Waiting for a connection of the pool, or for the fetch of another call.
  queue,
  /// Looking up the host name.
  resolve,
  /// TCP, and the tunnel through a proxy.
  connect,
  /// The TLS handshake.
  handshake,
  /// Waiting for an access token.
  token,
  /// Sending the request.
  write,
  /// Waiting for the response's head, and reading it.
  read_head,
  /// Reading the response's body, and judging its status.
  read_body,
  /// Decoding the response.
  decode,
  /// Waiting between two attempts.
  backoff,
};
/// The name of a phase as written above, such as "read_head".
UPSUN_EXPORT std::string_view to_string(phase p) noexcept;

/// A member that the server refused. Text from outside, not trusted.
struct field_error {
  /// The member's name, such as "url" or "headers.name", also for each of several messages about
  /// it; its index where the server numbers what names nothing. Empty: the server named none.
  std::string field;
  /// What the server says is wrong.
  std::string message;
  friend bool operator==(const field_error&, const field_error&) = default;
};

/// What the server itself said about a failure. Text from outside, not trusted: kept apart from
/// `error::message()`, without control characters, at most 1 KiB each and 64 fields.
struct server_message {
  /// The first of `message`, `error_description`, `error` (or its member `message`) and
  /// problem+json's `title` (RFC 9457) that was sent.
  std::string message;
  /// OAuth2's `error` (RFC 6749 section 5.2), the `code` of an `error` that is an object,
  /// problem+json's `type`, or `code` as text. Empty: none was sent.
  std::string code;
  /// What `detail`, `errors` and `violations` say, whether as a string, by member, or as a list of
  /// complaints; each only once.
  std::vector<field_error> fields;
  friend bool operator==(const server_message&, const server_message&) = default;
};

/// Where a document differs from what was expected.
struct decode_mismatch {
  /// JSON pointer (RFC 6901) of the value. Empty: the document itself.
  std::string pointer;
  /// What was expected, such as "string", "RFC 3339 timestamp" or "a member".
  std::string expected;
  /// What was found, such as "null", "number", "missing" or "end of input"; never the value itself.
  std::string found;
  /// Byte offset in the document.
  std::size_t offset = 0;
  friend bool operator==(const decode_mismatch&, const decode_mismatch&) = default;
};

/// How long the parts of a call took. Zero: the call did not reach that part. All but `total` are
/// those of the last attempt.
struct call_timings {
  /// From asking for a connection to having one, dialling included.
  std::chrono::nanoseconds queue{};
  /// From the lease of the connection to the first byte of the response.
  std::chrono::nanoseconds first_byte{};
  /// From the first byte of the response to the last.
  std::chrono::nanoseconds transfer{};
  /// The whole call.
  std::chrono::nanoseconds total{};
  friend bool operator==(const call_timings&, const call_timings&) = default;
};

/// What is known about a failed operation.
struct error_details {
  /// Where it ended.
  upsun::phase phase = upsun::phase::admission;
  /// The reason behind the code, such as "self-signed certificate", in words of the client or of
  /// the operating system.
  std::string cause;
  /// The request's method, such as "GET".
  std::string method;
  /// The request's path without ids and query, such as
  /// "/projects/{projectId}/integrations/{integrationId}".
  std::string path_template;
  /// The status of the response. Zero: none came.
  int status = 0;
  /// What the server said, when it sent a response that is an error.
  std::optional<server_message> server;
  /// Where the document differs from the API's contract, for `errc::decode_failed` and
  /// `json_depth_limit`.
  std::optional<decode_mismatch> decode;
  /// The response's `x-request-id` header. Empty: none was sent.
  std::string request_id;
  /// Attempts made, the first included. Zero: nothing was sent.
  unsigned attempts = 0;
  /// The response's `Retry-After` (RFC 9110 section 10.2.3). A date is counted from the response's
  /// `Date`; never negative.
  std::optional<std::chrono::seconds> retry_after;
  /// Whether the same operation may be started again without doing anything twice: the request is
  /// idempotent, or nothing of it was sent.
  bool safe_to_retry = false;
  /// Whether the fetch was begun for another call (`client_config::coalesce`).
  bool shared = false;
  /// How long each part took.
  call_timings timings;
};

/// Why an operation failed: a code to compare, and details. Copies share the details, which are
/// constant. No text of it holds a token, a secret or a response body.
///
/// Thread safety: distinct objects may be used by distinct threads, also copies of one another.
class [[nodiscard]] UPSUN_EXPORT error {
 public:
  /// No failure.
  error() = default;
  /// A code without details.
  // NOLINTNEXTLINE(google-explicit-constructor): `return errc::x;` makes a result
  error(errc code);
  /// A code with details.
  error(errc code, error_details details);
  /// A code of any category, such as Asio's, with details.
  error(error_code code, error_details details);

  /// The code; without a value (`!code()`) when there is no failure.
  [[nodiscard]] const error_code& code() const noexcept { return code_; }
  /// The details; default ones when there are none. Live as long as any copy of this error.
  [[nodiscard]] const error_details& details() const noexcept;

  /// Where the operation ended.
  [[nodiscard]] upsun::phase phase() const noexcept { return details().phase; }
  /// The status of the response. Zero: none came.
  [[nodiscard]] int status() const noexcept { return details().status; }
  /// See `error_details::safe_to_retry`.
  [[nodiscard]] bool safe_to_retry() const noexcept { return details().safe_to_retry; }
  /// What the server said. Null: nothing.
  [[nodiscard]] const server_message* server() const noexcept;
  /// Where the document differs from the API's contract. Null: the failure is another one.
  [[nodiscard]] const decode_mismatch* decode() const noexcept;

  /// One line for a log: code, cause, status, method, path template and phase. It holds no text of
  /// the server and no secret.
  [[nodiscard]] std::string message() const;

  /// Whether the code belongs to a condition.
  friend bool operator==(const error& e, condition c) noexcept {
    return e.code_ == make_error_condition(c);
  }
  /// Whether the code is this one.
  friend bool operator==(const error& e, errc c) noexcept { return e.code_ == make_error_code(c); }

 private:
  error_code code_;
  std::shared_ptr<const error_details> details_;
};

/// Prints `error::message()`.
UPSUN_EXPORT std::ostream& operator<<(std::ostream& out, const error& e);

/// What `result<T>::value()` and `throw_errors` throw: a `boost::system::system_error` that carries
/// the whole error.
class UPSUN_EXPORT call_failed : public boost::system::system_error {
 public:
  /// \param e what to throw
  explicit call_failed(upsun::error e);
  /// The error, with its details.
  [[nodiscard]] const upsun::error& error() const noexcept { return error_; }
  /// `error().message()`
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  upsun::error error_;
  std::string message_;
};

/// Throws `call_failed`. Called by `boost::system::result` when `value()` finds an error.
[[noreturn]] UPSUN_EXPORT void throw_exception_from_error(const error& e,
                                                          const boost::source_location& where);

}  // namespace upsun

/// \cond
template <>
struct boost::system::is_error_code_enum<upsun::errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<upsun::condition> : std::true_type {};
/// \endcond
