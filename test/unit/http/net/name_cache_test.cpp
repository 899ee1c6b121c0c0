#include "http/net/name_cache.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/address.hpp>

#include <initializer_list>
#include <string>

namespace upsun::http {
namespace name_cache_test {

using namespace std::chrono_literals;

ip_addresses addresses(std::initializer_list<const char*> texts) {
  ip_addresses result;
  for (const char* text : texts) result.push_back(boost::asio::ip::make_address(text));
  return result;
}

/// A cache and a clock moved by hand.
struct NameCache : testing::Test {
  name_cache cache{30s, 300s};
  name_cache::time_point now{1h};

  std::string need() {
    return std::string(cache.usable(now) ? "use" : "wait") + (cache.ask(now) ? ", ask" : "");
  }
  bool answered(std::initializer_list<const char*> texts) {
    return cache.succeeded(addresses(texts), now);
  }
};

TEST_F(NameCache, AsksOnceForAnyNumberThatNeedTheName) {
  EXPECT_EQ(need(), "wait, ask");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(need(), "wait");
  EXPECT_FALSE(answered({"10.0.0.1"}));
  EXPECT_EQ(need(), "use");
  EXPECT_EQ(cache.last(), addresses({"10.0.0.1"}));
}

TEST_F(NameCache, UsesAFreshAnswerWithoutAsking) {
  need();
  answered({"10.0.0.1"});
  now += 30s - 1ns;
  EXPECT_EQ(need(), "use");
  now += 1ns;
  EXPECT_EQ(need(), "use, ask") << "stale";
}

TEST_F(NameCache, UsesAStaleAnswerWhileOneLookupRefreshesIt) {
  need();
  answered({"10.0.0.1"});
  now += 100s;
  EXPECT_EQ(need(), "use, ask");
  EXPECT_EQ(need(), "use");
  now += 200s;
  EXPECT_EQ(need(), "use") << "the lookup hangs";
  answered({"10.0.0.2"});
  EXPECT_EQ(cache.last(), addresses({"10.0.0.2"}));
  now += 30s - 1ns;
  EXPECT_EQ(need(), "use") << "fresh again";
}

TEST_F(NameCache, WaitsForALookupOnceTheAnswerIsTooOld) {
  need();
  answered({"10.0.0.1"});
  now += 330s - 1ns;
  EXPECT_EQ(need(), "use, ask");
  now += 1ns;
  EXPECT_EQ(need(), "wait") << "the same lookup still runs";
  cache.failed(now);
  EXPECT_EQ(need(), "wait, ask");
}

TEST_F(NameCache, KeepsTheAnswerWhenARefreshFailsAndPausesBeforeTheNext) {
  need();
  answered({"10.0.0.1"});
  now += 100s;
  EXPECT_EQ(need(), "use, ask");
  cache.failed(now);
  now += refresh_pause - 1ns;
  EXPECT_EQ(need(), "use");
  now += 1ns;
  EXPECT_EQ(need(), "use, ask");
  EXPECT_EQ(cache.last(), addresses({"10.0.0.1"}));
}

TEST_F(NameCache, KeepsNoFailure) {
  EXPECT_EQ(need(), "wait, ask");
  cache.failed(now);
  EXPECT_EQ(need(), "wait, ask");
}

TEST_F(NameCache, WithoutAFreshTimeEveryNeedAsksAndUsesWhatIsStale) {
  name_cache none_fresh(0s, 300s);
  EXPECT_TRUE(none_fresh.ask(now));
  none_fresh.succeeded(addresses({"10.0.0.1"}), now);
  EXPECT_TRUE(none_fresh.usable(now));
  EXPECT_TRUE(none_fresh.ask(now));
  EXPECT_FALSE(none_fresh.ask(now)) << "under way";
}

TEST_F(NameCache, WithoutAnyTimeEveryNeedWaits) {
  name_cache none(0s, 0s);
  EXPECT_TRUE(none.ask(now));
  none.succeeded(addresses({"10.0.0.1"}), now);
  EXPECT_FALSE(none.usable(now));
  EXPECT_TRUE(none.ask(now));
  EXPECT_FALSE(none.ask(now)) << "under way";
}

TEST_F(NameCache, TellsWhetherAnAnswerLacksAnAddress) {
  need();
  EXPECT_FALSE(answered({"10.0.0.1", "10.0.0.2"}));
  EXPECT_FALSE(answered({"10.0.0.2", "10.0.0.1"})) << "another order";
  EXPECT_FALSE(answered({"10.0.0.2", "10.0.0.1", "::1"})) << "one more";
  EXPECT_TRUE(answered({"10.0.0.2", "::1", "::2"}));
  EXPECT_FALSE(cache.holds(boost::asio::ip::make_address("10.0.0.1")));
  EXPECT_TRUE(cache.holds(boost::asio::ip::make_address("::2")));
  now += 10h;
  EXPECT_TRUE(answered({"10.0.0.9"})) << "compared with the last answer however old";
}

TEST_F(NameCache, DropsDuplicatesAndKeepsTheOrder) {
  need();
  answered({"10.0.0.2", "10.0.0.1", "10.0.0.2", "10.0.0.1"});
  EXPECT_EQ(cache.last(), addresses({"10.0.0.2", "10.0.0.1"}));
}

}  // namespace name_cache_test
}  // namespace upsun::http
