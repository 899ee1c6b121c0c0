#pragma once

#include <optional>
#include <string_view>

#include <upsun/log_line.hpp>
#include <upsun/result.hpp>

namespace upsun::codec {

/// One line of a log stream. Both are absent in what is of a kind unknown here.
struct log_entry {
  std::optional<log_line> line;
  bool seal = false;  ///< The log is complete.
};

/// Reads `{"_id":"12","data":{"timestamp":"...","message":"..."}}`, where the id may be a number,
/// and `{"seal":true}`. A missing id or timestamp, and one that cannot be read, is none; members
/// unknown here are skipped. Errors: `errc::decode_failed`, with its place, for what is no JSON
/// object, or has `data` without a `message` that is a string.
[[nodiscard]] result<log_entry> decode_log_entry(std::string_view json);

}  // namespace upsun::codec
