#include "codec/links.hpp"

#include <utility>

#include "codec/json_text.hpp"
#include "codec/mended_json.hpp"
#include "codec/reading.hpp"

namespace upsun::codec {
namespace {

error mismatch(std::string pointer, std::size_t offset, std::string_view expected,
               std::string_view found) {
  return make_error(
      {.mismatch = {std::move(pointer), std::string(expected), std::string(found), offset}});
}

std::string pointer_of(std::string_view name) { return std::string("/_links/").append(name); }

/// Refuses a value of another JSON type.
std::optional<error> check_type(std::string_view document, std::string_view value,
                                std::string pointer, std::string_view expected) {
  const std::string_view found = type_name(value);
  if (found == expected) return std::nullopt;
  return mismatch(std::move(pointer), offset_of(value, document), expected, found);
}

result<std::optional<link>> read_link(std::string_view document, std::string_view links,
                                      std::string_view name) {
  const std::string_view object = find_member(links, name);
  if (object.empty() || type_name(object) == "null") return std::optional<link>();
  if (auto refusal = check_type(document, object, pointer_of(name), "object"))
    return std::move(*refusal);
  const std::string pointer = pointer_of(name) + "/href";
  const std::string_view text = find_member(object, "href");
  if (text.empty()) return mismatch(pointer, offset_of(object, document), "string", "missing");
  if (auto refusal = check_type(document, text, pointer, "string")) return std::move(*refusal);
  const boost::json::value href = parse_tree(text, 1).value();  // checked before
  return std::optional(
      link{std::string(name), std::string(href.get_string()), offset_of(text, document)});
}

}  // namespace

result<std::vector<std::optional<link>>> decode_links(std::string_view document,
                                                      const decode_options& options,
                                                      std::span<const std::string_view> names) {
  if (auto refusal = check_size(document, options)) return std::move(*refusal);
  if (auto failure = check_json(document, options)) return make_error(std::move(*failure));
  const std::string_view whole = document.substr(document.find_first_not_of(" \t\r\n"));
  if (auto refusal = check_type(document, whole, "", "object")) return std::move(*refusal);
  const std::string_view links = find_member(document, "_links");
  if (!links.empty() && type_name(links) != "null") {
    if (auto refusal = check_type(document, links, "/_links", "object")) return std::move(*refusal);
  }

  std::vector<std::optional<link>> found;
  for (const std::string_view name : names) {
    auto one = read_link(document, links, name);
    if (!one) return one.error();
    found.push_back(std::move(*one));
  }
  return found;
}

error refuse_link(const link& refused, std::string_view expected, std::string_view found) {
  return mismatch(pointer_of(refused.name) + "/href", refused.offset, expected, found);
}

}  // namespace upsun::codec
