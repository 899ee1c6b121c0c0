#include "codec/error_body.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <utility>

#include "util/ascii.hpp"

namespace upsun::codec {
namespace {

namespace json = boost::json;

constexpr std::size_t max_body = 256 * 1024;
constexpr std::size_t max_depth = 16;
constexpr std::size_t max_text = 1024;
constexpr std::size_t max_fields = 64;

/// Without control characters, and cut to `max_text` between characters of UTF-8.
std::string clean(std::string_view text) {
  std::size_t length = text.size();
  if (length > max_text) {
    length = max_text;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  }
  std::string cleaned(text.substr(0, length));
  for (char& c : cleaned) {
    if (util::is_control(c)) c = ' ';
  }
  return cleaned;
}

/// The text of a string or number; empty for anything else.
std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return clean({text->data(), text->size()});
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  return {};
}

/// The text of the first of these members that has any.
std::string first_of(const json::object& body, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto* value = body.if_contains({name.data(), name.size()}); value != nullptr) {
      if (std::string text = text_of(*value); !text.empty()) return text;
    }
  }
  return {};
}

/// Adds one field error for each text in `detail`; names of nested members are joined by dots.
void add_fields(std::vector<field_error>& fields, const std::string& name,
                const json::value& detail) {
  const auto nested = [&name](std::string_view inner) {
    return clean(name.empty() ? std::string(inner) : name + '.' + std::string(inner));
  };
  if (fields.size() >= max_fields) return;
  if (const auto* object = detail.if_object()) {
    for (const auto& member : *object)
      add_fields(fields, nested({member.key().data(), member.key().size()}), member.value());
  } else if (const auto* array = detail.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      add_fields(fields, nested(std::to_string(i)), (*array)[i]);
  } else if (std::string text = text_of(detail); !text.empty()) {
    fields.push_back({name, std::move(text)});
  }
}

}  // namespace

server_message parse_error_body(std::string_view body) {
  server_message message;
  if (body.size() > max_body) return message;
  json::parse_options options;
  options.max_depth = max_depth;
  error_code ec;
  const json::value document = json::parse({body.data(), body.size()}, ec, {}, options);
  const auto* object = ec ? nullptr : document.if_object();
  if (object == nullptr) return message;
  message.message = first_of(*object, {"message", "error_description", "error", "title"});
  // In OAuth2, `error` is a code of one word; elsewhere it is a sentence.
  message.code = first_of(*object, {"error"});
  if (message.code.empty() || message.code.find(' ') != std::string::npos)
    message.code = first_of(*object, {"type", "code"});
  if (const auto* detail = object->if_contains("detail")) add_fields(message.fields, {}, *detail);
  return message;
}

}  // namespace upsun::codec
