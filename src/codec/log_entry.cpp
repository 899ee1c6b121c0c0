#include "codec/log_entry.hpp"

#include <boost/json/parse.hpp>

#include <string>
#include <utility>

namespace upsun::codec {
namespace {

namespace json = boost::json;

error refuse(std::string_view pointer, std::string_view expected, std::string_view found) {
  error_details details;
  details.phase = phase::decode;
  details.decode = decode_mismatch{.pointer = std::string(pointer),
                                   .expected = std::string(expected),
                                   .found = std::string(found)};
  return {errc::decode_failed, std::move(details)};
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
  const json::value* id = item.if_contains("_id");
  if (id != nullptr && id->is_int64()) return std::to_string(id->get_int64());
  if (id != nullptr && id->is_uint64()) return std::to_string(id->get_uint64());
  return std::string(text_of(id));
}

}  // namespace

result<log_entry> decode_log_entry(std::string_view text) {
  error_code failure;
  const json::value value = json::parse({text.data(), text.size()}, failure);
  if (failure) return refuse("", "an item of a log", "malformed JSON");
  const json::object* item = value.if_object();
  if (item == nullptr) return refuse("", "object", kind_of(&value));
  const json::value* seal = item->if_contains("seal");
  log_entry entry{.line = std::nullopt,
                  .seal = seal != nullptr && seal->is_bool() && seal->get_bool()};
  const json::value* data = item->if_contains("data");
  if (data == nullptr) return entry;
  const json::object* written = data->if_object();
  if (written == nullptr) return refuse("/data", "object", kind_of(data));
  const json::value* message = written->if_contains("message");
  if (message == nullptr || !message->is_string())
    return refuse("/data/message", "string", kind_of(message));
  entry.line = log_line{.id = id_of(*item),
                        .timestamp = parse_timestamp(text_of(written->if_contains("timestamp"))),
                        .message = std::string(text_of(message))};
  return entry;
}

}  // namespace upsun::codec
