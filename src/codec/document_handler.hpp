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
#include <upsun/model/kinds.hpp>

#include "codec/find_type.hpp"
#include "codec/shape.hpp"

namespace upsun::codec {

/// What a document holds in place of what its shape takes.
struct contract_break {
  std::string_view expected;
  std::string_view found;
  std::string_view missing_member{};  ///< The member that an object ends without.
  bool behind = false;                ///< The parser stands just behind the value, not within it.
};

/// Receives the events of `boost::json::basic_parser` and puts values where a shape says, with no
/// tree of values between. Members that the shape does not know are skipped without allocating. The
/// first break of the contract stops the parser. The events of every member are inlined by force
/// into the parser, what happens once is kept out of it: decoding takes 8 % fewer instructions.
class document_handler {
 public:
  using text = boost::json::string_view;
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  /// Reads a document into the object at `root`; without a shape, only finds out whether it is
  /// JSON. With `vital`, of all members only the one at that address must fit; others that do not
  /// are left alone.
  document_handler(const shape* document, void* root, const void* vital) noexcept
      : next_{document, root}, vital_(vital) {}

  /// Reads a document of any known kind, which its first `type` says, into `value`, whose settings
  /// then hold that alternative. Looks ahead for it in `json`, the document, where a member needs
  /// it sooner. Of a kind unknown here it reads nothing.
  document_handler(integration& value, std::string_view json) noexcept
      : next_{&begin_document(kind_count, value), &value}, open_kind_(&value), json_(json) {}

  /// Whether the kind was found that the second constructor asks for.
  [[nodiscard]] bool found_kind() const noexcept { return open_kind_ == nullptr; }
  /// Why this handler stopped the parser, if it did.
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
    const record* members = closed.type->members;
    if (members == nullptr || (members->required & ~closed.seen) == 0) return true;
    const std::uint64_t missing = members->required & ~closed.seen;
    const field& first = members->fields[static_cast<std::size_t>(std::countr_zero(missing))];
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
        object.type->members != nullptr ? enter_field(object, key) : enter_map(object, key);
    if (next_.type == nullptr && open_kind_ != nullptr && !enter_field_of_kind(key, ec))
      return false;
    if (!parts_.empty()) parts_.clear();
    return fresh || refuse_repeated(ec);
  }

  // Beyond the events of `basic_parser`, for `plain_json`.

  /// A member of the present object that is known.
  struct known_member {
    const field* described = nullptr;  ///< Null: nothing is expected.
    std::size_t rank = 0;
  };
  /// What the present object has next, if it is as documents were lately.
  [[nodiscard]] BOOST_FORCEINLINE known_member expected_member() const noexcept {
    if (skipping_ > 0) return {};
    const level& object = levels_[depth_ - 1];
    if (object.type->members == nullptr) return {};
    const std::size_t rank = object.type->members->order->after(object.rank);
    if (rank == 0) return {};
    return {&object.type->members->fields[rank - 1], rank};
  }
  /// In place of its `on_key`.
  BOOST_FORCEINLINE bool on_member(const known_member& member, error_code& ec) {
    return enter_field(levels_[depth_ - 1], member) || refuse_repeated(ec);
  }

  bool on_string_part(text part, std::size_t, error_code&) {
    if (skipping_ == 0 && (next_.type != nullptr || in_array())) keep(part);
    return true;
  }
  BOOST_FORCEINLINE bool on_string(text last, std::size_t, error_code& ec) {
    if (skipping_ > 0) return true;
    const place where = take();
    if (where.type == nullptr) return true;
    const std::string_view value = join(last);
    const bool fits = where.type->set_text != nullptr && where.type->set_text(where.at, value);
    if (!parts_.empty()) parts_.clear();
    if (open_kind_ != nullptr && where.at == &open_kind_->type && fits)
      return settle(open_kind_->type, ec);
    return fits || refuse(ec, where.at,
                          {where.type->expected,
                           where.type->set_text != nullptr ? "another string" : "string"});
  }

  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(std::int64_t value, text digits, error_code& ec) {
    return set_number(ec, {{digits.data(), digits.size()}, value});
  }
  bool on_uint64(std::uint64_t, text digits, error_code& ec) {
    return set_number(ec, {{digits.data(), digits.size()}, std::nullopt});
  }
  bool on_double(double, text digits, error_code& ec) {
    return set_number(ec, {{digits.data(), digits.size()}, std::nullopt});
  }

