#pragma once

#include <boost/config.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/json/string_view.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <upsun/error.hpp>

#include "codec/shape.hpp"
#include "codec/whole_number.hpp"

namespace upsun::codec {

/// Why a document does not fit its shape.
struct contract_break {
  std::string_view expected;
  std::string_view found;
  std::string_view missing_member{};  ///< The member that an object lacks.
  bool behind = false;  ///< The parser stands just behind the value, instead of within it.
};

/// Receives the events of `boost::json::basic_parser` and writes each value into its target, with
/// no tree of values between. Members that the shape does not know are skipped without allocating.
/// The first break of the contract stops the parser.
///
/// What happens for every member is inlined by force into the parser and what happens once is kept
/// out of it: decoding takes 8 % fewer instructions.
class document_handler {
 public:
  using text = boost::json::string_view;
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  /// With `only_required`, of all members only the one at that address must fit; others that do not
  /// are left alone.
  document_handler(const document_target& document, const void* only_required) noexcept
      : next_(document.object), settings_(document.settings), only_required_(only_required) {}

  /// Why the handler stopped the parser, if it did.
  [[nodiscard]] const std::optional<contract_break>& failure() const noexcept { return failure_; }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code& ec) {
    return open(ec, "object",
                [](const shape& s) { return s.members != nullptr || s.insert != nullptr; });
  }
  bool on_array_begin(error_code& ec) {
    return open(ec, "array", [](const shape& s) { return s.append != nullptr; });
  }

  BOOST_FORCEINLINE bool on_object_end(std::size_t, error_code& ec) {
    if (skipping_ > 0) return --skipping_, true;
    const level& closed = levels_[--depth_];
    const member_table* table = closed.type->members;
    const std::uint64_t missing = table != nullptr ? table->required & ~closed.seen : 0;
    if (missing == 0) return true;
    const member& first = table->members[static_cast<std::size_t>(std::countr_zero(missing))];
    return refuse(ec, closed.at, {first.value->expected, "missing", first.name});
  }
  bool on_array_end(std::size_t, error_code&) {
    skipping_ > 0 ? --skipping_ : --depth_;
    return true;
  }

  bool on_key_part(text part, std::size_t, error_code&) {
    if (skipping_ == 0) keep(part);
    return true;
  }
  BOOST_FORCEINLINE bool on_key(text last, std::size_t, error_code& ec) {
    if (skipping_ > 0) return true;
    const std::string_view key = join(last);
    level& object = levels_[depth_ - 1];
    const bool fresh =
        object.type->members != nullptr ? enter_member(object, key) : enter_map(object, key);
    if (!parts_.empty()) parts_.clear();
    return fresh || refuse_repeated(ec);
  }

  bool on_string_part(text part, std::size_t, error_code&) {
    if (skipping_ == 0 && (next_.type != nullptr || in_array())) keep(part);
    return true;
  }
  BOOST_FORCEINLINE bool on_string(text last, std::size_t, error_code& ec) {
    if (skipping_ > 0) return true;
    const target to = take();
    if (to.type == nullptr) return true;
    const std::string_view value = join(last);
    const bool fits = to.type->set_text != nullptr && to.type->set_text(to.at, value);
    if (!parts_.empty()) parts_.clear();
    return fits ||
           refuse(ec, to.at,
                  {to.type->expected, to.type->set_text != nullptr ? "another string" : "string"});
  }

  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(std::int64_t value, text digits, error_code& ec) {
    return set_number(ec, {{digits.data(), digits.size()}, value, 0});
  }
  bool on_uint64(std::uint64_t value, text digits, error_code& ec) {
    return set_number(ec,
                      {{digits.data(), digits.size()}, std::nullopt, static_cast<double>(value)});
  }
  bool on_double(double value, text digits, error_code& ec) {
    return set_number(ec, {{digits.data(), digits.size()}, std::nullopt, value});
  }

