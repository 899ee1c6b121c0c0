#pragma once

#include <string_view>

namespace upsun::api {

/// Whether a `WWW-Authenticate` value, its fields joined by commas (RFC 9110 section 11.6.1),
/// demands a stronger sign-in: a Bearer challenge with `error="insufficient_user_authentication"`
/// (RFC 9470 section 3), whichever of several challenges it is.
[[nodiscard]] bool is_step_up(std::string_view www_authenticate);

}  // namespace upsun::api
