#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <vector>

#include <upsun/model/field.hpp>

namespace field_test {

using upsun::field;

TEST(Field, IsAbsentNullOrAValue) {
  const field<std::string> absent;
  EXPECT_TRUE(absent.is_absent());
  EXPECT_FALSE(absent.is_null());
  EXPECT_FALSE(absent.has_value());

  const field<std::string> null = nullptr;
  EXPECT_FALSE(null.is_absent());
  EXPECT_TRUE(null.is_null());
  EXPECT_FALSE(null.has_value());

  const field<std::string> value = "text";
  EXPECT_FALSE(value.is_absent());
  EXPECT_FALSE(value.is_null());
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(*value, "text");
  EXPECT_EQ(value->size(), 4U);
}

TEST(Field, ComparesStatesAndValues) {
  EXPECT_EQ(field<bool>(), field<bool>());
  EXPECT_NE(field<bool>(), field<bool>(nullptr));
  EXPECT_NE(field<bool>(nullptr), field<bool>(false));
  EXPECT_NE(field<bool>(true), field<bool>(false));
  EXPECT_EQ(field<std::string>(""), field<std::string>(std::string()));
}

TEST(Field, TakesWhatConvertsButNoPointerForABool) {
  static_assert(std::is_convertible_v<const char*, field<std::string>>);
  static_assert(std::is_convertible_v<int, field<std::int64_t>>);
  static_assert(!std::is_convertible_v<const char*, field<bool>>);
  static_assert(!std::is_convertible_v<int, field<bool>>);
  static_assert(!std::is_convertible_v<int, field<std::string>>);
}

TEST(Field, BecomesAbsentAgain) {
  field<std::vector<std::string>> f = std::vector<std::string>{"a"};
  f = {};
  EXPECT_TRUE(f.is_absent());
}

}  // namespace field_test
