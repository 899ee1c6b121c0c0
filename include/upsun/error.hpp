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

using error_code = boost::system::error_code;
using error_condition = boost::system::error_condition;

/// What exactly went wrong. Every code belongs to one or more `condition`s, which is what programs
/// usually compare with. Values are stable: new ones are added at the end of their group.
enum class errc {
  // The caller.
  invalid_argument = 1,  ///< An argument was refused before anything was sent: an empty id, a
                         ///< control character in a header.
  client_closed,         ///< The client no longer admits calls: `async_close` was called.
  cancelled,             ///< The caller cancelled this call, or destroyed the client under it.
  token_source_failed,  ///< The caller's `token_source` threw, gave no usable token, or dropped its
                        ///< handler.

  // Time. Each also compares equal to `condition::timeout`.
  deadline_exceeded = 20,  ///< The call's total deadline passed.
  attempt_timeout,         ///< One exchange took longer than `timeouts.attempt`.
  connect_timeout,  ///< Resolving, connecting and the TLS handshake together took longer than
                    ///< `timeouts.connect`.
  acquire_timeout,  ///< No connection of the pool came free within `pool.acquire_timeout`.

  // The pool.
  queue_full = 40,  ///< `pool.max_waiters` calls were waiting for a connection already.

  // Reaching the server.
  resolve_failed = 60,  ///< The host name did not resolve.
  connect_failed,  ///< No address of the host accepted a connection, or the proxy could not reach
                   ///< it.
  connection_closed,  ///< The server closed the connection before the response was complete.
  connection_reset,   ///< Reading or writing failed: reset by peer, host unreachable, keep-alive
                      ///< lost.
  proxy_refused,  ///< The proxy opens no tunnel to this host, or not with these credentials; the
                  ///< error's cause has its status.

  // TLS.
  tls_handshake_failed =
      80,  ///< The handshake failed: no common version or cipher, an alert, not a TLS server.
  tls_certificate_refused,  ///< The certificate did not verify: expired, wrong host, unknown
                            ///< authority, self-signed.
  tls_failed,               ///< TLS broke after the handshake: a bad record, a truncated stream.

  // HTTP framing.
  bad_response = 100,   ///< The response breaks RFC 9112; the error's cause says where.
  unexpected_protocol,  ///< The server switched protocols (101) or negotiated another one.

  // Limits of the client, each named by the error's cause.
  header_limit =
      120,  ///< `limits.header_bytes`, `limits.header_fields` or `limits.informational_responses`.
  body_limit,        ///< `limits.body_bytes`.
  json_depth_limit,  ///< `limits.json_depth`.

  // The document.
  decode_failed = 140,      ///< Not the JSON that was expected; `error::decode()` says where.
  unexpected_content_type,  ///< A successful status with something other than JSON.
  unsupported,  ///< The API offers no link for the operation: it is not permitted, or not supported
                ///< by this kind.

  // Statuses the API answers with.
  bad_request = 160,  ///< 400, also validation failures: `error::server()` has the fields.
  unauthorized,       ///< 401, also after the token was renewed once
  payment_required,   ///< 402
  forbidden,          ///< 403
  not_found,          ///< 404
  conflict,           ///< 409
  rate_limited,       ///< 429
  request_rejected,   ///< Any other 4xx.
  server_error,       ///< 5xx
  unexpected_status,  ///< A status that answers nothing here: 3xx (redirects are not followed), 2xx
                      ///< without a body.
  credentials_refused,  ///< The token endpoint refused the API token (`invalid_grant`, RFC 6749
                        ///< section 5.2): it was revoked, or never was one.
  step_up_required,  ///< 401 `insufficient_user_authentication` (RFC 9470): a person has to sign in
                     ///< again; no other token of the same credentials will do.
};

/// The name of a code as written above, such as "connect_timeout".
UPSUN_EXPORT std::string_view to_string(errc code) noexcept;

