#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upsun::testing {

[[nodiscard]] std::string percent_encoded(std::string_view segment);
/// \return nothing when a `%` is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);
/// The decoded value of `name` in an `application/x-www-form-urlencoded` body; nothing when it is
/// not there, or badly encoded.
[[nodiscard]] std::optional<std::string> form_value(std::string_view form, std::string_view name);

}  // namespace upsun::testing
