#pragma once

#include <optional>
#include <string_view>

#include <upsun/log_line.hpp>
#include <upsun/result.hpp>

namespace upsun::codec {

/// One line of a log stream. An entry of an unknown kind is neither.
struct log_entry {
  std::optional<log_line> line;
  bool seal = false;  ///< The log is complete.
};

/// Reads `{"_id":"12","data":{"timestamp":"...","message":"..."}}`, where the id may be a number,
/// or
/// `{"seal":true}`. An id or timestamp that is missing or cannot be read is left empty; members
/// unknown here are skipped. Errors: `errc::decode_failed`, with its place, for text that is not a
/// JSON object, or whose `data` has no string `message`.
[[nodiscard]] result<log_entry> decode_log_entry(std::string_view json);

}  // namespace upsun::codec
