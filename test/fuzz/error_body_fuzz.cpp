#include "codec/error_body.hpp"

#include <gtest/gtest.h>

#include <upsun/codec.hpp>

#include "fuzz/input.hpp"
#include "fuzz/text.hpp"

namespace {

constexpr std::size_t longest_text = 1024;
constexpr std::size_t most_fields = 64;

bool is_presentable(const std::string& text) {
  if (text.size() > longest_text || !upsun::fuzz::is_line(text)) return false;
  const upsun::integration carrier{.type = "health.slack",
                                   .settings = upsun::slack_settings{.channel = text}};
  return upsun::decode_integration(upsun::encode_integration(carrier))
      .has_value();  // that it is UTF-8
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const upsun::server_message said =
      upsun::codec::parse_error_body(upsun::fuzz::input(data, size).rest());
  EXPECT_PRED1(is_presentable, said.message);
  EXPECT_PRED1(is_presentable, said.code);
  EXPECT_LE(said.fields.size(), most_fields);
  for (const auto& [field, message] : said.fields) {
    EXPECT_PRED1(is_presentable, field);
    EXPECT_PRED1(is_presentable, message);
    EXPECT_FALSE(message.empty());
  }
  return 0;
}
