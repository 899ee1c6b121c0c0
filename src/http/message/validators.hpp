#pragma once

#include <string_view>

namespace upsun::http {

/// Whether `text` is an entity tag (RFC 9110 section 8.8.3) that may be sent back, of at most 1,024
/// characters.
[[nodiscard]] bool is_entity_tag(std::string_view text) noexcept;

/// Whether a `Cache-Control` value (RFC 9111 section 5.2) has the directive `no-store`.
[[nodiscard]] bool forbids_storing(std::string_view cache_control) noexcept;

}  // namespace upsun::http
