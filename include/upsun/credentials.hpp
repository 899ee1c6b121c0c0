#pragma once

#include <string>
#include <utility>
#include <variant>

#include <upsun/model/secret.hpp>

namespace upsun {

/// An access token that is sent as it is: `Authorization: Bearer <token>` (RFC 6750 section 2.1). The client does not renew it; once it has
/// expired the calls end in `condition::unauthorized`. Never printed.
class bearer_token {
 public:
  /// \throws nothing here; `client` refuses an empty token and one with characters outside RFC 6750's `b64token`.
  explicit bearer_token(std::string token) noexcept : token_(std::move(token)) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }

 private:
  secret token_;
};

/// An API token, as made in the Upsun console: the client exchanges it for access tokens at `<auth_url>/oauth2/token`, renews them in the background, and
/// shares them among all its calls. Never printed. See doc/tokens.md.
class api_token {
 public:
  /// \param auth_url where the exchange is; `https`, or `http` to a loopback address. Checked when the client is made, as is the token.
  explicit api_token(std::string token, std::string auth_url = "https://auth.upsun.com") noexcept : token_(std::move(token)), auth_url_(std::move(auth_url)) {}
  [[nodiscard]] const secret& token() const noexcept { return token_; }
  [[nodiscard]] const std::string& auth_url() const noexcept { return auth_url_; }

 private:
  secret token_;
  std::string auth_url_;
};

/// How calls prove who makes them. `std::monostate`: they do not (only servers that need no token answer).
using credentials = std::variant<std::monostate, bearer_token, api_token>;

}  // namespace upsun
