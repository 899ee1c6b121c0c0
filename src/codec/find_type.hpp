#pragma once

#include <string_view>

namespace upsun::codec {

/// Looks ahead for the text of the member `type` of a JSON object, so that one reading suffices
/// wherever it stands. It checks nothing: the answer is right for valid JSON, and empty when there
/// is none or it takes escapes to write it.
[[nodiscard]] std::string_view find_type(std::string_view json) noexcept;

}  // namespace upsun::codec
