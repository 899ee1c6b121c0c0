#pragma once

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "codec/documents.hpp"

namespace upsun::testing {

/// What the API's document says of the members of a type, by JSON pointers into a full document of
/// it. All others may be missing, and may be null.
struct member_rules {
  std::set<std::string> required{};  ///< Must be there, and not null.
  std::set<std::string> elements{};  ///< Of lists and maps: must not be null.
  std::set<std::string> free{};      ///< Any JSON will do: kept as text, or unknown.
};

inline timestamp moment(std::string_view text) { return parse_timestamp(text).value(); }

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

namespace member_rules_detail {

namespace json = boost::json;

inline std::string key_of(std::string_view token) {
  std::string key(token);
  for (std::size_t at = 0; (at = key.find('~', at)) != std::string::npos; ++at)
    key.replace(at, 2, key[at + 1] == '1' ? "/" : "~");
  return key;
}

inline std::string token_of(std::string_view key) {
  std::string token;
  for (const char c : key) token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return token;
}

/// The pointers of everything in a document, but of nothing within what is free.
inline void collect(const json::value& from, const std::string& pointer, const member_rules& rules,
                    std::vector<std::string>& into) {
  if (!pointer.empty()) into.push_back(pointer);
  if (rules.free.contains(pointer)) return;
  if (const auto* object = from.if_object()) {
    for (const auto& [key, value] : *object)
      collect(value, pointer + "/" + token_of({key.data(), key.size()}), rules, into);
  } else if (const auto* array = from.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      collect((*array)[i], pointer + "/" + std::to_string(i), rules, into);
  }
}

inline json::value& at(json::value& document, const std::string& pointer) {
  boost::system::error_code missing;
  return *document.find_pointer(pointer, missing);
}

inline std::string without(json::value document, const std::string& pointer) {
  const std::size_t last = pointer.rfind('/');
  json::value& owner = at(document, pointer.substr(0, last));
  const std::string key = key_of(std::string_view(pointer).substr(last + 1));
  if (auto* array = owner.if_array()) {
    array->erase(array->begin() + std::stol(key));
  } else {
    owner.get_object().erase(key);
  }
  return json::serialize(document);
}

inline std::string with(json::value document, const std::string& pointer, json::value value) {
  at(document, pointer) = std::move(value);
  return json::serialize(document);
}

/// Of another type.
inline json::value other_than(const json::value& value) {
  if (value.is_array()) return json::object();
  return value.is_bool() ? json::value("planted-secret") : json::value(json::array());
}

template <class T>
void expect(const std::string& text, const std::string& pointer, bool fits,
            std::string_view found) {
  const result<T> decoded = codec::decode_document<T>(text, {});
  if (fits) {
    EXPECT_TRUE(decoded) << decoded.error();
    return;
  }
  ASSERT_FALSE(decoded) << text;
  EXPECT_EQ(decoded.error(), errc::decode_failed);
  EXPECT_EQ(decoded.error().decode()->pointer, pointer);
  EXPECT_EQ(decoded.error().decode()->found, found);
  EXPECT_EQ(decoded.error().message().find("planted-secret"), std::string::npos);
}

}  // namespace member_rules_detail

/// Takes each member, of nested objects, too, out of a full document, makes it null, and gives it
/// another type: that is an error with its place exactly where the rules say so.
template <class T>
void expect_rules(const std::string& full, const member_rules& rules) {
  using namespace member_rules_detail;
  ASSERT_TRUE(codec::decode_document<T>(full, {}));
  const json::value document = json::parse(full);
  std::vector<std::string> pointers;
  collect(document, "", rules, pointers);
  const std::set<std::string> all(pointers.begin(), pointers.end());
  for (const auto* named : {&rules.required, &rules.elements, &rules.free})
    for (const std::string& pointer : *named) EXPECT_TRUE(all.contains(pointer)) << pointer;

  for (const std::string& pointer : pointers) {
    SCOPED_TRACE(pointer);
    const bool required = rules.required.contains(pointer);
    json::value copy = document;
    const json::value other = other_than(at(copy, pointer));
    const bool free = rules.free.contains(pointer);
    expect<T>(without(document, pointer), pointer, !required, "missing");
    expect<T>(with(document, pointer, nullptr), pointer,
              !required && !rules.elements.contains(pointer), "null");
    expect<T>(with(document, pointer, other), pointer, free,
              other.is_array()    ? "array"
              : other.is_object() ? "object"
                                  : "string");
  }
}

}  // namespace upsun::testing
