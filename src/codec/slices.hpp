#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace upsun::codec {

/// Cuts the text of a JSON array into those of its elements, without reading them: when each is
/// valid JSON, the whole is. \return nothing when the text is no array with nothing behind it, or
/// separators are missing or stand idle.
[[nodiscard]] std::optional<std::vector<std::string_view>> cut_array(std::string_view json);

/// The text of a member's value. Right for valid JSON in which the name stands once and without
/// escapes; empty when there is none or `json` is no object.
[[nodiscard]] std::string_view find_member(std::string_view json, std::string_view name);

}  // namespace upsun::codec
