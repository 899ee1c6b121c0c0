#pragma once

#include <upsun/model/secret.hpp>
#include <upsun/result.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <string_view>

#include "auth/token_core.hpp"

namespace upsun::auth {

/// The lifetime of an access token whose response names none, as the API documents it.
inline constexpr std::chrono::seconds default_lifetime(900);

/// `POST <prefix>/oauth2/token` (RFC 6749 sections 4.5 and 6) by the refresh token, or without one
/// by the API token. The client authenticates as `platform-api-user` with an empty password, which
/// is public. Deadlines are left to the caller.
[[nodiscard]] http_request make_exchange(std::string_view prefix, const secret& api_token,
                                         const token_grant& grant);

/// Reads the token endpoint's response (RFC 6749 section 5). An absent `expires_in` is
/// `default_lifetime`; one that is not positive, or neither a number nor a text of digits, is an
/// error, as is a token that could not stand in a header. Errors have `phase::token`, the status
/// and the server's words, and no text of them holds a token. The server's words are rid of the
/// secrets that were sent.
[[nodiscard]] result<issued_token> parse_exchange(const http_response& response,
                                                  const secret& api_token,
                                                  const token_grant& grant);

/// Why no token came, as the calls that waited for it get it: in `phase::token`, with a cause that
/// begins with `source`, such as "token exchange".
[[nodiscard]] error token_failure(std::string_view source, const error& why);

}  // namespace upsun::auth
