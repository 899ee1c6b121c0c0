#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace upsun {

/// What the values of an enum are called in JSON, in the order of its enumerators, which count from
/// zero. Specialised beside each enum.
template <class E>
inline constexpr std::array<std::string_view, 0> wire_names{};

/// A value of an enum that the server may extend: one of those known here, or the text it sent.
/// `known()` suits a `switch`; `str()` is always what stands in JSON. Thread safety: as a
/// `std::string`.
template <class E>
class open_enum {
 public:
  /// The enum's first value.
  open_enum() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): an E is an open_enum
  open_enum(E value) noexcept : value_(value) {}
  /// The known value of that name, or else the text itself.
  explicit open_enum(std::string text) {
    const auto found = std::find(wire_names<E>.begin(), wire_names<E>.end(), text);
    if (found != wire_names<E>.end()) {
      value_ = static_cast<E>(found - wire_names<E>.begin());
    } else {
      value_.reset();
      text_ = std::move(text);
    }
  }

  /// The value, when it is one known to this version.
  [[nodiscard]] std::optional<E> known() const noexcept { return value_; }
  /// The text that stands in JSON. Lives as long as this object.
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
