#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <upsun/model/integration.hpp>

namespace upsun {

/// How many kinds of integration are known. The alternatives of `integration_settings` below this
/// index are theirs; the one at it is `unknown_settings`.
inline constexpr std::size_t kind_count = std::variant_size_v<integration_settings> - 1;

/// What the API calls each kind, by the index of its alternative in `integration_settings`.
inline constexpr std::array<std::string_view, kind_count> kind_names =
    []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array{std::variant_alternative_t<I, integration_settings>::kind...};
}
(std::make_index_sequence<kind_count>());

/// The index of the kind of that name, if it is known. Matches case.
[[nodiscard]] constexpr std::optional<std::size_t> find_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kind_count; ++i) {
    if (kind_names[i] == name) return i;
  }
  return std::nullopt;
}

/// Default settings of the kind with that index. \pre `kind < kind_count`
[[nodiscard]] UPSUN_EXPORT integration_settings make_settings(std::size_t kind);

}  // namespace upsun
