#pragma once

#include <string_view>

#include <upsun/error.hpp>

namespace upsun::codec {

/// Reads the body of a failed response: the API's validation errors, `application/problem+json`,
/// OAuth2 errors, plain `error` or `message` members, `{"error":{"code":...,"message":...}}`, and
/// what was refused in `detail`, `errors` or `violations`, by member or as a list of complaints
/// that name one. The texts are limited in length and number, and without control characters.
/// Anything but a JSON object, such as a gateway's HTML or an empty body, gives an empty message.
/// Never fails.
[[nodiscard]] server_message parse_error_body(std::string_view body);

}  // namespace upsun::codec
