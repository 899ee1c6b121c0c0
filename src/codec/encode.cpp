#include "codec/encode.hpp"

#include <boost/json/serialize.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>
#include <upsun/model/described.hpp>
#include <upsun/model/field.hpp>

#include "codec/contract.hpp"
#include "model/make_error.hpp"

namespace upsun::codec {
namespace {

namespace json = boost::json;

template <class T>
json::value to_json(const T& value);

/// Adds a described member, unless it is an absent field or an empty optional that the API leaves
/// out.
template <class T, class Member>
void add_member(json::object& out, const T& object, Member member) {
  const auto& value = object.*member.pointer;
  if constexpr (requires { value.is_absent(); }) {
    if (value.is_absent()) return;
  } else if constexpr (is_optional<std::remove_cvref_t<decltype(value)>> &&
                       !is_always_sent(member.pointer)) {
    if (!value) return;
  }
  out.emplace(member.name, to_json(value));
}

template <class T>
void add_members(json::object& out, const T& object) {
  boost::mp11::mp_for_each<detail::members_of<T>>(
      [&](auto member) { add_member(out, object, member); });
}

template <class T>
json::value to_json(const T& value) {
  if constexpr (detail::described<T>) {
    json::object object;
    add_members(object, value);
    return object;
  } else if constexpr (std::is_same_v<T, secret>) {
    return to_json(value.reveal());
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return to_json(format_timestamp(value));
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    const std::string_view text = value;
    return json::string(text.data(), text.size());
  } else if constexpr (requires { value.str(); }) {  // an enum
    return to_json(value.str());
  } else if constexpr (requires { value.has_value(); }) {  // a field or an optional
    return value.has_value() ? to_json(*value) : json::value();
  } else if constexpr (requires { typename T::mapped_type; }) {
    json::object object;
    for (const auto& [key, item] : value) object.emplace(key, to_json(item));
    return object;
  } else if constexpr (requires { value.begin(); }) {
    json::array array;
    for (const auto& item : value) array.push_back(to_json(item));
    return array;
  } else {
    return value;  // a bool or an integer
  }
}

/// Why a value is refused, as the end of a sentence that begins with the member's name.
using problem = std::optional<std::string>;

template <class T, class Pointer>
problem find_problem(const T&, Pointer) {
  return std::nullopt;
}

template <class E, class Pointer>
problem find_problem(const open_enum<E>& value, Pointer) {
  if (value.known()) return std::nullopt;
  std::string listed;
  for (const std::string_view name : wire_names<E>)
    listed.append(listed.empty() ? "" : ", ").append(name);
  return "is none of " + listed;
}

template <class Pointer>
problem find_problem(std::int64_t value, Pointer member) {
  const auto range = range_of(member);
  if (!range || (value >= range->least && value <= range->most)) return std::nullopt;
  return "is " + std::to_string(value) + ", outside " + std::to_string(range->least) + " to " +
         std::to_string(range->most);
}

bool is_false(const upsun::field<bool>& value) { return value.has_value() && !*value; }
bool is_true(const upsun::field<bool>& value) { return value.has_value() && *value; }

/// The first member that the API is known to refuse, and why.
template <class Fields>
std::optional<std::string> first_problem(const Fields& fields) {
  std::optional<std::string> first;
  boost::mp11::mp_for_each<detail::members_of<Fields>>([&](auto member) {
    const auto& value = fields.*member.pointer;
    if (first || !value.has_value()) return;
    if (const problem found = find_problem(*value, member.pointer))
      first = member.name + (' ' + *found);
  });
  if constexpr (std::derived_from<Fields, source_fields>) {
    if (!first && is_false(fields.fetch_branches) && is_true(fields.prune_branches))
      first = "prune_branches is true although fetch_branches is false";
  }
  return first;
}

/// Sets what the API expects along with the members that are set.
template <class Fields>
void complete(Fields& fields) {
  if constexpr (std::derived_from<Fields, source_fields>) {
    if (is_false(fields.fetch_branches)) fields.prune_branches = false;
  }
}

template <class Fields>
result<std::string> encode(Fields fields, std::optional<std::string_view> type) {
  if (auto wrong = first_problem(fields)) {
    return model::refused_argument(std::move(*wrong));
  }
  complete(fields);
  json::object body;
  if (type) body.emplace("type", to_json(*type));
  add_members(body, fields);
  return json::serialize(body);
}

}  // namespace

result<std::string> encode_input(const integration_input& input) {
  return std::visit(
      [](const auto& members) { return encode(members.fields(), members.fields().kind); }, input);
}

result<std::string> encode_patch(const integration_patch& patch) {
  return std::visit([](const auto& members) { return encode(members.fields(), std::nullopt); },
                    patch);
}

}  // namespace upsun::codec

namespace upsun {
namespace {

/// The common members, and those of the settings beside them.
template <class Settings>
std::string encode_document(const integration& value, const Settings& settings) {
  boost::json::object document;
  boost::mp11::mp_for_each<detail::members_of<integration>>([&](auto member) {
    if constexpr (codec::same_member(member.pointer, &integration::type)) {
      document.emplace(member.name, codec::to_json(Settings::kind));
    } else if constexpr (!codec::same_member(member.pointer, &integration::settings)) {
      codec::add_member(document, value, member);
    }
  });
  codec::add_members(document, settings);
  return boost::json::serialize(document);
}

std::string encode_document(const integration&, const unknown_settings& settings) {
  return settings.raw;
}

}  // namespace

std::string encode_integration(const integration& value) {
  return std::visit([&](const auto& settings) { return encode_document(value, settings); },
                    value.settings);
}

}  // namespace upsun
