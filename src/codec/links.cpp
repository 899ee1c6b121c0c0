#include "codec/links.hpp"

#include <boost/json/parse.hpp>

#include <utility>

#include "codec/reading.hpp"
#include "codec/slices.hpp"

namespace upsun::codec {
namespace {

namespace json = boost::json;

error break_of(std::string pointer, std::size_t offset, std::string_view expected,
               std::string_view found) {
  return make_error(
      reading_failure{errc::decode_failed,
                      {std::move(pointer), std::string(expected), std::string(found), offset}});
}

std::string pointer_of(std::string_view name) { return std::string("/_links/").append(name); }

/// Reads the links of one document that is known to be JSON.
class reader {
 public:
  explicit reader(std::string_view document) : document_(document) {}

  result<std::optional<link>> read(std::string_view links, std::string_view name) const {
    const std::string_view object = find_member(links, name);
    if (object.empty() || object.starts_with('n')) return std::optional<link>();  // null
    if (!object.starts_with('{'))
      return break_of(pointer_of(name), offset_of(object), "object", "another kind of value");
    const std::string_view text = find_member(object, "href");
    if (text.empty())
      return break_of(pointer_of(name) + "/href", offset_of(object), "string", "missing");
    if (!text.starts_with('"'))
      return break_of(pointer_of(name) + "/href", offset_of(text), "string",
                      "another kind of value");
    const json::value href = json::parse(text);
    return std::optional(link{std::string(name), std::string(href.get_string()), offset_of(text)});
  }
  [[nodiscard]] std::size_t offset_of(std::string_view part) const {
    return static_cast<std::size_t>(part.data() - document_.data());
  }

 private:
  std::string_view document_;
};

}  // namespace

result<std::vector<std::optional<link>>> decode_links(std::string_view document,
                                                      const decode_options& options,
                                                      std::span<const std::string_view> names) {
  if (auto refusal = check_size(document, options)) return std::move(*refusal);
  if (auto failure = codec::read(document, options, nullptr, nullptr))
    return make_error(std::move(*failure));
  const std::size_t begin = document.find_first_not_of(" \t\r\n");
  if (document[begin] != '{') return break_of("", begin, "object", "another kind of value");
  const reader of(document);
  const std::string_view links = find_member(document, "_links");
  if (!links.empty() && links.front() != '{' && links.front() != 'n')
    return break_of("/_links", of.offset_of(links), "object", "another kind of value");

  std::vector<std::optional<link>> found;
  for (const std::string_view name : names) {
    auto one = of.read(links, name);
    if (!one) return one.error();
    found.push_back(std::move(*one));
  }
  return found;
}

error refuse_link(const link& refused, std::string_view expected, std::string_view found) {
  return break_of(pointer_of(refused.name) + "/href", refused.offset, expected, found);
}

}  // namespace upsun::codec
