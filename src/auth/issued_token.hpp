#pragma once

#include <chrono>
#include <string>

namespace upsun::auth {

/// An access token as it was given out: by the token endpoint, or by the user's own source.
struct issued_token {
  std::string access_token;
  std::chrono::seconds lifetime{};
  std::string refresh_token{};  ///< Empty: none was given.
};

/// Tokens that live longer are renewed as if they lived this long: bounds what a wrong lifetime
/// does.
inline constexpr std::chrono::seconds longest_lifetime = std::chrono::hours(24);

}  // namespace upsun::auth
