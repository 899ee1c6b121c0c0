#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upsun::config {

/// Whether `text` is a token (RFC 9110 section 5.6.2), as a field's name has to be.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// What is wrong with a header field of the caller's: a name that is not a token or that belongs to
/// the client, or a value with a control character. The text never holds the value itself.
[[nodiscard]] std::optional<std::string> refuse_header(std::string_view name,
                                                       std::string_view value);

}  // namespace upsun::config
