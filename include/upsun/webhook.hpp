#pragma once

#include <string_view>

#include <upsun/export.hpp>
#include <upsun/model/secret.hpp>

namespace upsun {

/// Whether a webhook's request was signed with its key. Check before you trust anything in the
/// body.
///
/// The signature is a detached JSON Web Signature (RFC 7515 appendix F) with an unencoded payload
/// (RFC 7797): HS256 and `"b64":false`. Anything else is refused: other algorithms, "none" among
/// them, critical extensions other than `b64`, padding, a protected header of more than 1 KiB. The
/// comparison takes the same time wherever two signatures differ.
///
/// A copy of an earlier request is verified, too. To refuse replays, keep the ids of the activities
/// that were seen.
///
/// Thread safety: may be called on any threads at the same time.
///
/// \param body the request's body, byte for byte as it was received
/// \param signature the value of its `X-JWS-Signature` header
/// \param shared_key the webhook's `shared_key`. Empty: nothing is ever verified
[[nodiscard]] UPSUN_EXPORT bool verify_webhook(std::string_view body, std::string_view signature,
                                               const secret& shared_key);

}  // namespace upsun