  BOOST_FORCEINLINE bool on_bool(bool value, error_code& ec) {
    if (skipping_ > 0) return true;
    const target to = take();
    if (to.type == nullptr) return true;
    return (to.type->set_bool != nullptr && to.type->set_bool(to.at, value)) ||
           refuse(ec, to.at, {to.type->expected, "boolean"});
  }
  BOOST_FORCEINLINE bool on_null(error_code& ec) {
    if (skipping_ > 0) return true;
    const target to = take();
    return to.type == nullptr || to.type->nullable ||
           refuse(ec, to.at, {to.type->expected, "null"});
  }

  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }

 private:
  /// An object, array or map that is being read.
  struct level {
    const shape* type = nullptr;
    void* at = nullptr;
    std::uint64_t seen = 0;  ///< The bits of an object's members that came.
  };

  [[nodiscard]] bool in_array() const noexcept {
    return depth_ > 0 && levels_[depth_ - 1].type->append != nullptr;
  }

  /// The target of the value that comes now.
  BOOST_FORCEINLINE target take() {
    if (!in_array()) return std::exchange(next_, {});
    const level& array = levels_[depth_ - 1];
    return {array.type->element, array.type->append(array.at)};
  }

  template <class Fits>
  bool open(error_code& ec, std::string_view found, Fits fits) {
    if (skipping_ > 0) return ++skipping_, true;
    const target to = take();
    if (to.type != nullptr && fits(*to.type)) {
      levels_[depth_++] = {to.type, to.type->open != nullptr ? to.type->open(to.at) : to.at};
      return true;
    }
    skipping_ = 1;
    return to.type == nullptr || refuse(ec, to.at, {to.type->expected, found});
  }

  // Each sets the target of the value behind a key; false when the key came before.

  bool enter_member(level& object, std::string_view key) {
    const member_table& table = *object.type->members;
    const std::size_t i = table.find(key);
    if (i == table.members.size()) return next_ = {}, true;
    const member& found = table.members[i];
    next_ = {found.value, found.offset.in(found.in_settings ? settings_ : object.at)};
    const std::uint64_t bit = std::uint64_t{1} << i;
    return (std::exchange(object.seen, object.seen | bit) & bit) == 0;
  }
  bool enter_map(level& map, std::string_view key) {
    next_ = {map.type->element, map.type->insert(map.at, key)};
    return next_.at != nullptr;
  }

  bool set_number(error_code& ec, const number& value) {
    if (skipping_ > 0) return true;
    const target to = take();
    if (to.type == nullptr) return true;
    if (to.type->set_number == nullptr)
      return refuse(ec, to.at, {to.type->expected, "number", {}, true});
    if (to.type->set_number(to.at, value)) return true;
    return refuse(ec, to.at,
                  {to.type->expected,
                   whole_part(value.text) ? "number with a fraction" : "number out of range",
                   {},
                   true});
  }

  /// False, which stops the parser, unless the value at that address is not required.
  BOOST_NOINLINE bool refuse(error_code& ec, const void* at, const contract_break& what) {
    if (only_required_ != nullptr && at != only_required_ && depth_ > 0) return true;
    failure_ = what;
    ec = errc::decode_failed;
    return false;
  }

  BOOST_NOINLINE bool refuse_repeated(error_code& ec) {
    return refuse(ec, std::exchange(next_, {}).at, {"a name used once", "the same name again"});
  }

  void keep(text part) { parts_.insert(parts_.end(), part.begin(), part.end()); }
  /// The text that ends with this part. Without escapes it is the only part, and not copied.
  std::string_view join(text last) {
    if (parts_.empty()) return {last.data(), last.size()};
    keep(last);
    return {parts_.data(), parts_.size()};
  }

  target next_;               ///< Of the next value, except in an array.
  std::size_t skipping_ = 0;  ///< Open objects and arrays of a value that is skipped.
  std::size_t depth_ = 0;
  std::array<level, deepest_shape> levels_;
  boost::container::small_vector<char, 256> parts_;  ///< Of a text with escapes.
  void* const settings_;  ///< Of the integration, if the document is one.
  const void* const only_required_;
  std::optional<contract_break> failure_;
};

}  // namespace upsun::codec
