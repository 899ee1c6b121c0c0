#include "transports/fetch_table.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "unit/transports/fetch_table_model.hpp"

namespace upsun::transports {
namespace fetch_table_test {

const std::string here = "/p/i\n";

std::shared_ptr<const std::string> token(const char* text) {
  return std::make_shared<const std::string>(text);
}

struct FetchTable : ::testing::Test {
  fetch_table table;

  fetch& begin(fetch& f, fetch_key key = {here, nullptr}) {
    f.key = std::move(key);
    table.begin(f);
    f.joinable = true;
    return f;
  }
  static std::shared_ptr<waiter> join(fetch& f) {
    auto made = std::make_shared<waiter>();
    fetch_table::join(f, made);
    return made;
  }
};

TEST_F(FetchTable, FindsOnlyAFetchForTheSameWithTheSameCredentials) {
  fetch f;
  const auto first = token("1");
  EXPECT_EQ(table.find({here, first}), nullptr);
  begin(f, {here, first});
  EXPECT_EQ(table.find({here, first}), &f);
  EXPECT_EQ(table.find({here, token("1")}), &f) << "the same token, whoever holds it";
  EXPECT_EQ(table.find({here, token("2")}), nullptr);
  EXPECT_EQ(table.find({here, nullptr}), nullptr);
  EXPECT_EQ(table.find({"/p/j\n", first}), nullptr);
  EXPECT_EQ(table.find({here, first, true}), nullptr) << "a hedge does not join what it overtakes";
}

TEST_F(FetchTable, AFetchThatWasNotSentIsNotJoined) {
  fetch f, sent;
  begin(f).joinable = false;
  EXPECT_EQ(table.find(f.key), nullptr);
  begin(sent);
  EXPECT_EQ(table.find(f.key), &sent);
}

TEST_F(FetchTable, GivesAllWaitersInTheOrderTheyCame) {
  fetch f;
  begin(f);
  const auto a = join(f);
  const auto b = join(f);
  EXPECT_EQ(table.end(f), (waiters{a, b}));
  EXPECT_EQ(a->on, nullptr);
  EXPECT_FALSE(f.current());
}

TEST_F(FetchTable, IsAbandonedByTheLastWaiterWhoLeaves) {
  fetch f;
  begin(f);
  const auto a = join(f);
  const auto b = join(f);
  EXPECT_FALSE(table.leave(*a));
  EXPECT_EQ(table.find(f.key), &f);
  EXPECT_TRUE(table.leave(*b));
  EXPECT_EQ(table.find(f.key), nullptr) << "nobody joins a fetch that is being cancelled";
  EXPECT_TRUE(table.end(f).empty());
}

TEST_F(FetchTable, AfterAChangeWaitersGoOnWaitingAndOthersBeginAnew) {
  fetch old, other, beneath, list;
  begin(old);
  begin(other, {"/p/j\n", nullptr});
  begin(beneath, {"/p/i/activities\n?a=b", token("1")});
  begin(list, {"/p\n", nullptr});
  const auto a = join(old);
  table.forget({.path = "/p/i"});
  EXPECT_FALSE(old.current());
  EXPECT_FALSE(beneath.current());
  EXPECT_FALSE(list.current());
  EXPECT_TRUE(other.current());
  EXPECT_EQ(table.find(old.key), nullptr);
  EXPECT_EQ(table.end(old), waiters{a});
}

TEST_F(FetchTable, AChangeConcernsFetchesWithAnyCredentials) {
  fetch f, g;
  begin(f, {here, token("1")});
  begin(g, {here, token("2")});
  table.forget({.path = "/p/i"});
  EXPECT_FALSE(f.current() || g.current());
}

TEST_F(FetchTable, AgreesWithItsModel) {
  std::mt19937 dice(7);
  test::fetch_table_model model([&](std::size_t below) { return dice() % below; });
  for (int i = 0; i < 20'000; ++i) model.step();
}

}  // namespace fetch_table_test
}  // namespace upsun::transports
