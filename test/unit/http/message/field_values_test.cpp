#include "http/message/field_values.hpp"

#include <gtest/gtest.h>

#include <string>

namespace upsun::http {
namespace field_values_test {

using namespace std::chrono_literals;

TEST(FieldValues, KnowAnEntityTag) {
  for (const char* tag : {R"("a")", R"("")", R"(W/"a")", R"("a,b/\'")", "\"\xc3\xa4\""})
    EXPECT_TRUE(is_entity_tag(tag)) << tag;
  for (const char* other : {"", "a", "\"", "\"a", "a\"", R"(w/"a")", R"(W/a)", R"("a b")",
                            R"("a"b")", "\"a\tb\"", "\"\x7f\"", R"(W/ "a")"}) {
    EXPECT_FALSE(is_entity_tag(other)) << other;
  }
  EXPECT_TRUE(is_entity_tag('"' + std::string(1022, 'a') + '"'));
  EXPECT_FALSE(is_entity_tag('"' + std::string(1023, 'a') + '"'));
}

TEST(FieldValues, FindNoStoreAmongTheDirectives) {
  for (const char* yes : {"no-store", "No-Store", " no-store ", "private, no-store",
                          "no-store,max-age=0", "a=\"x,y\" , no-store", ",,no-store"}) {
    EXPECT_TRUE(forbids_storing(yes)) << yes;
  }
  for (const char* no : {"", "no-cache, private", "no-storeX", "xno-store", "no store",
                         "a=\"no-store\"", "a=\"x, no-store, y\"", "a=\"\\\", no-store, \"", ","}) {
    EXPECT_FALSE(forbids_storing(no)) << no;
  }
}

TEST(FieldValues, ReadSecondsInDigitsOnly) {
  EXPECT_EQ(parse_seconds("0"), 0s);
  EXPECT_EQ(parse_seconds("120"), 120s);
  EXPECT_EQ(parse_seconds("000000000007"), 7s);
  EXPECT_EQ(parse_seconds("9999999999"), 9'999'999'999s);
  for (const char* huge : {"10000000000", "18446744073709551615", "18446744073709551616",
                           "99999999999999999999999999999999"}) {
    EXPECT_EQ(parse_seconds(huge), 9'999'999'999s) << huge;
  }
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1.5", "0x10", "1e3",
                           "18446744073709551616s", "99999999999999999999999999999999 ", "soon"}) {
    EXPECT_EQ(parse_seconds(text), std::nullopt) << text;
  }
}

}  // namespace field_values_test
}  // namespace upsun::http