/// What a program does something about. Compare with `==`: `if (error ==
/// upsun::condition::not_found)`.
enum class condition {
  invalid_argument = 1,  ///< `errc::invalid_argument`
  closed,                ///< `errc::client_closed`
  cancelled,             ///< `errc::cancelled`, and Asio's `operation_aborted`
  timeout,               ///< any of the four timeouts
  pool_exhausted,        ///< `errc::queue_full`, `errc::acquire_timeout`
  connection,      ///< could not reach the server or lost it: resolve, connect, close, reset, proxy
  tls,             ///< any `tls_*`
  protocol,        ///< the answer was not HTTP as it must be
  limit_exceeded,  ///< an answer over a limit of the client
  decode,          ///< the answer was HTTP, but not the document expected
  bad_request,     ///< 400
  unauthorized,    ///< 401, a refused API token, a demand for step-up, `errc::token_source_failed`
  payment_required,  ///< 402
  forbidden,         ///< 403
  not_found,         ///< 404
  conflict,          ///< 409
  rate_limited,      ///< 429
  client_error,      ///< any 4xx
  server_error,      ///< any 5xx
  unsupported,       ///< `errc::unsupported`
};
inline constexpr std::size_t condition_count = 21;  ///< Number 0, no condition, counted too.
/// The name of a condition as written above, such as "rate_limited"; "other" for none.
UPSUN_EXPORT std::string_view to_string(condition c) noexcept;

/// The category of `errc`; its name is "upsun". The default condition of a code is the first of its
/// conditions. A singleton, safe from any thread.
UPSUN_EXPORT const boost::system::error_category& error_category() noexcept;
/// The category of `condition`; its name is "upsun.condition".
UPSUN_EXPORT const boost::system::error_category& condition_category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}
[[nodiscard]] inline error_condition make_error_condition(condition c) noexcept {
  return {static_cast<int>(c), condition_category()};
}

/// The part of a call in which it ended.
enum class phase {
  admission,  ///< checking arguments, before anything else
  queue,      ///< waiting for a connection of the pool, or for the fetch of another call
  resolve,    ///< looking the host name up
  connect,    ///< TCP, and the tunnel through a proxy
  handshake,  ///< TLS
  token,      ///< waiting for an access token
  write,      ///< sending the request
  read_head,  ///< waiting for and reading the response's head
  read_body,  ///< reading the response's body
  decode,     ///< from bytes to values
  backoff,    ///< between two attempts
};
/// The name of a phase as it stands in messages, such as "read_head".
UPSUN_EXPORT std::string_view to_string(phase p) noexcept;

/// One field the server complained about.
struct field_error {
  std::string field;  ///< The member's name, or its index where the server numbers them; empty when
                      ///< it names none.
  std::string message;  ///< The complaint.
  friend bool operator==(const field_error&, const field_error&) = default;
};

/// What the server itself said about a failure: text from outside, never trusted, bounded in
/// length, and kept apart from `error::message()`.
struct server_message {
  std::string message;  ///< `message`, `error_description`, `error` or problem+json's `title`, in
                        ///< this order of preference.
  std::string code;  ///< `error` of OAuth2, `type` of problem+json, or the numeric `code`, as text.
  std::vector<field_error>
      fields;  ///< `detail`, whether the server sent a string, an object or an array.
  friend bool operator==(const server_message&, const server_message&) = default;
};

/// Where a document differs from what was expected.
struct decode_mismatch {
  std::string pointer;   ///< JSON pointer (RFC 6901) of the value; empty for the document itself.
  std::string expected;  ///< "string", "RFC 3339 timestamp", "a member" ...
  std::string found;  ///< "null", "number", "missing", "end of input" ... never the value itself.
  std::size_t offset = 0;  ///< Byte offset in the body.
  friend bool operator==(const decode_mismatch&, const decode_mismatch&) = default;
};

