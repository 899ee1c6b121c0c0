#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/export.hpp>

namespace upsun {

/// A moment in UTC, as exact as the API sends it.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads an RFC 3339 timestamp, such as `2026-12-13T16:06:08.081312+00:00`: the offset is `Z` or
/// `+hh:mm` and mandatory, the fraction has none to nine digits, of which those beyond the sixth
/// are cut off. `T` and `Z` may be lower case. Second 60 is read only where a leap second can be,
/// the last second of a month in UTC, as the first of the next month, since system time has no
/// other place for it.
/// \return nothing when the text is anything else or a part of it is out of range, such as
/// 29 February of a common year.
[[nodiscard]] UPSUN_EXPORT std::optional<timestamp> parse_timestamp(std::string_view text) noexcept;

/// Writes a timestamp as the API does: UTC, six digits of fraction, offset `+00:00`. For the years
/// 0 to 9999.
[[nodiscard]] UPSUN_EXPORT std::string format_timestamp(timestamp t);

}  // namespace upsun
