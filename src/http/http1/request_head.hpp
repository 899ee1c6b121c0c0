#pragma once

#include <string>
#include <string_view>

#include <upsun/client_config.hpp>
#include <upsun/transport.hpp>

#include "util/origin.hpp"

namespace upsun::http {

/// The header fields that are the same in every request of a client, made once: Host, User-Agent,
/// Accept, Accept-Encoding, and Authorization where a token may go, which is over TLS and where
/// plain HTTP stays on this machine (`stays_local`).
[[nodiscard]] std::string prepare_head(const util::origin& origin, const client_config& config);

/// `request` as it stands on the wire, body included, made within its target's memory where that
/// has the room. Content-Length is sent with a body, and by methods that usually have one (RFC 9110
/// section 8.6).
[[nodiscard]] std::string request_text(http_request&& request, std::string_view prepared);

}  // namespace upsun::http
