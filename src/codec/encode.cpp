#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <upsun/codec.hpp>

#include "codec/contract.hpp"

namespace upsun {
namespace {

/// Appends JSON text: one overload a type.
class json_writer {
 public:
  explicit json_writer(std::string& out) noexcept : out_(out) {}

  void write(bool value) { out_ += value ? "true" : "false"; }
  void write(std::int64_t value) { out_ += std::to_string(value); }
  void write(timestamp value) { out_.append("\"").append(format_timestamp(value)).append("\""); }
  void write(const secret& value) { write(std::string_view(value.reveal())); }
  void write(const std::string& value) { write(std::string_view(value)); }

  template <class E>
  void write(const open_enum<E>& value) {
    write(value.str());
  }
  template <class T>
  void write(const std::optional<T>& value) {
    value ? write(*value) : void(out_ += "null");
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
    out_ += '{';
    write_members(object);
    close('}');
  }

  /// The document: the common members, and those of the settings beside them.
  void write(const integration& value) {
    std::visit([&](const auto& settings) { write_document(value, settings); }, value.settings);
  }

 private:
  void write_document(const integration&, const unknown_settings& settings) { out_ += settings.raw; }
  template <class Settings>
  void write_document(const integration& value, const Settings& settings) {
    out_ += '{';
    boost::mp11::mp_for_each<detail::members_of<integration>>([&](auto member) {
      if constexpr (codec::same_member(member.pointer, &integration::type)) {
        write_name(member.name);
        write(Settings::kind);
        out_ += ',';
      } else if constexpr (!codec::same_member(member.pointer, &integration::settings)) {
        write_member(value, member);
      }
    });
    write_members(settings);
    close('}');
  }

  template <detail::described T>
  void write_members(const T& object) {
    boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) { write_member(object, member); });
  }
  template <class T, class Member>
  void write_member(const T& object, Member member) {
    const auto& value = object.*member.pointer;
    if constexpr (codec::is_optional<std::remove_cvref_t<decltype(value)>> && !codec::is_always_sent(member.pointer)) {
      if (!value) return;
    }
    write_name(member.name);
    write(value);
    out_ += ',';
  }
  void write_name(std::string_view name) { out_.append("\"").append(name).append("\":"); }

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

  void write(std::string_view text);

  std::string& out_;
};

void json_writer::write(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out_ += '"';
  std::size_t plain = 0;  // begin of the run that needs no escape
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

}  // namespace

std::string encode_integration(const integration& value) {
  std::string out;
  out.reserve(1024);
  json_writer(out).write(value);
  return out;
}

}  // namespace upsun
