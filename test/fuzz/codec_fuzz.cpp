#include <gtest/gtest.h>

#include <upsun/codec.hpp>

#include "codec/json_text.hpp"
#include "codec/mended_json.hpp"
#include "fuzz/input.hpp"
#include "fuzz/text.hpp"

namespace {

using namespace upsun;
using fuzz::is_line;
using fuzz::printed;

/// Whether `encode_integration` promises to write it.
bool writable(const std::optional<timestamp>& t) {
  using namespace std::chrono;
  return !t || (*t >= sys_days(year(0) / 1 / 1) && *t < sys_days(year(10'000) / 1 / 1));
}

/// What the text is by a tree of values: the type of an object that has just one, or nothing for
/// what is no JSON.
std::optional<std::string> type_in_tree(std::string_view json) {
  const auto tree = codec::parse_tree(json, decode_options().max_depth);
  if (!tree) return std::nullopt;
  const auto* type = tree->is_object() ? tree->get_object().if_contains("type") : nullptr;
  return type != nullptr && type->is_string() ? std::string(type->get_string()) : std::string();
}

void check_value(std::string_view json, const integration& value, const decode_options& options) {
  EXPECT_FALSE(value.type.empty() &&
               value.settings.index() + 1 < std::variant_size_v<integration_settings>);
  const std::string_view type = codec::find_type(json);
  if (!type.empty()) {
    EXPECT_EQ(type, value.type);
  }
  EXPECT_PRED1(is_line, printed(value));
  if (!writable(value.created_at) || !writable(value.updated_at)) return;
  const auto again = decode_integration(encode_integration(value), options);
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_EQ(*again, value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json = fuzz::input(data, size).rest();
  const decode_options strict_options{.policy = decode_policy::strict};
  const decode_options tolerant_options{.policy = decode_policy::tolerant};
  std::optional<decode_mismatch> drift;
  const auto strict = decode_integration(json, strict_options);
  const auto tolerant = decode_integration(json, tolerant_options, &drift);
  EXPECT_EQ(strict.has_value(), tolerant.has_value() && !drift);
  const std::optional<std::string> type = type_in_tree(json);
  if (tolerant) {
    EXPECT_EQ(tolerant->type, type);
  } else if (type) {
    EXPECT_NE(tolerant.error().decode()->expected, "JSON");
  }
  if (strict) {
    EXPECT_EQ(*strict, *tolerant);
    check_value(json, *strict, strict_options);
  } else {
    EXPECT_EQ(strict.error(), condition::decode);
    EXPECT_PRED1(is_line, printed(strict.error()));
    EXPECT_LE(strict.error().decode()->offset, size);
    if (tolerant) {
      EXPECT_EQ(drift, *strict.error().decode());
    }
  }
  if (tolerant && drift) {
    EXPECT_TRUE(std::holds_alternative<unknown_settings>(tolerant->settings));
    check_value(json, *tolerant, tolerant_options);
  }
  return 0;
}
