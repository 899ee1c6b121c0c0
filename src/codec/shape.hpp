#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <upsun/model/described.hpp>
#include <upsun/model/integration.hpp>

namespace upsun::codec {

/// A perfect hash of a fixed set of names, found at compile time: a lookup costs one comparison.
class key_table {
 public:
  static constexpr std::size_t slot_count = 256;
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
    const std::uint32_t mixed = byte(key.size() / 4) | (byte(key.size() / 2) << 8U) |
                                (byte(key.size() - 1) << 16U) |
                                (static_cast<std::uint32_t>(key.size()) << 24U);
    return (mixed * factor_) >> 24U;
  }

  std::uint32_t factor_ = 0x9E3779B1;
  std::array<std::uint8_t, slot_count> slots_{};
};

struct member_table;

/// A number as it is written in the document, and its value if that is a signed 64-bit integer.
struct number {
  std::string_view text;
  std::optional<std::int64_t> integer;
  double value;  ///< Of what is no such integer.
};

/// How JSON values get into an object of one C++ type. The type is erased: each function takes the
/// address of that object. A null function means that the type takes no such value; a false result
/// means that it does not take this value, and that the object is unchanged.
struct shape {
  std::string_view expected;  ///< What the type takes, for error messages.
  bool nullable = false;
  /// How deep it nests objects, arrays and maps. Kept here, since g++ 12 with UBSan takes no
  /// comparison of `members` or `element` with null for a constant.
  std::size_t depth = 0;

  bool (*set_bool)(void* at, bool value) = nullptr;
  bool (*set_number)(void* at, const number& value) = nullptr;
  bool (*set_text)(void* at, std::string_view value) = nullptr;

  /// Emplaces the value of an empty optional that holds an object, array or map; returns its
  /// address.
  void* (*open)(void* at) = nullptr;
  const member_table* members = nullptr;  ///< Of an object.
  const shape* element = nullptr;         ///< Of an array or map.
  /// Adds an element to an array.
  void* (*append)(void* list) = nullptr;
  /// Adds an element to a map; null when the key is already there.
  void* (*insert)(void* map, std::string_view key) = nullptr;
};

/// The offset of a member in the object that owns it. No constant expression yields that as a
/// number, but the addresses in an object of static storage are constants. (A function that gets
/// the address is no substitute: the indirect call for every member took a third of the time of
/// decoding.)
struct member_offset {
  const void* owner = nullptr;
  const void* member = nullptr;

  [[nodiscard]] void* in(void* object) const noexcept {
    return static_cast<char*>(object) +
           (static_cast<const char*>(member) - static_cast<const char*>(owner));
  }
};

/// A member of an object.
struct member {
  std::string_view name;
  const shape* value = nullptr;
  member_offset offset;
  bool in_settings = false;  ///< Of a document: the owner is its settings.
  bool required = false;
};

/// The members of an object, made from its description at compile time.
struct member_table {
  std::span<const member> members;
  key_table keys;
  std::uint64_t required;  ///< The bits of the required members.

  /// The index of the member of that name; `members.size()` when there is none.
  [[nodiscard]] std::size_t find(std::string_view key) const noexcept {
    const std::size_t i = keys.candidate(key);
    return i < members.size() && members[i].name == key ? i : members.size();
  }
};

/// An object that takes a JSON value, and the shape of its type.
struct target {
  const shape* type = nullptr;  ///< Null: the value is skipped.
  void* at = nullptr;
};

/// The object that takes a whole document.
struct document_target {
  target object;
  void* settings = nullptr;  ///< Of an integration.
};

/// A response to a change, apart from what it embeds. See `accepted_change`.
struct change_status {
  std::optional<std::string> status;
  std::optional<std::int64_t> code;
};
BOOST_DESCRIBE_STRUCT(change_status, (), (status, code))

/// An integration of a kind, whose settings this emplaces. `kind_count` stands for an unknown kind:
/// only the common members are read.
[[nodiscard]] document_target target_for(integration& value, std::size_t kind);
/// Any other document, of the types that shape.cpp lists.
template <detail::described T>
[[nodiscard]] document_target target_for(T& value) noexcept;

/// No shape nests objects, arrays and maps deeper. Checked at compile time.
inline constexpr std::size_t deepest_shape = 6;

}  // namespace upsun::codec
