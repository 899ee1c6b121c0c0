#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace upsun {

/// The JSON text of a member that is bulky, or that few programs look at: kept as it came, for a
/// JSON parser of yours. It may hold secrets, so it prints as its size.
///
/// Thread safety: as a `std::string`.
class raw_json {
 public:
  /// Empty: the member was missing or null.
  raw_json() = default;
  explicit raw_json(std::string text) noexcept : text_(std::move(text)) {}

  /// JSON without white space around it, or nothing.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  friend bool operator==(const raw_json&, const raw_json&) = default;

 private:
  std::string text_;
};

}  // namespace upsun
