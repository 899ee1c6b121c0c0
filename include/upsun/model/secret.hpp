#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include <upsun/export.hpp>

namespace upsun {

/// A string that must not get into a log: it prints as `[redacted]` and converts to nothing. Only
/// `reveal()` gives the text. Secrets are equal when their texts are.
///
/// Thread safety: as a `std::string`.
class secret {
 public:
  /// The empty text.
  secret() = default;
  explicit secret(std::string text) noexcept : text_(std::move(text)) {}

  /// The text. The caller is responsible for where it goes.
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const secret&, const secret&) = default;

 private:
  std::string text_;
};

/// Prints `[redacted]`.
UPSUN_EXPORT std::ostream& operator<<(std::ostream& out, const secret&);

}  // namespace upsun