/// Where a call's time went. Zero for a phase the call did not pass through.
struct call_timings {
  std::chrono::nanoseconds
      queue{};  ///< From admission to a leased connection; a new connection's dial is part of it.
  std::chrono::nanoseconds first_byte{};  ///< From the lease to the response's first byte.
  std::chrono::nanoseconds transfer{};    ///< From the first byte to the last.
  std::chrono::nanoseconds total{};       ///< The whole call.
  friend bool operator==(const call_timings&, const call_timings&) = default;
};

/// Everything known about a failed call.
struct error_details {
  upsun::phase phase = upsun::phase::admission;  ///< Where it ended.
  std::string cause;   ///< The reason below the code, such as "self-signed certificate"; the
                       ///< client's or the operating system's words.
  std::string method;  ///< "GET"
  std::string
      path_template;  ///< "/projects/{projectId}/integrations/{integrationId}": no id, no query.
  int status = 0;     ///< The HTTP status; 0 when no response came.
  std::optional<server_message> server;   ///< The server's own words.
  std::optional<decode_mismatch> decode;  ///< For `condition::decode`.
  std::string request_id;                 ///< The response's `x-request-id` header, when sent.
  unsigned attempts = 0;                  ///< Attempts made, the first included.
  std::optional<std::chrono::seconds>
      retry_after;  ///< The response's `Retry-After`; a date is counted from the response's `Date`.
  bool safe_to_retry = false;  ///< The same call may be made again without doing anything twice.
  bool shared = false;   ///< The fetch was begun for another call (`client_config::coalesce`).
  call_timings timings;  ///< Where the time went.
};

/// Why an operation failed: a code to compare, and the details. Cheap to copy (the details are
/// shared and constant). No text of it holds a token, a secret or a response body. Thread safety:
/// distinct objects may be used from distinct threads, also when copies of one another.
class [[nodiscard]] UPSUN_EXPORT error {
 public:
  /// No failure; only useful to assign to.
  error() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return errc::x;` makes a result
  error(errc code);
  error(errc code, error_details details);
  error(error_code code, error_details details);

  [[nodiscard]] const error_code& code() const noexcept { return code_; }
  [[nodiscard]] const error_details& details() const noexcept;

  [[nodiscard]] upsun::phase phase() const noexcept { return details().phase; }
  [[nodiscard]] int status() const noexcept { return details().status; }
  [[nodiscard]] bool safe_to_retry() const noexcept { return details().safe_to_retry; }
  /// The server's own words, or null.
  [[nodiscard]] const server_message* server() const noexcept;
  /// Where the document differs, or null.
  [[nodiscard]] const decode_mismatch* decode() const noexcept;

  /// One line for a log: code, phase, cause, status and path template. Holds no server text and no
  /// secret.
  [[nodiscard]] std::string message() const;

  friend bool operator==(const error& e, condition c) noexcept {
    return e.code_ == make_error_condition(c);
  }
  friend bool operator==(const error& e, errc c) noexcept { return e.code_ == make_error_code(c); }

 private:
  error_code code_;
  std::shared_ptr<const error_details> details_;
};

/// Prints `error::message()`.
UPSUN_EXPORT std::ostream& operator<<(std::ostream& out, const error& e);

/// What `result<T>::value()` throws: a `boost::system::system_error` that also carries the whole
/// error.
class UPSUN_EXPORT call_failed : public boost::system::system_error {
 public:
  explicit call_failed(upsun::error e);
  [[nodiscard]] const upsun::error& error() const noexcept { return error_; }
  /// `error().message()`
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

 private:
  upsun::error error_;
  std::string message_;
};

/// Called by `boost::system::result` when `.value()` meets an error.
[[noreturn]] UPSUN_EXPORT void throw_exception_from_error(const error& e,
                                                          const boost::source_location& where);

}  // namespace upsun

/// \cond
template <>
struct boost::system::is_error_code_enum<upsun::errc> : std::true_type {};
template <>
struct boost::system::is_error_condition_enum<upsun::condition> : std::true_type {};
/// \endcond
