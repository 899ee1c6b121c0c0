#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

#include "codec/documents.hpp"
#include "codec/json_text.hpp"
#include "codec/mended_json.hpp"
#include "fuzz/input.hpp"
#include "fuzz/text.hpp"

namespace {

using namespace upsun;
namespace json = boost::json;

void check_error(const error& e, std::string_view text, const std::string& pointer) {
  EXPECT_PRED1(fuzz::is_line, fuzz::printed(e));
  ASSERT_NE(e.decode(), nullptr);
  EXPECT_LE(e.decode()->offset, text.size());
  EXPECT_TRUE(e.decode()->pointer.starts_with(pointer)) << e;
}

bool is_nothing(const json::value* value) { return value == nullptr || value->is_null(); }

/// Whether there is no link to the next page, or one that is one.
bool has_good_next(const json::object& page) {
  const json::value* links = page.if_contains("_links");
  if (is_nothing(links)) return true;
  if (!links->is_object()) return false;
  const json::value* next = links->get_object().if_contains("next");
  if (is_nothing(next)) return true;
  const json::value* href = next->is_object() ? next->get_object().if_contains("href") : nullptr;
  return href != nullptr && href->is_string();
}

/// What another reader finds in a page whose members stand once each.
void check_page_against_tree(const json::value& tree) {
  const std::string text = json::serialize(tree);
  const auto got = codec::decode_page<environment>(text, {});
  if (!tree.is_object()) {
    EXPECT_FALSE(got) << text;
    return;
  }
  const json::object& page = tree.get_object();
  const json::value* items = page.if_contains("items");
  const bool good_items = is_nothing(items) || items->is_array();
  ASSERT_EQ(got.has_value(), good_items && has_good_next(page)) << text;
  if (!got) return;
  ASSERT_EQ(got->items.size(), is_nothing(items) ? 0 : items->get_array().size()) << text;
  for (std::size_t i = 0; i < got->items.size(); ++i) {
    const std::string element = json::serialize(items->get_array()[i]);
    const auto alone = codec::decode_document<environment>(element, {});
    ASSERT_EQ(got->items[i].has_value(), alone.has_value()) << element;
    if (alone) {
      EXPECT_EQ(*got->items[i], *alone);
    }
  }
}

void check_page(std::string_view text, const std::optional<json::value>& tree) {
  const auto got = codec::decode_page<environment>(text, {});
  EXPECT_TRUE(!got || (tree && tree->is_object()));
  if (!got) check_error(got.error(), text, "");
  for (std::size_t i = 0; got && i < got->items.size(); ++i) {
    if (!got->items[i]) check_error(got->items[i].error(), text, "/items/" + std::to_string(i));
  }
  if (tree) check_page_against_tree(*tree);
}

void check_environment(std::string_view text) {
  const auto got = codec::decode_document<environment>(text, {});
  if (!got) {
    check_error(got.error(), text, "");
    return;
  }
  EXPECT_PRED1(fuzz::is_line, fuzz::printed(*got));
  for (const raw_json* raw : {&got->attributes, &got->sizing, &got->resources_overrides}) {
    EXPECT_TRUE(raw->empty() || codec::is_json(raw->text()));
    EXPECT_NE(text.find(raw->text()), std::string_view::npos);
  }
}

void check_references(std::string_view text, const std::optional<json::value>& tree) {
  const auto got = codec::decode_references<project_reference>(text, {});
  EXPECT_EQ(got.has_value(), tree && tree->is_object());
  if (!got) {
    check_error(got.error(), text, "");
    return;
  }
  for (const auto& [id, reference] : *got) {
    EXPECT_TRUE(tree->get_object().contains(id)) << id;
    if (!reference) check_error(reference.error(), text, "/");
  }
}

}  // namespace

/// A text, read as a page of environments, as one environment, and as references.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::input(data, size).rest();
  const auto tree = codec::parse_tree(text, decode_options().max_depth);
  check_page(text, tree);
  check_environment(text);
  check_references(text, tree);
  return 0;
}
