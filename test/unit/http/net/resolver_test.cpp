#include "http/net/resolver.hpp"

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace upsun::http {
namespace resolver_test {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

const ip_addresses both{make_address("10.0.0.1"), make_address("10.0.0.2")};

/// A resolver with a lookup that the test ends, and who was notified of what.
struct Resolver : ::testing::Test {
  std::shared_ptr<resolver> make(const std::string& host, dns_options options = {}) {
    return std::make_shared<resolver>(host, options,
                                      [this](const std::string& name, lookup_handler handler) {
                                        asked.push_back(name);
                                        pending = std::move(handler);
                                      });
  }
  /// Whether the addresses were there at once.
  bool find(resolver& names, std::uint64_t who) {
    return names
        .find(connection_id{who},
              [this, who](const resolver::lookup_outcome& a) {
                notified.emplace_back(who, a.failure);
              })
        .has_value();
  }
  void end_lookup(const error_code& failed, const ip_addresses& found) {
    std::exchange(pending, {})(failed, found);
  }

  std::vector<std::string> asked;
  lookup_handler pending;
  std::vector<std::pair<std::uint64_t, error_code>> notified;
};

TEST_F(Resolver, NeverLooksAnAddressUp) {
  for (const char* literal : {"127.0.0.1", "::1"}) {
    const auto names = make(literal, {.fresh = 0ms, .stale = 0ms});
    const auto found =
        names->find(connection_id{1}, [](const resolver::lookup_outcome&) { FAIL(); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->first, ip_addresses{make_address(literal)});
    EXPECT_TRUE(names->holds(make_address(literal)));
  }
  EXPECT_TRUE(asked.empty());
}

TEST(SystemLookup, IsNotAskedForTheNamesOfThisMachine) {
  for (const char* name : {"localhost", "api.localhost"}) {
    boost::asio::io_context io;
    const auto lookup = system_lookup(io.get_executor());
    ip_addresses found;
    lookup(name, [&](const error_code& failed, const ip_addresses& addresses) {
      EXPECT_FALSE(failed);
      found = addresses;
    });
    EXPECT_TRUE(found.empty()) << "never from within its beginning";
    EXPECT_EQ(io.poll(), 1U) << "without a thread that asks";
    EXPECT_EQ(found, (ip_addresses{make_address("127.0.0.1"), make_address("::1")}));
  }
}

TEST_F(Resolver, NotifiesAllThatWaitAndNobodyThatWasForgotten) {
  const auto names = make("api.example");
  for (const std::uint64_t who : {1U, 2U, 3U}) EXPECT_FALSE(find(*names, who));
  names->forget(connection_id{2});
  end_lookup({}, both);
  std::sort(notified.begin(), notified.end());
  EXPECT_EQ(notified, (decltype(notified){{1, error_code()}, {3, error_code()}}));
  EXPECT_EQ(asked, std::vector<std::string>{"api.example"});
  EXPECT_TRUE(find(*names, 4));
}

TEST_F(Resolver, SaysWhyALookupFailed) {
  const auto names = make("api.example");
  find(*names, 1);
  end_lookup(boost::asio::error::host_not_found, {});
  find(*names, 2);
  end_lookup({}, {});
  EXPECT_EQ(notified, (decltype(notified){{1, boost::asio::error::host_not_found},
                                          {2, boost::asio::error::no_data}}));
}

TEST_F(Resolver, ThrowsWhenALookupCannotBeginAndTriesAgain) {
  int begun = 0;
  const auto names = std::make_shared<resolver>("api.example", dns_options{},
                                                [&](const std::string&, const lookup_handler&) {
                                                  ++begun;
                                                  throw std::bad_alloc();
                                                });
  EXPECT_THROW(find(*names, 1), std::bad_alloc);
  EXPECT_THROW(find(*names, 2), std::bad_alloc);
  EXPECT_EQ(begun, 2);
  EXPECT_TRUE(notified.empty());
}

TEST_F(Resolver, PutsFailingAddressesBehindUntilTheySucceed) {
  const auto names = make("api.example");
  find(*names, 1);
  end_lookup({}, both);
  const auto choice = [&] {
    return names->find(connection_id{2}, [](const resolver::lookup_outcome&) {}).value();
  };
  names->failed(both[0]);
  EXPECT_EQ(choice().first, ip_addresses{both[1]});
  EXPECT_EQ(choice().last_resort, ip_addresses{both[0]});
  names->succeeded(both[0]);
  EXPECT_EQ(choice().first, both);
}

TEST_F(Resolver, SaysThatAddressesAreGone) {
  int gone = 0;
  const auto names = make("api.example", {.fresh = 0ms});
  names->on_addresses_gone([&] { ++gone; });
  find(*names, 1);
  end_lookup({}, both);
  EXPECT_EQ(gone, 0);
  find(*names, 2);
  end_lookup({}, {both[1]});
  EXPECT_EQ(gone, 1);
  EXPECT_FALSE(names->holds(both[0]));
  EXPECT_TRUE(names->holds(both[1]));
}

TEST_F(Resolver, BeginsNoLookupOnceItIsClosed) {
  const auto names = make("api.example");
  names->close();
  EXPECT_FALSE(find(*names, 1));
  EXPECT_TRUE(asked.empty());
}

TEST_F(Resolver, IsNotKeptByALookupUnderWay) {
  auto names = make("api.example");
  find(*names, 1);
  std::weak_ptr<resolver> watched = names;
  names.reset();
  EXPECT_TRUE(watched.expired());
  end_lookup({}, both);
  EXPECT_TRUE(notified.empty());
}

}  // namespace resolver_test
}  // namespace upsun::http
