#include "testing/opaque_ids.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>

namespace upsun::testing {
namespace opaque_ids_test {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

TEST(OpaqueIds, AreReadBack) {
  for (const std::uint64_t key : {std::uint64_t{0}, std::uint64_t{7}, largest}) {
    const opaque_ids ids(key);
    std::set<std::string> seen;
    for (std::uint64_t number = 0; number < 1'000; ++number) {
      const std::string id = ids.encode(number);
      EXPECT_EQ(id.size(), opaque_ids::length);
      EXPECT_EQ(id.find_first_not_of(opaque_ids::lower_case), std::string::npos) << id;
      EXPECT_EQ(ids.decode(id), number);
      seen.insert(id);
    }
    EXPECT_EQ(seen.size(), 1'000u);
    EXPECT_EQ(ids.decode(ids.encode(largest)), largest);
  }
}

TEST(OpaqueIds, DifferByTheirKey) {
  EXPECT_NE(opaque_ids(1).encode(5), opaque_ids(2).encode(5));
  EXPECT_NE(opaque_ids(1).decode(opaque_ids(2).encode(5)), 5u);
  EXPECT_NE(mixed(1, 5), mixed(2, 5));
  EXPECT_NE(mixed(1, 5), mixed(1, 6));
}

TEST(OpaqueIds, HaveAnAlphabet) {
  const opaque_ids ids(3, opaque_ids::crockford);
  EXPECT_EQ(ids.encode(9).find_first_not_of(opaque_ids::crockford), std::string::npos);
  EXPECT_EQ(ids.decode(ids.encode(9)), 9u);
}

TEST(OpaqueIds, AreNotReadFromOtherTexts) {
  const opaque_ids ids(3);
  const std::string id = ids.encode(9);
  for (const std::string& text : {std::string(), id.substr(1), id + "a", id.substr(1) + "7",
                                  "1" + id.substr(1), "A" + id.substr(1), "%" + id.substr(1)}) {
    EXPECT_FALSE(ids.decode(text)) << text;
  }
}

}  // namespace opaque_ids_test
}  // namespace upsun::testing
