#pragma once

#include <string_view>

#include <upsun/error.hpp>

namespace upsun::codec {

/// Reads what a server says in the body of a failure: its validation errors,
/// `application/problem+json`, OAuth2 errors and plain `error` or `message` members. What comes
/// back is bounded in length and number, and holds no control characters. Anything but a JSON
/// object, such as a gateway's HTML or nothing at all, gives an empty message. Never fails.
[[nodiscard]] server_message parse_error_body(std::string_view body);

}  // namespace upsun::codec
