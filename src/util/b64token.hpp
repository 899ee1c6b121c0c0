#pragma once

#include <cstddef>
#include <string_view>

namespace upsun::util {

/// What may stand in `Authorization: Bearer` (RFC 6750 section 2.1): 1*( ALPHA / DIGIT / "-" / "."
/// / "_" / "~" / "+" / "/" ) *"="
[[nodiscard]] inline bool is_b64token(std::string_view token) noexcept {
  const std::size_t end = token.find_last_not_of('=');
  if (end == std::string_view::npos) return false;
  return token.substr(0, end + 1)
             .find_first_not_of(
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/") ==
         std::string_view::npos;
}

}  // namespace upsun::util
