#pragma once

#include <string>
#include <string_view>

#include <upsun/transport.hpp>

#include "config/settings.hpp"

namespace upsun::http {

/// The header fields that are the same in every request of a transport, made once: Host,
/// User-Agent, Accept, Accept-Encoding with the value of `codings`, and Authorization if it is set.
[[nodiscard]] std::string prepare_head(const config::transport_settings& settings,
                                       std::string_view codings = "identity");

/// `request` as it stands on the wire, body included, made within its target's memory where that
/// has the room. Content-Length is sent with a body, and by methods that usually have one (RFC 9110
/// section 8.6).
[[nodiscard]] std::string request_text(http_request&& request, std::string_view prepared);

}  // namespace upsun::http
