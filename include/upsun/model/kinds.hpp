#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <upsun/model/integration.hpp>

namespace upsun {

/// The number of kinds that this version knows. They are the first alternatives of
/// `integration_settings`; the last one is `unknown_settings`.
inline constexpr std::size_t kind_count = std::variant_size_v<integration_settings> - 1;

/// The API's name of each kind, by the index of its alternative in `integration_settings`.
inline constexpr std::array<std::string_view, kind_count> kind_names =
    []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array{std::variant_alternative_t<I, integration_settings>::kind...};
}
(std::make_index_sequence<kind_count>());

/// The index of the kind with this name, which is compared with regard to case. Empty: it is not
/// known.
[[nodiscard]] constexpr std::optional<std::size_t> find_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kind_count; ++i) {
    if (kind_names[i] == name) return i;
  }
  return std::nullopt;
}

/// The settings of a kind, with every member at its default.
///
/// \pre `kind < kind_count`
[[nodiscard]] UPSUN_EXPORT integration_settings make_settings(std::size_t kind);

}  // namespace upsun
