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

/// How calls prove who makes them. `std::monostate`: they do not (only servers that need no token answer).
using credentials = std::variant<std::monostate, bearer_token>;

}  // namespace upsun
