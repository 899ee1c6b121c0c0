#include "http/net/name_cache.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/address.hpp>

#include <initializer_list>
#include <sstream>
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
struct NameCache : ::testing::Test {
  name_cache cache{30s, 300s};
  name_cache::time_point now{1h};

  std::string need() {
    return std::string(cache.usable(now) ? "use" : "wait") + (cache.ask(now) ? ", ask" : "");
  }
  /// Whether an address is gone.
  bool looked_up(std::initializer_list<const char*> texts) {
    return cache.looked_up(addresses(texts), now);
  }
};

TEST_F(NameCache, AsksOnceForAnyNumberThatNeedTheName) {
  EXPECT_EQ(need(), "wait, ask");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(need(), "wait");
  EXPECT_FALSE(looked_up({"10.0.0.1"}));
  EXPECT_EQ(need(), "use");
  EXPECT_EQ(cache.last(), addresses({"10.0.0.1"}));
}

TEST_F(NameCache, UsesFreshAddressesWithoutAsking) {
  need();
  looked_up({"10.0.0.1"});
  now += 30s - 1ns;
  EXPECT_EQ(need(), "use");
  now += 1ns;
  EXPECT_EQ(need(), "use, ask") << "stale";
}

TEST_F(NameCache, UsesStaleAddressesWhileOneLookupRefreshesThem) {
  need();
  looked_up({"10.0.0.1"});
  now += 100s;
  EXPECT_EQ(need(), "use, ask");
  EXPECT_EQ(need(), "use");
  now += 200s;
  EXPECT_EQ(need(), "use") << "the lookup hangs";
  looked_up({"10.0.0.2"});
  EXPECT_EQ(cache.last(), addresses({"10.0.0.2"}));
  now += 30s - 1ns;
  EXPECT_EQ(need(), "use") << "fresh again";
}

TEST_F(NameCache, WaitsForALookupOnceTheAddressesAreTooOld) {
  need();
  looked_up({"10.0.0.1"});
  now += 330s - 1ns;
  EXPECT_EQ(need(), "use, ask");
  now += 1ns;
  EXPECT_EQ(need(), "wait") << "the same lookup still runs";
  cache.lookup_failed(now);
  EXPECT_EQ(need(), "wait, ask");
}

TEST_F(NameCache, KeepsTheAddressesWhenARefreshFailsAndPausesBeforeTheNext) {
  need();
  looked_up({"10.0.0.1"});
  now += 100s;
  EXPECT_EQ(need(), "use, ask");
  cache.lookup_failed(now);
  now += refresh_pause - 1ns;
  EXPECT_EQ(need(), "use");
  now += 1ns;
  EXPECT_EQ(need(), "use, ask");
  EXPECT_EQ(cache.last(), addresses({"10.0.0.1"}));
}

TEST_F(NameCache, KeepsNoFailure) {
  EXPECT_EQ(need(), "wait, ask");
  cache.lookup_failed(now);
  EXPECT_EQ(need(), "wait, ask");
}

TEST_F(NameCache, WithoutAFreshTimeEveryNeedAsksAndUsesWhatIsStale) {
  name_cache none_fresh(0s, 300s);
  EXPECT_TRUE(none_fresh.ask(now));
  none_fresh.looked_up(addresses({"10.0.0.1"}), now);
  EXPECT_TRUE(none_fresh.usable(now));
  EXPECT_TRUE(none_fresh.ask(now));
  EXPECT_FALSE(none_fresh.ask(now)) << "under way";
}

TEST_F(NameCache, WithoutAnyTimeEveryNeedWaits) {
  name_cache none(0s, 0s);
  EXPECT_TRUE(none.ask(now));
  none.looked_up(addresses({"10.0.0.1"}), now);
  EXPECT_FALSE(none.usable(now));
  EXPECT_TRUE(none.ask(now));
  EXPECT_FALSE(none.ask(now)) << "under way";
}

TEST_F(NameCache, SaysWhetherAnAddressIsGone) {
  need();
  EXPECT_FALSE(looked_up({"10.0.0.1", "10.0.0.2"}));
  EXPECT_FALSE(looked_up({"10.0.0.2", "10.0.0.1"})) << "another order";
  EXPECT_FALSE(looked_up({"10.0.0.2", "10.0.0.1", "::1"})) << "one more";
  EXPECT_TRUE(looked_up({"10.0.0.2", "::1", "::2"}));
  EXPECT_FALSE(cache.holds(boost::asio::ip::make_address("10.0.0.1")));
  EXPECT_TRUE(cache.holds(boost::asio::ip::make_address("::2")));
  now += 10h;
  EXPECT_TRUE(looked_up({"10.0.0.9"})) << "compared with the last ones however old";
}

TEST_F(NameCache, DropsDuplicatesAndKeepsTheOrder) {
  need();
  looked_up({"10.0.0.2", "10.0.0.1", "10.0.0.2", "10.0.0.1"});
  EXPECT_EQ(cache.last(), addresses({"10.0.0.2", "10.0.0.1"}));
}

// ---- addresses that fail

const auto a = boost::asio::ip::make_address("10.0.0.1");
const auto b = boost::asio::ip::make_address("10.0.0.2");
const auto c = boost::asio::ip::make_address("::1");

struct FailingAddresses : NameCache {
  FailingAddresses() { cache.looked_up({a, b, c}, now); }

  std::string order() {
    std::ostringstream text;
    const auto choice = cache.choice(now);
    for (const auto& address : choice.first) text << address << ' ';
    text << '|';
    for (const auto& address : choice.last_resort) text << ' ' << address;
    return text.str();
  }
};

TEST_F(FailingAddresses, AreNoneAtFirst) { EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |"); }

TEST_F(FailingAddresses, StandBehindTheOthersForASecond) {
  cache.address_failed(a, now, 0);
  EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1");
  now += 1s - 1ns;
  EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1");
  now += 1ns;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(FailingAddresses, KeepTheirOrderWhenAllFail) {
  for (const auto& address : {c, b, a}) cache.address_failed(address, now, 0);
  EXPECT_EQ(order(), "| 10.0.0.1 10.0.0.2 ::1");
}

TEST_F(FailingAddresses, BackOffForTwiceAsLongEachTimeUpToAMinute) {
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    cache.address_failed(a, now, 0);
    now += expected - 1ns;
    EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1") << expected.count();
    now += 1ns;
    EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |") << expected.count();
  }
}

TEST_F(FailingAddresses, CountFailuresThatComeTogetherOnce) {
  for (int i = 0; i < 64; ++i) cache.address_failed(a, now, 0);
  now += 1s;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(FailingAddresses, BackOffForLessByUpToHalfAsTheDiceSay) {
  cache.address_failed(a, now, 1);
  now += 500ms - 1ns;
  EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1");
  now += 1ns;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(FailingAddresses, StartAnewAfterASuccess) {
  for (int i = 0; i < 3; ++i) {
    cache.address_failed(a, now, 0);
    now += 60s;
  }
  cache.address_failed(a, now, 0);
  cache.address_succeeded(a);
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
  cache.address_failed(a, now, 0);
  now += 1s;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(FailingAddresses, AreForgottenWhenALookupLacksThem) {
  cache.address_failed(a, now, 0);
  cache.address_failed(b, now, 0);
  cache.looked_up({b, c}, now);
  cache.looked_up({a, b, c}, now);
  EXPECT_EQ(order(), "10.0.0.1 ::1 | 10.0.0.2");
}

}  // namespace name_cache_test
}  // namespace upsun::http
