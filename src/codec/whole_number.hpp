#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace upsun::codec {

/// What stands before the decimal point of a number.
struct whole_number {
  std::int64_t value;
  bool exact;  ///< Nothing but zeros stands behind it.
};

/// Reads a JSON number, also one with a fraction or exponent, such as 514.0 or 1e3. \pre `text` is
/// a JSON number \return nothing when it does not fit
[[nodiscard]] std::optional<whole_number> whole_part(std::string_view text);

}  // namespace upsun::codec
