#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace upsun::http {

/// A number of seconds, in digits only. More than ten of them count as 9,999,999,999, which is some
/// 300 years.
[[nodiscard]] std::optional<std::chrono::seconds> parse_seconds(std::string_view text) noexcept;

/// The `timeout` of a `Keep-Alive: timeout=5, max=100`.
[[nodiscard]] std::optional<std::chrono::seconds> parse_keep_alive(std::string_view list) noexcept;

/// Whether `text` is an entity tag (RFC 9110 section 8.8.3) that may be sent back, of at most 1,024
/// characters.
[[nodiscard]] bool is_entity_tag(std::string_view text) noexcept;

/// Whether a `Cache-Control` value (RFC 9111 section 5.2) has the directive `no-store`.
[[nodiscard]] bool forbids_storing(std::string_view cache_control) noexcept;

}  // namespace upsun::http
