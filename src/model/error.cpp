#include <upsun/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/throw_exception.hpp>

#include <array>
#include <ostream>
#include <utility>

namespace upsun {
namespace {

struct code_entry {
  errc code;
  std::string_view name;
  std::string_view text;
  condition first;
  condition second{};  // zero, which is no condition, where a code has one only
};

constexpr code_entry codes[] = {
    {errc::invalid_argument, "invalid_argument", "invalid argument", condition::invalid_argument},
    {errc::client_closed, "client_closed", "the client is closed", condition::closed},
    {errc::cancelled, "cancelled", "the call was cancelled", condition::cancelled},
    {errc::deadline_exceeded, "deadline_exceeded", "the call's deadline passed",
     condition::timeout},
    {errc::attempt_timeout, "attempt_timeout", "the exchange took too long", condition::timeout},
    {errc::connect_timeout, "connect_timeout", "connecting took too long", condition::timeout,
     condition::connection},
    {errc::acquire_timeout, "acquire_timeout", "no connection came free in time",
     condition::timeout, condition::pool_exhausted},
    {errc::queue_full, "queue_full", "too many calls are waiting for a connection",
     condition::pool_exhausted},
    {errc::resolve_failed, "resolve_failed", "the host name did not resolve",
     condition::connection},
    {errc::connect_failed, "connect_failed", "the host could not be reached",
     condition::connection},
    {errc::connection_closed, "connection_closed", "the server closed the connection",
     condition::connection},
    {errc::connection_reset, "connection_reset", "the connection was lost", condition::connection},
    {errc::proxy_refused, "proxy_refused", "the proxy opened no tunnel", condition::connection},
    {errc::tls_handshake_failed, "tls_handshake_failed", "the TLS handshake failed",
     condition::tls},
    {errc::tls_certificate_refused, "tls_certificate_refused",
     "the server's certificate was refused", condition::tls},
    {errc::tls_failed, "tls_failed", "TLS failed", condition::tls},
    {errc::bad_response, "bad_response", "the response is not valid HTTP", condition::protocol},
    {errc::unexpected_protocol, "unexpected_protocol", "the server speaks another protocol",
     condition::protocol},
    {errc::header_limit, "header_limit", "the response's header is over a limit",
     condition::limit_exceeded},
    {errc::body_limit, "body_limit", "the response's body is over the limit",
     condition::limit_exceeded},
    {errc::json_depth_limit, "json_depth_limit", "the document is nested too deeply",
     condition::limit_exceeded, condition::decode},
    {errc::decode_failed, "decode_failed", "the document is not what was expected",
     condition::decode},
    {errc::unexpected_content_type, "unexpected_content_type", "the response is not JSON",
     condition::decode},
    {errc::unsupported, "unsupported",
     "the API offers no such link: not permitted, or not supported", condition::unsupported},
    {errc::bad_request, "bad_request", "the server refused the request", condition::bad_request,
     condition::client_error},
    {errc::unauthorized, "unauthorized", "the server did not accept the credentials",
     condition::unauthorized, condition::client_error},
    {errc::payment_required, "payment_required", "payment is required", condition::payment_required,
     condition::client_error},
    {errc::forbidden, "forbidden", "access is forbidden", condition::forbidden,
     condition::client_error},
    {errc::not_found, "not_found", "not found", condition::not_found, condition::client_error},
    {errc::conflict, "conflict", "conflict with the present state", condition::conflict,
     condition::client_error},
    {errc::rate_limited, "rate_limited", "too many requests", condition::rate_limited,
     condition::client_error},
    {errc::request_rejected, "request_rejected", "the server rejected the request",
     condition::client_error},
    {errc::server_error, "server_error", "the server failed", condition::server_error},
    {errc::token_source_failed, "token_source_failed", "the token source failed",
     condition::unauthorized},
    {errc::credentials_refused, "credentials_refused", "the credentials were refused",
     condition::unauthorized, condition::client_error},
    {errc::step_up_required, "step_up_required", "a person has to sign in again",
     condition::unauthorized, condition::client_error},
    {errc::unexpected_status, "unexpected_status", "a status that is not expected here",
     condition::protocol},
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
    return entry != nullptr ? make_error_condition(entry->first) : error_condition(value, *this);
  }
};

struct condition_entry {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<condition_entry, condition_count> conditions{{
    {"other", "unknown condition"},
    {"invalid_argument", "invalid argument"},
    {"closed", "closed"},
    {"cancelled", "cancelled"},
    {"timeout", "timeout"},
    {"pool_exhausted", "pool exhausted"},
    {"connection", "connection failure"},
    {"tls", "TLS failure"},
    {"protocol", "protocol violation"},
    {"limit_exceeded", "limit exceeded"},
    {"decode", "decoding failure"},
    {"bad_request", "bad request"},
    {"unauthorized", "unauthorized"},
    {"payment_required", "payment required"},
    {"forbidden", "forbidden"},
    {"not_found", "not found"},
    {"conflict", "conflict"},
    {"rate_limited", "rate limited"},
    {"client_error", "client error"},
    {"server_error", "server error"},
    {"unsupported", "unsupported"},
}};

class condition_category_impl final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "upsun.condition"; }
  std::string message(int value) const override {
    const auto index = static_cast<std::size_t>(value);
    return std::string(conditions[index < conditions.size() ? index : 0].text);
  }
  bool equivalent(const error_code& code, int value) const noexcept override {
    const auto wanted = static_cast<condition>(value);
    if (code == boost::asio::error::operation_aborted) return wanted == condition::cancelled;
    if (code.category() != upsun::error_category()) return false;
    const code_entry* entry = find(code.value());
    return entry != nullptr && (entry->first == wanted || entry->second == wanted);
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
  return index < conditions.size() ? conditions[index].name : "unknown";
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
