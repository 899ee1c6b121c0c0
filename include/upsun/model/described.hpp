#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <upsun/export.hpp>
#include <upsun/model/open_enum.hpp>
#include <upsun/model/raw_json.hpp>
#include <upsun/model/secret.hpp>
#include <upsun/model/timestamp.hpp>

/// \file
/// What every value type gets from its description (`BOOST_DESCRIBE_STRUCT`): `==` and printing
/// here, decoding and encoding in codec.hpp.

namespace upsun {
namespace detail {

/// A struct of this library that lists its members.
template <class T>
concept described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

/// The descriptors of a struct's members, those of its bases first.
template <described T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public |
                                                            boost::describe::mod_inherited>;

/// The API's name of a member: one that is a keyword of C++ has an underscore behind it here.
constexpr std::string_view wire_name(std::string_view name) {
  return name.ends_with('_') ? name.substr(0, name.size() - 1) : name;
}

/// Calls `f(name, member)` for every member of `object`, by the API's names, in the order of the
/// description.
template <described T, class F>
void for_each_member(const T& object, F&& f) {
  boost::mp11::mp_for_each<members_of<T>>(
      [&](auto member) { f(wire_name(member.name), object.*member.pointer); });
}

UPSUN_EXPORT void print_raw(std::ostream& out, std::string_view text);
/// Quoted, with control characters escaped, so that a server's text cannot forge lines of a log.
UPSUN_EXPORT void print(std::ostream& out, std::string_view text);
UPSUN_EXPORT void print(std::ostream& out, bool value);
UPSUN_EXPORT void print(std::ostream& out, std::int64_t value);
UPSUN_EXPORT void print(std::ostream& out, double value);
UPSUN_EXPORT void print(std::ostream& out, timestamp value);
UPSUN_EXPORT void print(std::ostream& out, const raw_json& value);
UPSUN_EXPORT void print(std::ostream& out, const secret& value);

/// Prints any member's value: structs as `{name: value, ...}`, an empty optional as `null`.
template <class T>
void print_value(std::ostream& out, const T& value);

template <class Range, class F>
void print_list(std::ostream& out, char open, const Range& range, char close, F&& print_item) {
  std::string_view separator{&open, 1};
  for (const auto& item : range) {
    print_raw(out, std::exchange(separator, ", "));
    print_item(item);
  }
  if (range.empty()) print_raw(out, separator);
  print_raw(out, {&close, 1});
}

template <class T>
void print_items(std::ostream& out, const std::vector<T>& items) {
  print_list(out, '[', items, ']', [&](const T& item) { print_value(out, item); });
}

template <class T>
void print_items(std::ostream& out, const std::map<std::string, T>& items) {
  print_list(out, '{', items, '}', [&](const auto& item) {
    print(out, std::string_view(item.first));
    print_raw(out, ": ");
    print_value(out, item.second);
  });
}

}  // namespace detail

/// Whether every described member is equal.
template <detail::described T>
[[nodiscard]] bool operator==(const T& a, const T& b) {
  bool equal = true;
  boost::mp11::mp_for_each<detail::members_of<T>>(
      [&](auto member) { equal = equal && a.*member.pointer == b.*member.pointer; });
  return equal;
}

/// Prints the described members on one line, for logs and test failures: secrets as `[redacted]`,
/// texts quoted, absent fields left out.
template <detail::described T>
std::ostream& operator<<(std::ostream& out, const T& object) {
  std::string_view separator = "{";
  detail::for_each_member(object, [&](std::string_view name, const auto& value) {
    if constexpr (requires { value.is_absent(); }) {
      if (value.is_absent()) return;
    }
    detail::print_raw(out, std::exchange(separator, ", "));
    detail::print_raw(out, name);
    detail::print_raw(out, ": ");
    detail::print_value(out, value);
  });
  detail::print_raw(out, separator == "{" ? "{}" : "}");
  return out;
}

namespace detail {

template <class T>
void print_value(std::ostream& out, const T& value) {
  if constexpr (described<T>) {
    out << value;
  } else if constexpr (requires { value.str(); }) {
    print(out, std::string_view(value.str()));
  } else if constexpr (requires { value.has_value(); }) {
    value.has_value() ? print_value(out, *value) : print_raw(out, "null");
  } else if constexpr (requires { value.valueless_by_exception(); }) {
    std::visit([&](const auto& alternative) { print_value(out, alternative); }, value);
  } else if constexpr (requires { print_items(out, value); }) {
    print_items(out, value);
  } else {
    print(out, value);
  }
}

}  // namespace detail
}  // namespace upsun
