#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <upsun/model/described.hpp>
#include <upsun/model/integration.hpp>

#include "codec/key_table.hpp"
#include "codec/same_name.hpp"

namespace upsun::codec {

struct record;

/// See `accepted_change`.
struct answer_head {
  std::optional<std::string> status;
  std::optional<std::int64_t> code;
};
BOOST_DESCRIBE_STRUCT(answer_head, (), (status, code))

/// A number as it stands in the document, and its value where that is an integer of 64 bits with a
/// sign.
struct number {
  std::string_view text;
  std::optional<std::int64_t> integer;
};

/// How a JSON value gets into an object of one C++ type, which is erased: each function takes that
/// object's address. A null function means that the type takes no such value; a false result, that
/// it does not take this one, and left the object alone.
struct shape {
  std::string_view expected;  ///< What it takes, in words.
  bool nullable = false;

  bool (*set_bool)(void* at, bool value) = nullptr;
  bool (*set_number)(void* at, const number& value) = nullptr;
  bool (*set_text)(void* at, std::string_view value) = nullptr;

  void* (*open)(void* at) =
      nullptr;  ///< Makes an empty optional hold an object, array or map, and gives its address.
  const record* members = nullptr;        ///< Of an object.
  const shape* element = nullptr;         ///< Of an array or map.
  void* (*append)(void* list) = nullptr;  ///< Adds an element to an array.
  void* (*insert)(void* map, std::string_view key) =
      nullptr;  ///< Adds one to a map; null when the key is there already.
};

/// One member of an object.
struct field {
  std::string_view name;
  const shape* value;
  void* (*at)(void* object);
  bool required;
};

/// In what order the members of an object came lately. A hint that all threads share: where it is
/// right, reading is faster.
///
/// The rank of a member is one more than the index of its field; zero stands for the object's
/// beginning.
class member_order {
 public:
  /// The rank of the member that followed that one; zero when none is known.
  [[nodiscard]] std::size_t after(std::size_t rank) const noexcept {
    return next_[rank].load(std::memory_order_relaxed);
  }
  void learn(std::size_t rank, std::size_t next) noexcept {
    if (after(rank) != next)
      next_[rank].store(static_cast<std::uint8_t>(next), std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint8_t>, 64> next_{};
};

/// The members of an object, made from its description at compile time.
struct record {
  std::span<const field> fields;
  key_table keys;
  std::uint64_t required;  ///< The bits of the required fields.
  member_order* order;

  /// The index of the field of that name; the number of fields when there is none.
  [[nodiscard]] std::size_t find(std::string_view key) const noexcept {
    const std::size_t i = keys.candidate(key);
    return i < fields.size() && is_same_name(fields[i].name, key) ? i : fields.size();
  }
};

/// The shape of the document of a kind, for which it makes the value's settings ready. `kind_count`
/// stands for a kind unknown here: the common members only.
[[nodiscard]] const shape& begin_document(std::size_t kind, integration& value);

/// The document of an `activity`.
[[nodiscard]] const shape& activity_shape() noexcept;

/// What an answer to a change says beside what it embeds: an `answer_head`.
[[nodiscard]] const shape& answer_head_shape() noexcept;

}  // namespace upsun::codec
