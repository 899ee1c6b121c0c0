#include "retry/budget.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace upsun::retry {
namespace budget_test {

constexpr unsigned most = std::numeric_limits<unsigned>::max();

TEST(Budget, StartsFullAndGivesOutAllItHolds) {
  budget tokens(28);
  EXPECT_EQ(tokens.left(), 28U);
  EXPECT_TRUE(tokens.take(14));
  EXPECT_TRUE(tokens.take(14));
  EXPECT_EQ(tokens.left(), 0U);
  EXPECT_FALSE(tokens.take(1));
  EXPECT_TRUE(tokens.take(0)) << "what costs nothing is free";
}

TEST(Budget, TakesNothingWhenLessIsLeft) {
  budget tokens(13);
  EXPECT_FALSE(tokens.take(14));
  EXPECT_FALSE(tokens.take(most));
  EXPECT_EQ(tokens.left(), 13U);
}

TEST(Budget, NeverHoldsMoreThanItsCapacity) {
  budget tokens(500);
  tokens.give(1);
  EXPECT_EQ(tokens.left(), 500U);
  ASSERT_TRUE(tokens.take(5));
  tokens.give(most);
  EXPECT_EQ(tokens.left(), 500U);
  budget largest(most);
  ASSERT_TRUE(largest.take(1));
  largest.give(most);
  EXPECT_EQ(largest.left(), most);
}

TEST(Budget, KnowsNoLimitWithoutACapacity) {
  budget tokens(0);
  EXPECT_TRUE(tokens.take(most));
  tokens.give(most);
  EXPECT_TRUE(tokens.take(most));
}

}  // namespace budget_test
}  // namespace upsun::retry
