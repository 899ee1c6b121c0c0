#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/export.hpp>

namespace upsun {

/// A time in UTC, with the precision of the API: microseconds.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads an RFC 3339 timestamp, such as `2026-12-13T16:06:08.081312+00:00`.
///
/// The offset is required: `Z`, `+hh:mm` or `-hh:mm`. The fraction may be absent or have any number
/// of digits, of which those after the sixth are dropped. `T` and `Z` may be lower case. Second 60
/// is accepted as the last second of a month in UTC, where a leap second can be, and read as the
/// first second of the next month, since system time has no leap seconds.
///
/// Thread safety: may be called on any threads at the same time.
///
/// \return empty for any other text, or a part that is out of range, such as 29 February of a
/// common year
[[nodiscard]] UPSUN_EXPORT std::optional<timestamp> parse_timestamp(std::string_view text) noexcept;

/// Writes a timestamp as the API does: UTC, six digits of fraction, offset `+00:00`.
///
/// Range: the years 0 to 9999.
[[nodiscard]] UPSUN_EXPORT std::string format_timestamp(timestamp t);

}  // namespace upsun
