#include "load/operations.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

namespace upsun::load {
namespace operations_test {

std::string refusal(const std::string& text) {
  try {
    (void)parse_mix(text);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

TEST(Mix, IsOfOneOperationUnlessSaidOtherwise) {
  const operation_mix mix;
  EXPECT_FALSE(mix.several());
  for (std::uint64_t n = 0; n < 100; ++n) EXPECT_EQ(mix.of_call(n), operation::get);
}

TEST(Mix, FollowsItsWeights) {
  const operation_mix mix = parse_mix("get=80,activities=5,list=15");
  EXPECT_TRUE(mix.several());
  std::array<int, operation_count> seen{};
  for (std::uint64_t n = 0; n < 100'000; ++n) ++seen[static_cast<std::size_t>(mix.of_call(n))];
  EXPECT_NEAR(seen[static_cast<std::size_t>(operation::get)], 80'000, 500);
  EXPECT_NEAR(seen[static_cast<std::size_t>(operation::list)], 15'000, 500);
  EXPECT_NEAR(seen[static_cast<std::size_t>(operation::activities)], 5'000, 500);
  EXPECT_EQ(seen[static_cast<std::size_t>(operation::project)], 0);
}

TEST(Mix, DependsOnSeedAndNumberOnly) {
  operation_mix mix = parse_mix("get=1,list=1");
  const operation_mix same = mix;
  mix.seed = 2;
  int differ = 0;
  for (std::uint64_t n = 0; n < 1000; ++n) {
    EXPECT_EQ(same.of_call(n), same.of_call(n));
    if (same.of_call(n) != mix.of_call(n)) ++differ;
  }
  EXPECT_GT(differ, 300);
  EXPECT_LT(differ, 700);
}

TEST(Mix, SaysWhatIsWrongWithIt) {
  EXPECT_EQ(refusal("get"), "'get' is not NAME=WEIGHT");
  EXPECT_EQ(refusal("get=1,"), "'' is not NAME=WEIGHT");
  EXPECT_EQ(refusal("delete=1"),
            "'delete' is no operation; there are get, list, activities, project, environments, "
            "capabilities");
  for (const std::string weight : {"", "0", "-1", "1.5", "x", "1000001"})
    EXPECT_EQ(refusal("get=" + weight),
              "'" + weight + "' is no weight; give a whole number from 1 to 1000000");
  EXPECT_EQ(refusal("get=1,list=1,get=2"), "'get' is given twice");
}

}  // namespace operations_test
}  // namespace upsun::load
