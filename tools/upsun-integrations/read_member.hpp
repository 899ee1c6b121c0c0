#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <upsun/model/described.hpp>

#include "exit_status.hpp"

/// \file
/// Converts JSON to a member's type. A string may spell a value of another type, as on a command
/// line: "true", "514", "a,b" for a list, the text of a JSON object. No error text holds a value,
/// which may be a secret.

namespace upsun::tool {

/// What `hide_secrets` replaces a secret with.
inline constexpr std::string_view hidden = "***";

// What sort of type a member has.
template <class T>
inline constexpr bool is_enum = false;
template <class E>
inline constexpr bool is_enum<open_enum<E>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;

[[noreturn]] inline void refuse(const std::string& name, const std::string& wanted) {
  throw usage_error(name + " must be " + wanted);
}

/// The JSON that a string spells, if it begins like a list or an object; else the value itself.
inline boost::json::value spelled(const std::string& name, const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr || text->empty() || (text->front() != '[' && text->front() != '{'))
    return value;
  boost::system::error_code failure;
  auto parsed = boost::json::parse(*text, failure);
  if (failure) refuse(name, "JSON when it begins with a bracket");
  return parsed;
}

inline std::string read_text(const std::string& name, const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) refuse(name, "a text");
  return {text->data(), text->size()};
}

inline std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    items.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return items;
}

/// The name of a part of a member, for errors.
inline std::string inside(std::string name, std::string_view separator, std::string_view inner,
                          std::string_view end = {}) {
  return name.append(separator).append(inner).append(end);
}

/// \throws usage_error for a value that does not fit the type; it names the member
template <class T>
T read_member(const std::string& name, const boost::json::value& value) {
  if constexpr (std::same_as<T, bool>) {
    if (const auto* given = value.if_bool()) return *given;
    if (value.is_string() && value.get_string() == "true") return true;
    if (value.is_string() && value.get_string() == "false") return false;
    refuse(name, "true or false");
  } else if constexpr (std::same_as<T, std::int64_t>) {
    if (const auto* given = value.if_int64()) return *given;
    std::int64_t number = 0;
    if (const auto* given = value.if_double()) {  // 514.0 is an integer, too
      constexpr double exact = 9007199254740992;
      if (std::abs(*given) <= exact && std::trunc(*given) == *given)
        return static_cast<std::int64_t>(*given);
    }
    if (const auto* text = value.if_string()) {
      const auto [end, failure] =
          std::from_chars(text->data(), text->data() + text->size(), number);
      if (failure == std::errc() && end == text->data() + text->size()) return number;
    }
    refuse(name, "an integer");
  } else if constexpr (std::same_as<T, secret>) {
    std::string text = read_text(name, value);
    if (text == hidden) refuse(name, "the secret itself, not what hides it; see --show-secrets");
    return secret(std::move(text));
  } else if constexpr (std::same_as<T, std::string>) {
    return read_text(name, value);
  } else if constexpr (is_enum<T>) {
    return T(read_text(name, value));
  } else if constexpr (is_list<T>) {
    const auto list = spelled(name, value);
    if (list.is_string()) return split_list(list.get_string());
    if (!list.is_array()) refuse(name, "a list");
    T items;
    for (const auto& item : list.get_array()) {
      items.push_back(read_member<typename T::value_type>(
          inside(name, "[", std::to_string(items.size()), "]"), item));
    }
    return items;
  } else if constexpr (is_map<T>) {
    const auto map = spelled(name, value);
    if (!map.is_object()) refuse(name, "an object; give its entries as " + name + ".KEY=VALUE");
    T entries;
    for (const auto& [key, item] : map.get_object()) {
      const std::string inner(key.data(), key.size());
      entries.emplace(inner, read_member<typename T::mapped_type>(inside(name, ".", inner), item));
    }
    return entries;
  } else {
    static_assert(detail::described<T>);
    const auto object = spelled(name, value);
    if (!object.is_object())
      refuse(name, "an object; give its members as " + name + ".MEMBER=VALUE");
    T read;
    std::size_t known = 0;
    boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
      const std::string inner = inside(name, ".", member.name);
      const auto* given = object.get_object().if_contains(member.name);
      if (given == nullptr) throw usage_error(inner + " is missing");
      read.*member.pointer =
          read_member<std::decay_t<decltype(read.*member.pointer)>>(inner, *given);
      ++known;
    });
    if (object.get_object().size() != known) throw usage_error(name + " has a member too many");
    return read;
  }
}

}  // namespace upsun::tool
