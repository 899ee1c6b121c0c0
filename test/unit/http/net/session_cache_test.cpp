#include "http/net/session_cache.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace upsun::http {
namespace session_cache_test {

using namespace std::chrono_literals;
using cache = session_cache<std::unique_ptr<int>>;

constexpr cache::time_point start{1'000'000s};

std::unique_ptr<int> session(int n) { return std::make_unique<int>(n); }

/// Everything it gives at `now`, in order; a dot for nothing left.
std::string taken(cache& from, cache::time_point now) {
  std::string all;
  while (auto next = from.take(now)) all += std::to_string(**next) + " ";
  return all + ".";
}

TEST(SessionCache, GivesEachSessionOnceAndTheNewestFirst) {
  cache sessions;
  EXPECT_EQ(taken(sessions, start), ".");
  for (int i = 1; i <= 3; ++i) sessions.keep(session(i), start + 1h);
  EXPECT_EQ(taken(sessions, start), "3 2 1 .");
  EXPECT_EQ(taken(sessions, start), ".");
}

TEST(SessionCache, KeepsTheEightNewest) {
  cache sessions;
  for (int i = 1; i <= 20; ++i) sessions.keep(session(i), start + 1h);
  EXPECT_EQ(sessions.size(), 8u);
  EXPECT_EQ(taken(sessions, start), "20 19 18 17 16 15 14 13 .");
}

TEST(SessionCache, GivesNoneWhoseTimeIsOver) {
  cache sessions;
  sessions.keep(session(1), start + 10s);
  EXPECT_EQ(taken(sessions, start + 10s), ".");
  sessions.keep(session(2), start + 10s);
  EXPECT_EQ(taken(sessions, start + 9s), "2 .");
  sessions.keep(session(3), start - 1s);
  EXPECT_EQ(taken(sessions, start), ".") << "kept when it was over already";
}

TEST(SessionCache, PassesOverANewerOneThatEndsEarlierAndDropsIt) {
  cache sessions;
  sessions.keep(session(1), start + 1h);
  sessions.keep(session(2), start + 1s);
  EXPECT_EQ(**sessions.take(start + 1min), 1);
  EXPECT_EQ(sessions.size(), 0u);
}

TEST(SessionCache, GoesOnAfterHavingBeenEmptied) {
  cache sessions;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) sessions.keep(session(i), start + 1h);
    EXPECT_EQ(taken(sessions, start), "9 8 7 6 5 4 3 2 .");
  }
}

}  // namespace session_cache_test
}  // namespace upsun::http
