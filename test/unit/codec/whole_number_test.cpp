#include "codec/whole_number.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace upsun::codec {
namespace whole_number_test {

struct number_case {
  const char* text;
  std::int64_t value;
  bool exact;
};

TEST(WholePart, IsExactOrCutTowardsZero) {
  const number_case cases[] = {
      {"0", 0, true},
      {"-0", 0, true},
      {"0.0", 0, true},
      {"-0e5", 0, true},
      {"7", 7, true},
      {"514.0", 514, true},
      {"1e3", 1000, true},
      {"1E+03", 1000, true},
      {"120e-1", 12, true},
      {"0.0012e4", 12, true},
      {"33.3", 33, false},
      {"-33.9", -33, false},
      {"0.9", 0, false},
      {"-0.9", 0, false},
      {"1e-1", 0, false},
      {"123e-2", 1, false},
      {"0.00123e4", 12, false},
      {"9.9e-400", 0, false},
      {"1e-99999999999999999999", 0, false},
      {"0e99999999999999999999", 0, true},
      {"9223372036854775807.0", std::numeric_limits<std::int64_t>::max(), true},
      {"9223372036854775807.9", std::numeric_limits<std::int64_t>::max(), false},
      {"-9223372036854775808e0", std::numeric_limits<std::int64_t>::min(), true},
      {"1000000000000000000", 1'000'000'000'000'000'000, true},
      {"1e18", 1'000'000'000'000'000'000, true},
  };
  for (const auto& [text, value, exact] : cases) {
    const auto read = whole_part(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->value, value) << text;
    EXPECT_EQ(read->exact, exact) << text;
  }
}

TEST(WholePart, IsNothingWhenItDoesNotFit) {
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "1e19", "1e400", "-1e400", "9.3e18",
        "1e99999999999999999999", "0.1e20", "123456789012345678901234567890.5"})
    EXPECT_FALSE(whole_part(text)) << text;
}

}  // namespace whole_number_test
}  // namespace upsun::codec
