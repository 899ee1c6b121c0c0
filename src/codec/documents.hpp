#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/codec_options.hpp>
#include <upsun/page.hpp>
#include <upsun/result.hpp>

#include "codec/json_text.hpp"
#include "codec/reading.hpp"

namespace upsun::codec {

/// Why a text is not an array of JSON values.
[[nodiscard]] reading_failure describe_no_array(std::string_view json,
                                                const decode_options& options);

/// A member's name as `split_object` gives it, without its escapes.
[[nodiscard]] std::string unescaped(std::string_view name);

/// For a part of a document, so many levels down.
[[nodiscard]] decode_options inside(decode_options options, std::size_t levels);

/// Reads an array, each element by `read(text, options, value, index)`. An element that is JSON but
/// does not fit becomes an error in its place.
/// \param array a part of `document`, at `pointer`
template <class T, class Read>
result<std::vector<result<T>>> decode_array(std::string_view document, std::string_view array,
                                            const std::string& pointer,
                                            const decode_options& options, Read read) {
  const auto elements = split_array(array);
  const std::size_t begin = offset_of(array, document);
  if (!elements) return make_error(within(pointer, begin, describe_no_array(array, options)));
  const decode_options element_options = inside(options, 1);
  std::vector<result<T>> values;
  values.reserve(elements->size());
  for (const std::string_view element : *elements) {
    const std::size_t index = values.size();
    auto& value = values.emplace_back(boost::system::in_place_value);
    auto failure = read(element, element_options, *value, index);
    if (!failure) continue;
    const auto broken = check_json(element, element_options);
    if (broken && broken->code == errc::decode_failed)
      return make_error(within(pointer, begin, describe_no_array(array, options)));
    value = make_error(within(pointer + "/" + std::to_string(index), offset_of(element, document),
                              std::move(*failure)));
  }
  return values;
}

/// How `decode_array` reads a document that `read` takes.
template <class T>
std::optional<reading_failure> read_element(std::string_view json, const decode_options& options,
                                            T& value, std::size_t) {
  return read(json, options, value);
}

/// Decodes one document, of the types that shape.cpp lists.
template <class T>
[[nodiscard]] result<T> decode_document(std::string_view json, const decode_options& options) {
  if (auto refusal = check_size(json, options)) return std::move(*refusal);
  result<T> value(boost::system::in_place_value);
  if (auto failure = read(json, options, *value)) value = make_error(std::move(*failure));
  return value;
}

/// Decodes a list of documents. One that does not fit is an error in its place.
template <class T>
[[nodiscard]] result<std::vector<result<T>>> decode_list(std::string_view json,
                                                         const decode_options& options) {
  if (auto refusal = check_size(json, options)) return std::move(*refusal);
  return decode_array<T>(json, json, {}, options, &read_element<T>);
}

/// The members of a page around its items.
struct page_frame {
  std::string_view items;  ///< The text of the array; empty: there is none.
  std::optional<std::int64_t> count;
  raw_json facets;
  std::map<std::string, std::string> links;
};

/// Reads them. Errors: what is no JSON object; a link to the next page that is no link. Any other
/// link that is none is left out.
[[nodiscard]] result<page_frame> decode_page_frame(std::string_view json,
                                                   const decode_options& options);

/// Decodes a page. An item that does not fit is an error in its place.
template <class T>
[[nodiscard]] result<page<T>> decode_page(std::string_view json, const decode_options& options) {
  auto frame = decode_page_frame(json, options);
  if (!frame) return frame.error();
  page<T> decoded{{}, frame->count, std::move(frame->facets), std::move(frame->links)};
  if (frame->items.empty()) return decoded;
  auto items = decode_array<T>(json, frame->items, "/items", inside(options, 1), &read_element<T>);
  if (!items) return items.error();
  decoded.items = std::move(*items);
  return decoded;
}

/// Decodes a map from ids to documents, of which some may be null: there is nothing to say of them,
/// and they are left out.
template <class T>
[[nodiscard]] result<std::map<std::string, result<T>>> decode_references(
    std::string_view json, const decode_options& options) {
  if (auto refusal = check_size(json, options)) return std::move(*refusal);
  if (auto failure = check_json(json, options)) return make_error(std::move(*failure));
  const auto members = split_object(json);
  if (!members) {
    return make_error({.mismatch = {"", "object", std::string(type_name(json)),
                                    json.find_first_not_of(" \t\r\n")}});
  }
  std::map<std::string, result<T>> decoded;
  for (const auto& [name, text] : *members) {
    if (type_name(text) == "null") continue;
    result<T> value(boost::system::in_place_value);
    if (auto failure = read(text, inside(options, 1), *value)) {
      const std::size_t begin = offset_of(text, json);
      value = make_error(within(locate(json, begin).pointer, begin, std::move(*failure)));
    }
    decoded.insert_or_assign(unescaped(name), std::move(value));
  }
  return decoded;
}

}  // namespace upsun::codec
