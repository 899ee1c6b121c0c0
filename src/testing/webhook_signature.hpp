#pragma once

#include <string>
#include <string_view>

#include <upsun/model/secret.hpp>

namespace upsun::testing {

/// base64url without padding (RFC 4648 section 5).
[[nodiscard]] std::string base64url(std::string_view bytes);

/// A detached JSON Web Signature over an unencoded payload (RFC 7797) by HS256, whatever the header
/// says. \param header the protected header, base64url.
[[nodiscard]] std::string sign_detached(std::string_view header, std::string_view payload,
                                        const secret& key);

/// What the platform sends as `X-JWS-Signature` with a webhook's body.
[[nodiscard]] std::string sign_webhook(std::string_view body, const secret& shared_key);

}  // namespace upsun::testing
