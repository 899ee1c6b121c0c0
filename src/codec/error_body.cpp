#include "codec/error_body.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "codec/mended_json.hpp"
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

/// 400.0 as "400", 1.5 as it is.
std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() ? std::string(text.data(), end) : std::string();
}

/// The text of a string or number; empty for anything else.
std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return clean({text->data(), text->size()});
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  if (const auto* number = value.if_double()) return number_text(*number);
  return {};
}

constexpr std::array field_names{"field", "propertyPath", "property", "name",
                                 "path",  "param",        "loc",      "pointer"};
constexpr std::array message_names{"message", "msg", "detail", "reason", "description", "title"};
/// The members of a body that name what was refused, beside its message.
constexpr std::array detail_names{"detail", "details", "errors", "violations", "invalid-params"};

const json::value* find(const json::object& in, std::string_view name) {
  return in.if_contains({name.data(), name.size()});
}

/// The text of the first of these members that has any.
template <class Names>
std::string first_of(const json::object& in, const Names& names) {
  for (const std::string_view name : names) {
    if (const auto* value = find(in, name); value != nullptr) {
      if (std::string text = text_of(*value); !text.empty()) return text;
    }
  }
  return {};
}

std::string nested(const std::string& outer, std::string_view inner) {
  return clean(outer.empty() ? std::string(inner) : outer + '.' + std::string(inner));
}

/// A name that is a text, a JSON pointer ("/url", "#/url") or a list of its parts.
std::string field_of(const json::value& name) {
  std::string joined;
  if (const auto* parts = name.if_array()) {
    for (const auto& part : *parts) {
      const bool of_request = joined.empty() && parts->size() > 1 && part == "body";
      if (!of_request) joined = nested(joined, text_of(part));
    }
    return joined;
  }
  joined = text_of(name);
  if (!joined.starts_with('/') && !joined.starts_with("#/")) return joined;
  joined.erase(0, joined.find('/') + 1);
  std::replace(joined.begin(), joined.end(), '/', '.');
  return joined;
}

/// The complaints of a body, without repeated ones.
class complaints {
 public:
  explicit complaints(std::vector<field_error>& fields) : fields_(fields) {}

  /// Adds one for each text in `value`; names of nested members are joined by dots.
  void add(const std::string& name, const json::value& value) {
    if (fields_.size() >= max_fields) return;
    if (const auto* object = value.if_object()) {
      const bool is_entry =
          !name.empty() && !first_of(*object, std::array{"message", "msg"}).empty();
      if (is_entry && add_named(name, *object)) return;
      for (const auto& member : *object)
        add(nested(name, {member.key().data(), member.key().size()}), member.value());
    } else if (const auto* array = value.if_array()) {
      for (std::size_t i = 0; i < array->size(); ++i) add_element(name, i, (*array)[i]);
    } else if (std::string text = text_of(value); !text.empty()) {
      field_error one{name, std::move(text)};
      if (std::find(fields_.begin(), fields_.end(), one) == fields_.end())
        fields_.push_back(std::move(one));
    }
  }

 private:
  /// Several texts about one member have its name. Without a name they are numbered.
  void add_element(const std::string& name, std::size_t index, const json::value& element) {
    const auto* object = element.if_object();
    if (object != nullptr && add_named(name, *object)) return;
    const bool is_text = !element.is_structured();
    add(is_text && !name.empty() ? name : nested(name, std::to_string(index)), element);
  }

  /// Adds `{"propertyPath":"url","message":"Required"}` and its like. Other members, such as the
  /// value that was refused, are left out.
  bool add_named(const std::string& name, const json::object& entry) {
    const std::string message = first_of(entry, message_names);
    if (message.empty()) return false;
    std::string field;
    for (const std::string_view each : field_names) {
      if (const auto* value = find(entry, each); field.empty() && value != nullptr)
        field = field_of(*value);
    }
    const auto* source = find(entry, "source");  // of JSON:API
    if (field.empty() && source != nullptr && source->is_object()) {
      if (const auto* pointer = find(source->get_object(), "pointer"); pointer != nullptr)
        field = field_of(*pointer);
    }
    add(field.empty() ? name : nested(name, field), json::value(message));
    return true;
  }

  std::vector<field_error>& fields_;
};

/// Fills what is still empty. \param is_part of a body: an object in the place of its `error`
void read_body(const json::object& body, server_message& into, bool is_part) {
  complaints fields(into.fields);
  const std::string said = first_of(body, std::array{"message", "error_description"});
  if (into.message.empty())
    into.message = said;
  else if (is_part && said != into.message)
    fields.add({}, json::value(said));

  // In OAuth2, `error` is a code of one word; elsewhere it is a sentence, or a body of its own.
  if (const auto* error = find(body, "error"); error != nullptr && !is_part) {
    const std::string word = text_of(*error);
    if (into.message.empty()) into.message = word;
    if (word.find(' ') == std::string::npos) into.code = word;
    const server_message before = into;
    if (const auto* part = error->if_object()) read_body(*part, into, true);
    if (error->is_structured() && into == before) fields.add({}, *error);
  }

  if (into.message.empty()) into.message = first_of(body, std::array{"title"});
  if (into.code.empty()) into.code = first_of(body, std::array{"type", "code"});
  if (const auto* message = find(body, "message"); message != nullptr && message->is_structured())
    fields.add({}, *message);
  for (const std::string_view name : detail_names) {
    if (const auto* detail = find(body, name); detail != nullptr) fields.add({}, *detail);
  }
}

}  // namespace

server_message parse_error_body(std::string_view body) {
  server_message message;
  if (body.size() > max_body) return message;
  const auto document = parse_tree(body, max_depth);
  if (document && document->is_object()) read_body(document->get_object(), message, false);
  return message;
}

}  // namespace upsun::codec
