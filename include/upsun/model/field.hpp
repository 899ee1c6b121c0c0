#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <utility>

namespace upsun {

/// A member of a request, in one of three states: absent (not sent: the server keeps its value, or
/// chooses one), null (sent as null), or a value.
///
/// Thread safety: as a `T`.
template <class T>
class field {
 public:
  /// Absent.
  field() = default;
  /// Null.
  // NOLINTNEXTLINE(google-explicit-constructor): null is a field
  field(std::nullptr_t) : state_(std::in_place) {}
  /// A value: anything that converts to a `T`, except that only a bool makes a `field<bool>`.
  template <class U>
  requires(std::convertible_to<U, T> && (!std::same_as<T, bool> || std::same_as<U, bool>))
      // NOLINTNEXTLINE(google-explicit-constructor): a T is a field
      field(U value)
      : state_(std::in_place, std::in_place, std::move(value)) {}

  /// Whether it is not sent.
  [[nodiscard]] bool is_absent() const noexcept { return !state_; }
  /// Whether it is sent as null.
  [[nodiscard]] bool is_null() const noexcept { return state_ && !*state_; }
  /// Whether it is sent with a value.
  [[nodiscard]] bool has_value() const noexcept { return state_ && *state_; }
  /// \pre `has_value()`
  [[nodiscard]] const T& operator*() const noexcept { return **state_; }
  /// \pre `has_value()`
  [[nodiscard]] const T* operator->() const noexcept { return &**state_; }

  friend bool operator==(const field&, const field&) = default;

 private:
  std::optional<std::optional<T>> state_;
};

}  // namespace upsun
