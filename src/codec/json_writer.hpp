#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <upsun/model/described.hpp>
#include <upsun/model/field.hpp>

#include "codec/contract.hpp"

namespace upsun::codec {

template <class T>
inline constexpr bool is_field = false;
template <class T>
inline constexpr bool is_field<upsun::field<T>> = true;

/// Appends JSON text without white space: one overload per type.
class json_writer {
 public:
  explicit json_writer(std::string& out) noexcept : out_(out) {}

  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(std::int64_t value) { out_ += std::to_string(value); }
  void write(timestamp value) { out_.append("\"").append(format_timestamp(value)).append("\""); }
  void write(const secret& value) { write(std::string_view(value.reveal())); }
  void write(const std::string& value) { write(std::string_view(value)); }
  void write(std::string_view text);

  template <class E>
  void write(const open_enum<E>& value) {
    write(value.str());
  }
  template <class T>
  void write(const std::optional<T>& value) {
    value ? write(*value) : void(out_ += "null");
  }
  /// \pre the field is not absent
  template <class T>
  void write(const upsun::field<T>& value) {
    value.has_value() ? write(*value) : void(out_ += "null");
  }
  template <class T>
  void write(const std::vector<T>& items) {
    write_list('[', items, ']', [this](const T& item) { write(item); });
  }
  template <class T>
  void write(const std::map<std::string, T>& items) {
    write_list('{', items, '}', [this](const auto& item) {
      write(item.first);
      out_ += ':';
      write(item.second);
    });
  }
  template <detail::described T>
  void write(const T& object) {
    begin_object();
    write_members(object);
    end_object();
  }

  // An object, member by member.

  void begin_object() { out_ += '{'; }
  template <class T>
  void write_named(std::string_view name, const T& value) {
    out_.append("\"").append(name).append("\":");
    write(value);
    out_ += ',';
  }
  /// A described member, unless it is an absent field or an empty optional that the API leaves out.
  template <class T, class Member>
  void write_member(const T& object, Member member) {
    using type = std::remove_cvref_t<decltype(object.*member.pointer)>;
    const auto& value = object.*member.pointer;
    if constexpr (is_field<type>) {
      if (value.is_absent()) return;
    } else if constexpr (is_optional<type> && !is_always_sent(member.pointer)) {
      if (!value) return;
    }
    write_named(member.name, value);
  }
  template <detail::described T>
  void write_members(const T& object) {
    boost::mp11::mp_for_each<detail::members_of<T>>(
        [&](auto member) { write_member(object, member); });
  }
  void end_object() { close('}'); }

 private:
  template <class Range, class WriteItem>
  void write_list(char open_bracket, const Range& items, char close_bracket, WriteItem write_item) {
    out_ += open_bracket;
    for (const auto& item : items) {
      write_item(item);
      out_ += ',';
    }
    close(close_bracket);
  }
  /// Puts a bracket in place of the last comma, if there is one.
  void close(char bracket) {
    if (out_.back() == ',') out_.pop_back();
    out_ += bracket;
  }

  std::string& out_;
};

inline void json_writer::write(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out_ += '"';
  std::size_t plain = 0;  // where the run without escapes begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out_.append(text, plain, i - plain);
    plain = i + 1;
    if (byte < 0x20) {
      out_.append("\\u00").append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
    } else {
      out_.append("\\").append(1, text[i]);
    }
  }
  out_.append(text, plain);
  out_ += '"';
}

}  // namespace upsun::codec
