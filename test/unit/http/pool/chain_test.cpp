#include "http/pool/chain.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace upsun::http {
namespace chain_test {

struct link {
  explicit link(int n) : number(n) {}

  int number;
  std::shared_ptr<link> next;
};

using links = chain<link, &link::next>;

std::vector<int> taken_from(links& from) {
  std::vector<int> taken;
  while (const auto one = from.pop()) taken.push_back(one->number);
  return taken;
}

TEST(Chain, GivesBackInTheOrderInWhichItTook) {
  links chained;
  for (int i = 0; i < 3; ++i) chained.push(std::make_shared<link>(i));
  EXPECT_FALSE(chained.empty());
  EXPECT_EQ(taken_from(chained), (std::vector{0, 1, 2}));
  EXPECT_TRUE(chained.empty());
}

TEST(Chain, TakesMoreAfterItGaveSomeOrAll) {
  links chained;
  chained.push(std::make_shared<link>(0));
  chained.push(std::make_shared<link>(1));
  EXPECT_EQ(chained.pop()->number, 0);
  chained.push(std::make_shared<link>(2));
  EXPECT_EQ(taken_from(chained), (std::vector{1, 2}));
  chained.push(std::make_shared<link>(3));
  EXPECT_EQ(taken_from(chained), (std::vector{3}));
}

TEST(Chain, LetsGoOfWhatItGave) {
  links chained;
  const auto one = std::make_shared<link>(0);
  chained.push(one);
  EXPECT_EQ(chained.pop(), one);
  EXPECT_EQ(one.use_count(), 1);
  EXPECT_EQ(one->next, nullptr);
}

TEST(Chain, LetsGoOfAllAtItsEnd) {
  std::vector<std::weak_ptr<link>> alive;
  {
    links chained;
    for (int i = 0; i < 1'000'000; ++i) {
      auto one = std::make_shared<link>(i);
      if (i % 1'000 == 0) alive.push_back(one);
      chained.push(std::move(one));
    }
  }
  for (const auto& each : alive) EXPECT_TRUE(each.expired());
}

}  // namespace chain_test
}  // namespace upsun::http
