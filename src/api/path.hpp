#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upsun::api {

/// Appends `segment` to a path as one segment, percent-encoded: all but the unreserved characters of RFC 3986 section 2.3. Returns what is wrong with it, as
/// the rest of a sentence that begins with its name, and appends nothing, when it is empty, a dot segment, or holds a control character.
std::optional<std::string> append_segment(std::string& path, std::string_view segment);

}  // namespace upsun::api
