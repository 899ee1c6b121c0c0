#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <upsun/log_line.hpp>
#include <upsun/result.hpp>

namespace upsun::codec {

/// One item of a log stream. An item of an unknown kind is neither line nor seal.
struct log_entry {
  std::string id{};  ///< Empty: it has none that can be read.
  /// What was written, or why that cannot be read.
  std::optional<result<log_line>> line{};
  bool seal = false;  ///< The log is complete.
};

/// Reads `{"_id":"12","data":{"timestamp":"...","message":"..."}}`, where the id may be a number,
/// or
/// `{"seal":true}`. An id or timestamp that is missing or cannot be read is left empty; members
/// unknown here are skipped. `errc::decode_failed`, with its place, is the line of a text that is
/// not a JSON object, or whose `data` has no string `message`.
[[nodiscard]] log_entry decode_log_entry(std::string_view json);

}  // namespace upsun::codec
