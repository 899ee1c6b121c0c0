#include "testing/sandbox_auth.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

#include "testing/url_text.hpp"

namespace upsun::testing {
namespace json = boost::json;
namespace {

reply_ptr token_reply(int status, std::string_view body, header_list headers = {}) {
  headers.emplace_back("Cache-Control", "no-store");  // RFC 6749 section 5.1
  return json_reply(status, body, headers);
}

reply_ptr unauthorized(std::string_view body, const std::string& challenge) {
  return token_reply(401, body, {{"WWW-Authenticate", challenge}});
}

/// What a token request asks for: a form (RFC 6749 section 4.4.2) or, as other clients send, a JSON
/// object.
class token_request {
 public:
  token_request(std::string_view content_type, std::string_view body) : body_(body) {
    const std::string_view type = content_type.substr(0, content_type.find_first_of("; "));
    is_form_ = boost::beast::iequals(beast(type), "application/x-www-form-urlencoded");
    if (!boost::beast::iequals(beast(type), "application/json")) return;
    error_code malformed;
    const json::value document = json::parse(beast(body), malformed);
    if (!malformed && document.is_object()) object_ = document.get_object();
  }

  [[nodiscard]] std::optional<std::string> value(std::string_view name) const {
    if (is_form_) return form_value(body_, name);
    const auto* member = object_.if_contains(beast(name));
    const auto* text = member != nullptr ? member->if_string() : nullptr;
    return text != nullptr ? std::optional<std::string>(*text) : std::nullopt;
  }

 private:
  static boost::core::string_view beast(std::string_view text) {
    return {text.data(), text.size()};
  }

  std::string_view body_;
  bool is_form_ = false;
  json::object object_;
};

}  // namespace

sandbox_auth::sandbox_auth(const sandbox_options& options)
    : endpoint_(options.path_prefix + "/oauth2/token"),
      lifetime_(options.token_lifetime),
      refreshes_(options.refresh_tokens),
      token_(options.token),
      api_token_(options.api_token) {}

std::string sandbox_auth::token() const {
  const std::shared_lock lock(mutex_);
  return token_;
}

std::string sandbox_auth::api_token() const {
  const std::shared_lock lock(mutex_);
  return api_token_;
}

void sandbox_auth::set_token(std::string token) {
  const std::unique_lock lock(mutex_);
  token_ = std::move(token);
}

void sandbox_auth::set_api_token(std::string api_token) {
  const std::unique_lock lock(mutex_);
  api_token_ = std::move(api_token);
  refresh_tokens_.clear();
}

void sandbox_auth::expire_access_tokens() {
  const std::unique_lock lock(mutex_);
  access_tokens_.clear();
}

void sandbox_auth::expire_refresh_tokens() {
  const std::unique_lock lock(mutex_);
  refresh_tokens_.clear();
}

void sandbox_auth::demand_step_up(bool demanded) {
  const std::unique_lock lock(mutex_);
  step_up_ = demanded;
}

reply_ptr sandbox_auth::refuse(std::string_view authorization) const {
  // No error attribute: RFC 6750 section 3.1.
  static const reply_ptr missing = unauthorized(
      R"({"error":"invalid_request","error_description":"The request has no access token."})",
      R"(Bearer realm="upsun")");
  static const reply_ptr unknown = unauthorized(
      R"({"error":"invalid_token","error_description":"The access token is invalid."})",
      R"(Bearer realm="upsun", error="invalid_token")");
  static const reply_ptr step_up = unauthorized(
      R"({"error":"insufficient_user_authentication","error_description":"A more recent sign-in is required."})",
      R"(Bearer realm="upsun", error="insufficient_user_authentication", max_age="300")");  // RFC
                                                                                            // 9470
                                                                                            // section
                                                                                            // 3
  constexpr std::string_view scheme = "Bearer ";

  if (authorization.empty()) return missing;
  if (!boost::beast::iequals({authorization.data(), std::min(authorization.size(), scheme.size())},
                             {scheme.data(), scheme.size()}))
    return unknown;
  const std::string_view token = authorization.substr(scheme.size());
  const std::shared_lock lock(mutex_);
  if (token != token_ && !access_tokens_.contains(token)) return unknown;
  return step_up_ ? step_up : nullptr;
}

sandbox_auth::exchanged sandbox_auth::exchange(std::string_view method,
                                               std::string_view authorization,
                                               std::string_view content_type,
                                               std::string_view body) {
  static const reply_ptr wrong_method =
      token_reply(405, R"({"error":"The token endpoint only takes POST."})", {{"Allow", "POST"}});
  static const reply_ptr wrong_client = token_reply(
      401, R"({"error":"invalid_client"})", {{"WWW-Authenticate", R"(Basic realm="upsun")"}});
  static const reply_ptr wrong_request = token_reply(
      400,
      R"({"error":"invalid_request","error_description":"The body is no form with what the grant needs."})");
  static const reply_ptr wrong_type = token_reply(400, R"({"error":"unsupported_grant_type"})");
  static const reply_ptr wrong_grant = token_reply(
      400,
      R"({"error":"invalid_grant","error_description":"The token is invalid or was revoked."})");

  if (method != "POST") return {wrong_method};
  const token_request request(content_type, body);
  const bool is_basic = authorization == "Basic cGxhdGZvcm0tYXBpLXVzZXI6";  // "platform-api-user:"
  if (!is_basic && request.value("client_id").value_or("").empty()) return {wrong_client};
  const auto type = request.value("grant_type");
  if (!type) return {wrong_request};
  if (*type != "api_token" && *type != "refresh_token") return {wrong_type};
  const auto grant = request.value(*type);
  if (!grant) return {wrong_request};

  const std::unique_lock lock(mutex_);
  if (*type == "api_token")
    return *grant == api_token_ ? exchanged{give(), token_outcome::exchanged}
                                : exchanged{wrong_grant};
  return refresh_tokens_.erase(*grant) != 0 ? exchanged{give(), token_outcome::refreshed}
                                            : exchanged{wrong_grant};
}

reply_ptr sandbox_auth::give() {
  const std::string number = std::to_string(++given_);
  std::string body = R"({"access_token":"sandbox-access-)" + number + R"(","expires_in":)" +
                     std::to_string(lifetime_.count()) + R"(,"token_type":"bearer")";
  access_tokens_.insert("sandbox-access-" + number);
  if (refreshes_) {
    body += R"(,"refresh_token":"sandbox-refresh-)" + number + '"';
    refresh_tokens_.insert("sandbox-refresh-" + number);
  }
  return token_reply(200, body + '}');
}

}  // namespace upsun::testing
