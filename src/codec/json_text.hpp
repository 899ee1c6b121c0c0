#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upsun::codec {

// These look at JSON text without decoding it. Unless stated otherwise the result is right for
// valid JSON; for any other text it is unspecified, and nothing beyond the end is read.

/// Whether the text is one JSON document (RFC 8259), no deeper than the decoder takes it.
[[nodiscard]] bool is_json(std::string_view text);

/// The text of a member's value, with the white space behind it. Empty when `json` is not an
/// object, has no such member, or writes the name with escapes. Of several, the first.
[[nodiscard]] std::string_view find_member(std::string_view json, std::string_view name);

/// Where a part of a document begins in it.
[[nodiscard]] inline std::size_t offset_of(std::string_view part, std::string_view document) {
  return static_cast<std::size_t>(part.data() - document.data());
}

/// The value of the member `type` of an object; empty when there is none, when it is not a string,
/// or when escapes are needed to write it.
[[nodiscard]] std::string_view find_type(std::string_view json);

/// Splits the text of an array into the texts of its elements. If each of those is valid JSON, so
/// is the array. Returns nothing when `json` is not one array, or ends within it.
[[nodiscard]] std::optional<std::vector<std::string_view>> split_array(std::string_view json);

/// Splits the text of an object into its members: their names, without quotes and with escapes as
/// they are, and the texts of their values. Returns nothing when `json` is not one object, or ends
/// within it.
[[nodiscard]] std::optional<std::vector<std::pair<std::string_view, std::string_view>>>
split_object(std::string_view json);

/// The JSON type of a value: "object", "array", "string", "number", "boolean" or "null". \pre
/// `json` is valid
[[nodiscard]] std::string_view type_name(std::string_view json);

/// A position in a document.
struct location {
  /// JSON pointer (RFC 6901) of the value there; at a closing bracket, of what it closes.
  std::string pointer;
  /// Where the token begins that is there, or else the last one before.
  std::size_t token_begin = 0;
};

/// Finds out where in a document a byte is, by scanning it from the start: only failures pay for
/// it. \param json is valid up to `position`; otherwise the location is a best guess
[[nodiscard]] location locate(std::string_view json, std::size_t position);

}  // namespace upsun::codec
