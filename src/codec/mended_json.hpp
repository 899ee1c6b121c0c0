#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace upsun::codec {

// RFC 8259 allows two things that Boost.JSON 1.81 refuses, without an option: an escape of half a
// surrogate pair (section 8.2), and an exponent that does not fit an int. Neither is an ordinary
// document, so it is read again, with those mended, only after an error.

/// The text with each escape of a lone surrogate replaced by that of U+FFFD, and each exponent of
/// more than nine digits by one of nine, which is as far out of any range. Every byte keeps its
/// offset. Empty: there is nothing to mend. `json` may be any text.
[[nodiscard]] std::string mend(std::string_view json);

/// Reads any JSON into a tree. \return nothing for what is no JSON, or deeper than `max_depth`
[[nodiscard]] std::optional<boost::json::value> parse_tree(std::string_view json,
                                                           std::size_t max_depth);

}  // namespace upsun::codec
