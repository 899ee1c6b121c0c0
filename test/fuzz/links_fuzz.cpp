#include "api/links.hpp"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>

#include "codec/mended_json.hpp"
#include "fuzz/input.hpp"
#include "fuzz/text.hpp"

namespace {

using namespace upsun;

constexpr std::array<std::string_view, 3> names{"self", "#validate", "#hook"};

void check_error(const error& e, std::string_view json) {
  EXPECT_PRED1(fuzz::is_line, fuzz::printed(e));
  ASSERT_NE(e.decode(), nullptr);
  EXPECT_LE(e.decode()->offset, json.size());
}

/// What another reader finds in a document whose members stand once each.
void check_against_tree(const boost::json::value& tree) {
  const std::string json = boost::json::serialize(tree);
  const auto found = codec::decode_links(json, {}, names);
  const auto* document = tree.if_object();
  const auto* links = document != nullptr ? document->if_contains("_links") : nullptr;
  for (std::size_t i = 0; found && i < names.size(); ++i) {
    const auto* object = links != nullptr && links->is_object()
                             ? links->get_object().if_contains(names[i])
                             : nullptr;
    ASSERT_EQ((*found)[i].has_value(), object != nullptr && !object->is_null()) << json;
    if (!(*found)[i]) continue;
    const auto& href = object->at("href").as_string();
    EXPECT_EQ((*found)[i]->href, std::string(href.begin(), href.end()));
  }
}

void check_document(std::string_view json) {
  const auto tree = codec::parse_tree(json, decode_options().max_depth);
  const auto found = codec::decode_links(json, {}, names);
  if (!found) check_error(found.error(), json);
  EXPECT_TRUE(!found || tree);
  if (tree) check_against_tree(*tree);
}

void check_target(const api::link_target& to) {
  EXPECT_FALSE(to.where.host.empty());
  EXPECT_TRUE(to.where.prefix.empty());
  EXPECT_TRUE(to.target.starts_with('/'));
  EXPECT_TRUE(std::all_of(to.target.begin(), to.target.end(),
                          [](char c) { return c > ' ' && c < 0x7f && c != '#' && c != '\\'; }));
  const std::string path = to.target.substr(0, to.target.find('?')) + "/";
  EXPECT_EQ(path.find("/./"), std::string::npos) << path;
  EXPECT_EQ(path.find("/../"), std::string::npos) << path;
}

void check_reference(std::string_view href, std::string_view base_href) {
  util::origin api;
  EXPECT_EQ(util::parse_origin("https://api.example/v1", api), std::nullopt);
  api::link_target base{api, "/v1/projects/p/integrations/i"};
  base.where.prefix.clear();
  if (const auto self = api::resolve({"self", std::string(base_href), 0}, base)) base = *self;

  const auto marked = api::resolve({"#hook", std::string(href) + "#planted-words", 0}, base);
  ASSERT_FALSE(marked) << "a fragment";
  EXPECT_EQ(marked.error().message().find("planted-words"), std::string::npos);

  const auto to = api::resolve({"#hook", std::string(href), 0}, base);
  if (!to) {
    check_error(to.error(), "");
    return;
  }
  check_target(*to);
  const std::string whole =
      (to->where.tls ? "https://" : "http://") + to->where.host_header + to->target;
  if (whole.size() <= 4096) {
    const auto again = api::resolve({"#hook", whole, 0}, base);
    ASSERT_TRUE(again) << whole;
    EXPECT_EQ(again->target, to->target);
    EXPECT_EQ(again->where.host_header, to->where.host_header);
  }
  EXPECT_EQ(api::is_own(*to, api), whole.starts_with("https://api.example/v1/")) << whole;
  if (const auto own = api::own_target(*to, api)) {
    EXPECT_TRUE(own->starts_with("/v1/")) << whole;
  }
}

}  // namespace

/// A link's href, a line; that of `self`, another; a document.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input input(data, size);
  const std::string_view href = input.until('\n');
  check_reference(href, input.until('\n'));
  check_document(input.rest());
  return 0;
}
