#pragma once

#include <string_view>

#include <upsun/export.hpp>
#include <upsun/model/secret.hpp>

namespace upsun {

/// Whether a webhook's request was signed with its key. Ask before you believe anything in the
/// body.
///
/// The signature is a detached JSON Web Signature (RFC 7515 appendix F) with an unencoded payload
/// (RFC 7797): HS256, `"b64":false`. Anything else is no signature: another algorithm, "none" among
/// them, critical extensions other than `b64`, padding. The comparison takes the same time wherever
/// two signatures differ. A copy of an earlier request verifies too: whoever minds replays keeps
/// the ids of activities seen.
/// \param body the request's body, byte for byte as it came.
/// \param signature the value of its `X-JWS-Signature` header.
/// \param shared_key the webhook's `shared_key`. With an empty one nothing is ever verified.
///
/// Thread safety: any thread, at once.
[[nodiscard]] UPSUN_EXPORT bool verify_webhook(std::string_view body, std::string_view signature,
                                               const secret& shared_key);

}  // namespace upsun
