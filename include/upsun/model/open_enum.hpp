#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace upsun {

/// The JSON names of an enum's values, in the order of its enumerators, which count from zero.
/// Specialised beside each enum.
template <class E>
inline constexpr std::array<std::string_view, 0> wire_names{};

/// A value of an enum that the server may extend: one that this version knows, or the text that the
/// server sent.
///
/// Thread safety: as a `std::string`.
template <class E>
class open_enum {
 public:
  /// The enum's first value.
  open_enum() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): an E is an open_enum
  open_enum(E value) noexcept : value_(value) {}
  /// The known value with this JSON name, or else the text.
  explicit open_enum(std::string text) {
    const auto found = std::find(wire_names<E>.begin(), wire_names<E>.end(), text);
    if (found != wire_names<E>.end()) {
      value_ = static_cast<E>(found - wire_names<E>.begin());
    } else {
      value_.reset();
      text_ = std::move(text);
    }
  }

  /// The value. Empty: this version does not know it.
  [[nodiscard]] std::optional<E> known() const noexcept { return value_; }
  /// The JSON name, of known and unknown values. Lives as long as this object.
  [[nodiscard]] std::string_view str() const noexcept {
    return value_ ? wire_names<E>[static_cast<std::size_t>(*value_)] : std::string_view(text_);
  }

  friend bool operator==(const open_enum&, const open_enum&) = default;
  friend bool operator==(const open_enum& a, E b) noexcept { return a.value_ == b; }

 private:
  std::optional<E> value_ = E{};
  std::string text_;  // empty for a known value
};

}  // namespace upsun
