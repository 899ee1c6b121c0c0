#include <upsun/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/throw_exception.hpp>

#include <array>
#include <initializer_list>
#include <ostream>
#include <utility>

namespace upsun {
namespace {

struct code_entry {
  errc code;
  std::string_view name;
  std::string_view text;
  std::array<condition, 2> conditions;  // the second repeats the first where a code has one only
};

constexpr code_entry one(errc code, std::string_view name, condition c, std::string_view text) {
  return {code, name, text, {c, c}};
}
constexpr code_entry two(errc code, std::string_view name, condition c, condition d,
                         std::string_view text) {
  return {code, name, text, {c, d}};
}

constexpr std::array codes{
    one(errc::invalid_argument, "invalid_argument", condition::invalid_argument,
        "invalid argument"),
    one(errc::client_closed, "client_closed", condition::closed, "the client is closed"),
    one(errc::cancelled, "cancelled", condition::cancelled, "the call was cancelled"),
    one(errc::deadline_exceeded, "deadline_exceeded", condition::timeout,
        "the call's deadline passed"),
    one(errc::attempt_timeout, "attempt_timeout", condition::timeout, "the exchange took too long"),
    two(errc::connect_timeout, "connect_timeout", condition::timeout, condition::connection,
        "connecting took too long"),
    two(errc::acquire_timeout, "acquire_timeout", condition::timeout, condition::pool_exhausted,
        "no connection came free in time"),
    one(errc::queue_full, "queue_full", condition::pool_exhausted,
        "too many calls are waiting for a connection"),
    one(errc::resolve_failed, "resolve_failed", condition::connection,
        "the host name did not resolve"),
    one(errc::connect_failed, "connect_failed", condition::connection,
        "the host could not be reached"),
    one(errc::connection_closed, "connection_closed", condition::connection,
        "the server closed the connection"),
    one(errc::connection_reset, "connection_reset", condition::connection,
        "the connection was lost"),
    one(errc::proxy_refused, "proxy_refused", condition::connection, "the proxy opened no tunnel"),
    one(errc::tls_handshake_failed, "tls_handshake_failed", condition::tls,
        "the TLS handshake failed"),
    one(errc::tls_certificate_refused, "tls_certificate_refused", condition::tls,
        "the server's certificate was refused"),
    one(errc::tls_failed, "tls_failed", condition::tls, "TLS failed"),
    one(errc::bad_response, "bad_response", condition::protocol, "the response is not valid HTTP"),
    one(errc::unexpected_protocol, "unexpected_protocol", condition::protocol,
        "the server speaks another protocol"),
    one(errc::header_limit, "header_limit", condition::limit_exceeded,
        "the response's header is over a limit"),
    one(errc::body_limit, "body_limit", condition::limit_exceeded,
        "the response's body is over the limit"),
    two(errc::json_depth_limit, "json_depth_limit", condition::limit_exceeded, condition::decode,
        "the document is nested too deeply"),
    one(errc::decode_failed, "decode_failed", condition::decode,
        "the document is not what was expected"),
    one(errc::unexpected_content_type, "unexpected_content_type", condition::decode,
        "the response is not JSON"),
    one(errc::unsupported, "unsupported", condition::unsupported,
        "the API offers no such link: not permitted, or not supported"),
    two(errc::bad_request, "bad_request", condition::bad_request, condition::client_error,
        "the server refused the request"),
    two(errc::unauthorized, "unauthorized", condition::unauthorized, condition::client_error,
        "the server did not accept the credentials"),
    two(errc::payment_required, "payment_required", condition::payment_required,
        condition::client_error, "payment is required"),
    two(errc::forbidden, "forbidden", condition::forbidden, condition::client_error,
        "access is forbidden"),
    two(errc::not_found, "not_found", condition::not_found, condition::client_error, "not found"),
    two(errc::conflict, "conflict", condition::conflict, condition::client_error,
        "conflict with the present state"),
    two(errc::rate_limited, "rate_limited", condition::rate_limited, condition::client_error,
        "too many requests"),
    one(errc::request_rejected, "request_rejected", condition::client_error,
        "the server rejected the request"),
    one(errc::server_error, "server_error", condition::server_error, "the server failed"),
    one(errc::token_source_failed, "token_source_failed", condition::unauthorized,
        "the token source failed"),
    two(errc::credentials_refused, "credentials_refused", condition::unauthorized,
        condition::client_error, "the credentials were refused"),
    two(errc::step_up_required, "step_up_required", condition::unauthorized,
        condition::client_error, "a person has to sign in again"),
    one(errc::unexpected_status, "unexpected_status", condition::protocol,
        "a status that answers nothing here"),
};

const code_entry* find(int value) noexcept {
  for (const code_entry& entry : codes) {
    if (static_cast<int>(entry.code) == value) return &entry;
  }
  return nullptr;
}

class error_category_impl final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "upsun"; }
  std::string message(int value) const override {
    const code_entry* entry = find(value);
    return std::string(entry != nullptr ? entry->text : "unknown error");
  }
  error_condition default_error_condition(int value) const noexcept override {
    const code_entry* entry = find(value);
    return entry != nullptr ? make_error_condition(entry->conditions[0])
                            : error_condition(value, *this);
  }
};

