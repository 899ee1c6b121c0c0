#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upsun::api {

/// What is wrong with an id as one segment of a path, as the rest of a sentence that begins with
/// its name: it is empty, a dot segment, or holds a control character.
[[nodiscard]] std::optional<std::string> refuse_segment(std::string_view segment);

/// Appends `segment` percent-encoded: all but the unreserved characters of RFC 3986 section 2.3.
void append_segment(std::string& path, std::string_view segment);

}  // namespace upsun::api
