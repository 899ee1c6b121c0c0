#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace upsun::testing {

/// A number that follows from two others and looks like chance.
[[nodiscard]] std::uint64_t mixed(std::uint64_t key, std::uint64_t number) noexcept;

/// Writes numbers as ids that look like chance, and reads them back, so that none is to be stored.
class opaque_ids {
 public:
  static constexpr std::string_view lower_case = "abcdefghijklmnopqrstuvwxyz234567";
  static constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  static constexpr std::size_t length = 13;

  /// \param alphabet 32 characters, of static storage
  explicit opaque_ids(std::uint64_t key, std::string_view alphabet = lower_case) noexcept
      : key_(key), alphabet_(alphabet) {}

  [[nodiscard]] std::string encode(std::uint64_t number) const;
  /// \return nothing for a text that `encode` does not write
  [[nodiscard]] std::optional<std::uint64_t> decode(std::string_view id) const noexcept;

 private:
  std::uint64_t key_;
  std::string_view alphabet_;
};

}  // namespace upsun::testing
