#include "codec/shape.hpp"

#include <gtest/gtest.h>

#include <array>

namespace shape_test {

using upsun::codec::key_table;

constexpr std::array<std::string_view, 6> names{
    "id", "type", "app_credentials", "addon_credentials", "a", ""};
constexpr key_table table(names);

TEST(KeyTable, LeadsEveryNameToItself) {
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(table.candidate(names[i]), i);
}

TEST(KeyTable, GivesOtherKeysOneCandidateAtMost) {
  for (const std::string_view key : {"ID", "typo", "b", "app_credential", "\xff\xff", "_links"}) {
    const auto candidate = table.candidate(key);
    EXPECT_TRUE(candidate == key_table::none || candidate < names.size()) << key;
  }
}

}  // namespace shape_test
