#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

#include <upsun/export.hpp>

namespace upsun {

/// A string that must not reach a log: streaming it prints `[redacted]`, and it converts to
/// nothing. The text is reached only by the explicit word `reveal()`. Comparing two secrets
/// compares their texts. Thread safety: as a `std::string`.
class secret {
 public:
  secret() = default;
  explicit secret(std::string text) noexcept : text_(std::move(text)) {}

  /// The text itself. Whoever calls this answers for where it goes.
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const secret&, const secret&) = default;

 private:
  std::string text_;
};

UPSUN_EXPORT std::ostream& operator<<(std::ostream& out, const secret&);

}  // namespace upsun
