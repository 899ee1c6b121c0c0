#include "codec/documents.hpp"

#include <algorithm>

#include "codec/whole_number.hpp"

namespace upsun::codec {
namespace {

/// The `href` of a link; nothing for what is no link.
std::optional<std::string> href_of(std::string_view link) {
  const std::string_view href = find_member(link, "href");
  if (href.empty() || type_name(href) != "string") return std::nullopt;
  const auto text = parse_tree(href, 1);
  return text ? std::optional(std::string(text->get_string())) : std::nullopt;
}

error no_link(std::string_view json, std::string_view name, std::string_view link) {
  return make_error({.mismatch = {"/_links/" + std::string(name), "a link with an href",
                                  std::string(type_name(link)), offset_of(link, json)}});
}

}  // namespace

reading_failure describe_no_array(std::string_view json, const decode_options& options) {
  if (auto failure = check_json(json, options)) return std::move(*failure);
  return {
      .mismatch = {"", "array", std::string(type_name(json)), json.find_first_not_of(" \t\r\n")}};
}

std::string unescaped(std::string_view name) {
  const auto text = parse_tree('"' + std::string(name) + '"', 1);
  return text ? std::string(text->get_string()) : std::string(name);
}

decode_options inside(decode_options options, std::size_t levels) {
  options.max_depth -= std::min(options.max_depth, levels);
  return options;
}

result<page_frame> decode_page_frame(std::string_view json, const decode_options& options) {
  if (auto refusal = check_size(json, options)) return std::move(*refusal);
  if (auto failure = check_json(json, options)) return make_error(std::move(*failure));
  const auto members = split_object(json);
  if (!members) {
    return make_error({.mismatch = {"", "a page, which is an object", std::string(type_name(json)),
                                    json.find_first_not_of(" \t\r\n")}});
  }
  page_frame frame;
  std::string_view links;
  for (const auto& [name, text] : *members) {
    if (type_name(text) == "null") continue;
    if (name == "items") frame.items = text;
    if (name == "_links") links = text;
    if (name == "facets") frame.facets = raw_json(std::string(util::trim(text, " \t\r\n")));
    if (name != "count" || type_name(text) != "number") continue;
    if (const auto count = whole_part(util::trim(text, " \t\r\n"))) frame.count = count->value;
  }
  const auto each_link = links.empty() ? std::nullopt : split_object(links);
  if (!links.empty() && !each_link) return no_link(json, "next", links);
  if (!each_link) return frame;
  for (const auto& [name, text] : *each_link) {
    if (auto href = href_of(text)) {
      frame.links.emplace(unescaped(name), std::move(*href));
    } else if (name == "next" && type_name(text) != "null") {
      return no_link(json, name, text);
    }
  }
  return frame;
}

}  // namespace upsun::codec
