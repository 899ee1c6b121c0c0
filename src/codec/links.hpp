#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/codec_options.hpp>
#include <upsun/result.hpp>

namespace upsun::codec {

/// A link of a HAL document, as the server sent it: not yet checked.
struct link {
  std::string name;        ///< Its relation, such as "#validate".
  std::string href;        ///< Without escapes of JSON.
  std::size_t offset = 0;  ///< Where the text of `href` begins in the document.
};

/// Finds the links of these names among the `_links` of a document. Everything else in it, such as
/// the schemas in `meta`, is checked to be JSON within the limits and skipped. \return one for each
/// name; nothing where there is no such link. Errors: those of any decoding; `errc::decode_failed`
/// also for a link that is not an object with a string as its `href`.
[[nodiscard]] result<std::vector<std::optional<link>>> decode_links(
    std::string_view json, const decode_options& options, std::span<const std::string_view> names);

/// The error of a link that cannot be followed, with its place in the document. \param expected,
/// found as in `decode_mismatch`; never the link itself
[[nodiscard]] error refuse_link(const link& refused, std::string_view expected,
                                std::string_view found);

}  // namespace upsun::codec
