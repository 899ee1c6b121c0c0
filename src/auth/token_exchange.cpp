#include "auth/token_exchange.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/operation.hpp"
#include "codec/mended_json.hpp"
#include "util/ascii.hpp"

namespace upsun::auth {
namespace {

namespace json = boost::json;

/// The response cannot be understood.
error refuse(const http_response& response, std::string cause) {
  error_details details;
  details.status = response.status;
  details.request_id = response.request_id;
  details.cause = std::move(cause);
  return token_failure("token exchange", {errc::decode_failed, std::move(details)});
}

/// application/x-www-form-urlencoded of one value.
void append_encoded(std::string& out, std::string_view value) {
  static constexpr std::string_view plain = "-._*";  // beside letters and digits
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (util::is_alphanumeric(c) || plain.find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out.append({'%', digits[byte >> 4U], digits[byte & 15U]});
    }
  }
}

/// A server may quote what it refuses; a host's name, in lower case.
void redact(std::string& text, std::string_view secret) {
  constexpr std::string_view mark = "[redacted]";
  if (secret.empty()) return;
  const auto same = [](char a, char b) { return util::to_lower(a) == util::to_lower(b); };
  for (auto at = text.begin();;) {
    at = std::search(at, text.end(), secret.begin(), secret.end(), same);
    if (at == text.end()) return;
    const auto begin = at - text.begin();
    text.replace(static_cast<std::size_t>(begin), secret.size(), mark);
    at = text.begin() + begin + static_cast<std::ptrdiff_t>(mark.size());
  }
}

void redact(server_message& said, std::string_view secret) {
  redact(said.message, secret);
  redact(said.code, secret);
  for (field_error& each : said.fields) {
    redact(each.field, secret);
    redact(each.message, secret);
  }
}

/// The error that the endpoint responded with.
error refusal(const error& said, const http_response& response, const secret& api_token,
              const token_grant& grant) {
  error_details details = said.details();
  const bool refused =
      response.status < 500 && details.server && details.server->code == "invalid_grant";
  for (const std::string_view sent :
       {std::string_view(api_token.reveal()), std::string_view(grant.refresh_token)}) {
    redact(details.cause, sent);
    if (details.server) redact(*details.server, sent);
  }
  if (refused)
    details.cause =
        grant.refresh_token.empty() ? "the API token was refused" : "the refresh token was refused";
  return token_failure(
      "token exchange",
      {refused ? make_error_code(errc::credentials_refused) : said.code(), std::move(details)});
}

/// The member's text; empty when it is absent or no string.
std::string_view text_of(const json::object& body, std::string_view name) {
  const auto* value = body.if_contains({name.data(), name.size()});
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view();
}

/// Zero when it is not positive; absent when the value is neither a number nor a text of digits.
std::optional<std::chrono::seconds> lifetime_of(const json::value& value) {
  double seconds = 0;
  if (const auto* text = value.if_string()) {
    if (text->empty() || !std::all_of(text->begin(), text->end(), util::is_digit))
      return std::nullopt;
    for (const char digit : *text) seconds = seconds * 10 + (digit - '0');
  } else {
    error_code not_a_number;
    seconds = value.to_number<double>(not_a_number);
    if (not_a_number) return std::nullopt;
  }
  if (!(seconds >= 1)) return std::chrono::seconds(0);  // so also 0e400, which is read as NaN
  const double bounded = std::min(seconds, static_cast<double>(longest_lifetime.count()));
  return std::chrono::seconds(static_cast<std::chrono::seconds::rep>(bounded));
}

}  // namespace

http_request make_exchange(std::string_view prefix, const secret& api_token,
                           const token_grant& grant) {
  static const auto as_public_client = std::make_shared<const std::string>(
      "Basic cGxhdGZvcm0tYXBpLXVzZXI6");  // "platform-api-user:"
  http_request request;
  request.method = "POST";
  request.target.append(prefix).append("/oauth2/token");
  request.authorization = as_public_client;
  request.content_type = "application/x-www-form-urlencoded";
  if (grant.refresh_token.empty()) {
    request.body = "grant_type=api_token&api_token=";
    append_encoded(request.body, api_token.reveal());
  } else {
    request.body = "grant_type=refresh_token&refresh_token=";
    append_encoded(request.body, grant.refresh_token);
    request.idempotent = false;  // it may be used up by the first sending
  }
  return request;
}

result<issued_token> parse_exchange(const http_response& response, const secret& api_token,
                                    const token_grant& grant) {
  if (const auto checked = api::check_response(response, api::response_body::required, {});
      !checked)
    return refusal(checked.error(), response, api_token, grant);
  constexpr std::size_t max_depth = 16;
  const auto document = codec::parse_tree(response.body, max_depth);
  const auto* body = document ? document->if_object() : nullptr;
  if (body == nullptr) return refuse(response, "the response is not a JSON object");

  const std::string_view token = text_of(*body, "access_token");
  if (!util::is_b64token(token))
    return refuse(response, "the response has no access token that RFC 6750 allows");
  if (const std::string_view type = text_of(*body, "token_type");
      !type.empty() && !util::equal_ignoring_case(type, "bearer")) {
    return refuse(response, "the access token is not a bearer token");
  }
  issued_token issued{.access_token = std::string(token),
                      .lifetime = default_lifetime,
                      .refresh_token = std::string(text_of(*body, "refresh_token"))};
  if (const auto* expires_in = body->if_contains("expires_in");
      expires_in != nullptr && !expires_in->is_null()) {
    const auto lifetime = lifetime_of(*expires_in);
    if (!lifetime) return refuse(response, "expires_in is not a number");
    if (lifetime->count() == 0) return refuse(response, "expires_in is not positive");
    issued.lifetime = *lifetime;
  }
  return issued;
}

error token_failure(std::string_view source, const error& why) {
  error_details details = why.details();
  std::string cause(source);
  if (details.phase != phase::token && details.phase != phase::admission && details.status == 0)
    cause.append(" (").append(to_string(details.phase)).append(")");
  if (!details.cause.empty()) cause.append(": ").append(details.cause);
  details.cause = std::move(cause);
  details.phase = phase::token;
  return {why.code(), std::move(details)};
}

}  // namespace upsun::auth
