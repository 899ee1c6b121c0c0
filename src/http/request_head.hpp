#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <upsun/client_config.hpp>
#include <upsun/transport.hpp>

#include "http/origin.hpp"

namespace upsun::http {

/// The header fields that are the same in every request of a client, made once: Host, User-Agent, Accept, Accept-Encoding, and Authorization where a token
/// may go, which is over TLS and where plain HTTP stays on this machine (`stays_local`).
[[nodiscard]] std::string prepare_head(const origin& where, const client_config& config);

/// `request` as it stands on the wire, body included, made within its target's memory where that has the room. Content-Length is sent with a body, and by
/// methods that usually have one (RFC 9110 section 8.6).
[[nodiscard]] std::string request_text(http_request&& request, std::string_view prepared);

/// Whether `text` is a token (RFC 9110 section 5.6.2), as a field's name has to be.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// What is wrong with a header field of the caller's: a name that is not a token or that belongs to the client, or a value with a control character. The
/// value itself is never part of the answer.
[[nodiscard]] std::optional<std::string> refuse_header(std::string_view name, std::string_view value);

}  // namespace upsun::http
