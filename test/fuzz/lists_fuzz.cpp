#include <gtest/gtest.h>

#include <upsun/codec.hpp>

#include "codec/mended_json.hpp"
#include "fuzz/input.hpp"
#include "fuzz/text.hpp"

namespace {

using namespace upsun;

void check_error(const error& e, std::string_view json, const std::string& pointer) {
  EXPECT_PRED1(fuzz::is_line, fuzz::printed(e));
  ASSERT_NE(e.decode(), nullptr);
  EXPECT_LE(e.decode()->offset, json.size());
  EXPECT_TRUE(e.decode()->pointer.starts_with(pointer)) << e;
}

/// A list is read exactly when it is a JSON array, with a value or an error for each element.
template <class T>
void check_list(const result<std::vector<result<T>>>& list, std::string_view json) {
  if (!list) {
    check_error(list.error(), json, "");
    const auto within_limits = codec::parse_tree(json, decode_options().max_depth);
    EXPECT_FALSE(within_limits && within_limits->is_array());
    return;
  }
  const auto whole = codec::parse_tree(json, json.size());
  ASSERT_TRUE(whole && whole->is_array());
  ASSERT_EQ(list->size(), whole->get_array().size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (!(*list)[i]) check_error((*list)[i].error(), json, "/" + std::to_string(i));
  }
}

void check_change(const accepted_change& change, std::string_view json) {
  for (const error& e : change.unread) check_error(e, json, "");
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos ||
      codec::parse_tree(json, decode_options().max_depth))
    return;
  EXPECT_EQ(change.unread.size(), 1u);
  EXPECT_FALSE(change.entity);
  EXPECT_TRUE(change.activities.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json = fuzz::input(data, size).rest();
  check_list(decode_integrations(json), json);
  check_list(decode_activities(json), json);
  check_change(decode_accepted_change(json, 200), json);
  return 0;
}