  BOOST_FORCEINLINE bool on_bool(bool value, error_code& ec) {
    if (skipping_ > 0) return true;
    const place where = take();
    if (where.type == nullptr) return true;
    return (where.type->set_bool != nullptr && where.type->set_bool(where.at, value)) ||
           refuse(ec, where.at, {where.type->expected, "boolean"});
  }
  BOOST_FORCEINLINE bool on_null(error_code& ec) {
    if (skipping_ > 0) return true;
    const place where = take();
    return where.type == nullptr || where.type->nullable ||
           refuse(ec, where.at, {where.type->expected, "null"});
  }

  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }

 private:
  struct place {
    const shape* type = nullptr;  ///< Null: what comes there is skipped.
    void* at = nullptr;
  };
  /// An object, array or map that is being read.
  struct level {
    const shape* type = nullptr;
    void* at = nullptr;
    std::uint64_t seen = 0;  ///< The bits of an object's fields that came.
    std::size_t rank = 0;    ///< Of the last of those, see `member_order`.
  };

  [[nodiscard]] bool in_array() const noexcept {
    return depth_ > 0 && levels_[depth_ - 1].type->append != nullptr;
  }

  /// Where the value goes that comes now.
  BOOST_FORCEINLINE place take() {
    if (!in_array()) return std::exchange(next_, {});
    const level& array = levels_[depth_ - 1];
    return {array.type->element, array.type->append(array.at)};
  }

  template <class Fits>
  bool open(error_code& ec, std::string_view found, Fits fits) {
    if (skipping_ > 0) return ++skipping_, true;
    const place where = take();
    if (where.type != nullptr && fits(*where.type)) {
      levels_[depth_++] = {where.type,
                           where.type->open != nullptr ? where.type->open(where.at) : where.at};
      return true;
    }
    skipping_ = 1;
    return where.type == nullptr || refuse(ec, where.at, {where.type->expected, found});
  }

  /// From here on the document is one of that kind. The common members are the first ones of every
  /// kind, so those that came stay known.
  BOOST_NOINLINE bool settle(std::string_view type, error_code& ec) {
    const auto kind = find_kind(type);
    if (!kind) return refuse(ec, nullptr, {});
    levels_.front().type = &begin_document(*kind, *std::exchange(open_kind_, nullptr));
    return true;
  }

  /// For a key that is not of the common members, and may be one of the kind's, which is not known
  /// yet.
  BOOST_NOINLINE bool enter_field_of_kind(std::string_view key, error_code& ec) {
    return settle(find_type(json_), ec) && enter_field(levels_.front(), key);
  }

  /// Makes ready for the value of a member; false when it came before.
  bool enter_field(level& object, std::string_view key) {
    const record& members = *object.type->members;
    const std::size_t i = members.find(key);
    if (i == members.fields.size()) return next_ = {}, true;
    members.order->learn(object.rank, i + 1);
    return enter_field(object, {&members.fields[i], i + 1});
  }
  BOOST_FORCEINLINE bool enter_field(level& object, const known_member& member) {
    next_ = {member.described->value, member.described->at(object.at)};
    object.rank = member.rank;
    const std::uint64_t before =
        std::exchange(object.seen, object.seen | std::uint64_t{1} << (member.rank - 1));
    return before != object.seen;
  }
  bool enter_map(level& map, std::string_view key) {
    next_ = {map.type->element, map.type->insert(map.at, key)};
    return next_.at != nullptr;
  }

  bool set_number(error_code& ec, const number& value) {
    if (skipping_ > 0) return true;
    const place where = take();
    if (where.type == nullptr) return true;
    if (where.type->set_number == nullptr)
      return refuse(ec, where.at, {where.type->expected, "number", {}, true});
    if (where.type->set_number(where.at, value)) return true;
    const bool whole = value.text.find_first_of(".eE") == std::string_view::npos;
    return refuse(ec, where.at,
                  {where.type->expected,
                   whole ? "number out of range" : "number with a fraction or exponent",
                   {},
                   true});
  }

  /// False, which stops the parser, unless the value at that address may be left out.
  BOOST_NOINLINE bool refuse(error_code& ec, const void* at, const contract_break& what) {
    if (vital_ != nullptr && at != vital_ && depth_ > 0) return true;
    failure_ = what;
    ec = errc::decode_failed;
    return false;
  }

  BOOST_NOINLINE bool refuse_repeated(error_code& ec) {
    return refuse(ec, std::exchange(next_, {}).at, {"a name used once", "the same name again"});
  }

  void keep(text part) { parts_.insert(parts_.end(), part.begin(), part.end()); }
  /// A text whose last part this is. Without escapes there is one part, which is not copied.
  std::string_view join(text last) {
    if (parts_.empty()) return {last.data(), last.size()};
    keep(last);
    return {parts_.data(), parts_.size()};
  }

  place next_;                ///< Where the next value goes, except in an array.
  std::size_t skipping_ = 0;  ///< Open objects and arrays of a value that is skipped.
  std::size_t depth_ = 0;
  std::array<level, 4>
      levels_;  ///< The document, a map in it, an object in that; shapes are no deeper.
  boost::container::small_vector<char, 256> parts_;
  const void* vital_ = nullptr;
  integration* open_kind_ = nullptr;  ///< The value whose kind is still to be found.
  std::string_view json_;
  std::optional<contract_break> failure_;
};

}  // namespace upsun::codec
