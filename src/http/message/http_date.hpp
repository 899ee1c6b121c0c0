#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace upsun::http {

/// Parses an HTTP-date in any of the three forms of RFC 9110 section 5.6.7: `Sun, 06 Nov 1994
/// 08:49:37 GMT`, and the obsolete `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`.
/// Exactly so: the day's name has to be one, though not that of the date. A two-digit year is the
/// latest that does not put the time more than 50 years after `now`.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(
    std::string_view text, std::chrono::sys_seconds now) noexcept;

}  // namespace upsun::http