constexpr std::array<std::string_view, condition_count> condition_identifiers{
    "other",          "invalid_argument", "closed",       "cancelled",        "timeout",
    "pool_exhausted", "connection",       "tls",          "protocol",         "limit_exceeded",
    "decode",         "bad_request",      "unauthorized", "payment_required", "forbidden",
    "not_found",      "conflict",         "rate_limited", "client_error",     "server_error",
    "unsupported"};

constexpr std::array condition_names{
    "",
    "invalid argument",
    "closed",
    "cancelled",
    "timeout",
    "pool exhausted",
    "connection failure",
    "TLS failure",
    "protocol violation",
    "limit exceeded",
    "decoding failure",
    "bad request",
    "unauthorized",
    "payment required",
    "forbidden",
    "not found",
    "conflict",
    "rate limited",
    "client error",
    "server error",
    "unsupported",
};

class condition_category_impl final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "upsun.condition"; }
  std::string message(int value) const override {
    return value > 0 && static_cast<std::size_t>(value) < condition_names.size()
               ? condition_names[static_cast<std::size_t>(value)]
               : "unknown condition";
  }
  bool equivalent(const error_code& code, int value) const noexcept override {
    const auto wanted = static_cast<condition>(value);
    if (code == boost::asio::error::operation_aborted) return wanted == condition::cancelled;
    if (code.category() != upsun::error_category()) return false;
    const code_entry* entry = find(code.value());
    return entry != nullptr && (entry->conditions[0] == wanted || entry->conditions[1] == wanted);
  }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const error_category_impl category;
  return category;
}

const boost::system::error_category& condition_category() noexcept {
  static const condition_category_impl category;
  return category;
}

std::string_view to_string(errc code) noexcept {
  const code_entry* entry = find(static_cast<int>(code));
  return entry != nullptr ? entry->name : "unknown";
}

std::string_view to_string(condition c) noexcept {
  const auto index = static_cast<std::size_t>(c);
  return index < condition_identifiers.size() ? condition_identifiers[index] : "unknown";
}

std::string_view to_string(phase p) noexcept {
  constexpr std::array<std::string_view, 11> names{"admission", "queue",  "resolve", "connect",
                                                   "handshake", "token",  "write",   "read_head",
                                                   "read_body", "decode", "backoff"};
  const auto index = static_cast<std::size_t>(p);
  return index < names.size() ? names[index] : "unknown";
}

error::error(errc code) : code_(make_error_code(code)) {}
error::error(errc code, error_details details) : error(make_error_code(code), std::move(details)) {}
error::error(error_code code, error_details details)
    : code_(code), details_(std::make_shared<const error_details>(std::move(details))) {}

const error_details& error::details() const noexcept {
  static const error_details none;
  return details_ ? *details_ : none;
}

const server_message* error::server() const noexcept {
  const auto& server = details().server;
  return server ? &*server : nullptr;
}

const decode_mismatch* error::decode() const noexcept {
  const auto& decode = details().decode;
  return decode ? &*decode : nullptr;
}

std::string error::message() const {
  if (!code_) return "no error";
  const error_details& d = details();
  std::string text = code_.message();
  if (!d.cause.empty()) text.append(": ").append(d.cause);
  if (d.status != 0) text.append(" (HTTP ").append(std::to_string(d.status)).append(")");
  if (details_ && !d.method.empty())
    text.append(" [")
        .append(d.method)
        .append(" ")
        .append(d.path_template)
        .append(", ")
        .append(to_string(d.phase))
        .append("]");
  return text;
}

std::ostream& operator<<(std::ostream& out, const error& e) { return out << e.message(); }

call_failed::call_failed(upsun::error e)
    : boost::system::system_error(e.code()), error_(std::move(e)), message_(error_.message()) {}

void throw_exception_from_error(const error& e, const boost::source_location& where) {
  boost::throw_with_location(call_failed(e), where);
}

}  // namespace upsun
