#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace upsun::codec {

/// A perfect hash of a fixed set of names, found at compile time: looking a key up costs one
/// comparison.
class key_table {
 public:
  static constexpr std::size_t slot_count = 128;
  static constexpr std::uint8_t none = 255;

  template <class Names>
  consteval explicit key_table(const Names& names) {
    while (!place_all(names)) factor_ += 2;
  }

  /// The index of the only name that can equal `key`, or `none`.
  [[nodiscard]] constexpr std::uint8_t candidate(std::string_view key) const noexcept {
    return slots_[hash(key)];
  }

 private:
  template <class Names>
  consteval bool place_all(const Names& names) {
    slots_.fill(none);
    for (std::size_t i = 0; i < names.size(); ++i) {
      std::uint8_t& slot = slots_[hash(names[i])];
      if (slot != none) return false;
      slot = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  [[nodiscard]] constexpr std::size_t hash(std::string_view key) const noexcept {
    if (key.empty()) return 0;
    const auto byte = [key](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i]));
    };
    const std::uint32_t mixed = byte(0) | (byte(key.size() / 2) << 8U) |
                                (byte(key.size() - 1) << 16U) |
                                (static_cast<std::uint32_t>(key.size()) << 24U);
    return (mixed * factor_) >> 25U;
  }

  std::uint32_t factor_ = 0x9E3779B1;
  std::array<std::uint8_t, slot_count> slots_{};
};

}  // namespace upsun::codec
