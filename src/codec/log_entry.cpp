#include "codec/log_entry.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <upsun/codec_options.hpp>

#include "codec/json_text.hpp"
#include "codec/mended_json.hpp"
#include "codec/reading.hpp"

namespace upsun::codec {
namespace {

namespace json = boost::json;

/// \param place in the text of the item; empty: at its beginning
error refuse(std::string_view pointer, std::string_view expected, std::string_view found,
             std::string_view text, std::string_view place = {}) {
  return make_error({.mismatch = {std::string(pointer), std::string(expected), std::string(found),
                                  place.empty() ? 0 : offset_of(place, text)}});
}

std::string_view kind_of(const json::value* value) noexcept {
  if (value == nullptr) return "missing";
  switch (value->kind()) {
    case json::kind::null: return "null";
    case json::kind::bool_: return "boolean";
    case json::kind::string: return "string";
    case json::kind::array: return "array";
    case json::kind::object: return "object";
    default: return "number";
  }
}

std::string_view text_of(const json::value* value) noexcept {
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view();
}

std::string id_of(const json::object& item) {
  constexpr double exact = 9007199254740992;  // beyond it a double skips integers
  const json::value* id = item.if_contains("_id");
  if (id != nullptr && id->is_int64()) return std::to_string(id->get_int64());
  if (id != nullptr && id->is_uint64()) return std::to_string(id->get_uint64());
  if (const double* number = id != nullptr ? id->if_double() : nullptr;
      number != nullptr && std::abs(*number) <= exact && std::trunc(*number) == *number)
    return std::to_string(static_cast<std::int64_t>(*number));
  return std::string(text_of(id));
}

/// \param text of the item
result<log_line> read_line(std::string_view text, const std::string& id, const json::value& data) {
  const std::string_view place = find_member(text, "data");
  const json::object* written = data.if_object();
  if (written == nullptr) return refuse("/data", "object", kind_of(&data), text, place);
  const json::value* message = written->if_contains("message");
  if (message == nullptr || !message->is_string()) {
    const std::string_view inner = find_member(place, "message");
    return refuse("/data/message", "string", kind_of(message), text, inner.empty() ? place : inner);
  }
  return log_line{.id = id,
                  .timestamp = parse_timestamp(text_of(written->if_contains("timestamp"))),
                  .message = std::string(text_of(message))};
}

}  // namespace

log_entry decode_log_entry(std::string_view text) {
  log_entry entry;
  const auto value = parse_tree(text, decode_options().max_depth);
  if (!value) {
    entry.line = refuse("", "an item of a log", "malformed JSON", text);
    return entry;
  }
  const json::object* item = value->if_object();
  if (item == nullptr) {
    entry.line = refuse("", "object", kind_of(&*value), text);
    return entry;
  }
  entry.id = id_of(*item);
  const json::value* seal = item->if_contains("seal");
  entry.seal = seal != nullptr && seal->is_bool() && seal->get_bool();
  const json::value* data = item->if_contains("data");
  if (data != nullptr && !(entry.seal && data->is_null()))
    entry.line = read_line(text, entry.id, *data);
  return entry;
}

}  // namespace upsun::codec
