#pragma once

#include <chrono>
#include <string>

namespace upsun::auth {

/// An access token as the token endpoint, or the user's own source, gave it.
struct issued_token {
  std::string access_token;
  std::chrono::seconds lifetime{};
  std::string refresh_token{};  ///< Empty: none was given.
};

/// Longer lifetimes count as this one, which bounds the harm of a wrong one.
inline constexpr std::chrono::seconds longest_lifetime = std::chrono::hours(24);

}  // namespace upsun::auth
