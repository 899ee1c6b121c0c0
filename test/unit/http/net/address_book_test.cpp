#include "http/net/address_book.hpp"

#include <gtest/gtest.h>
#include <boost/asio/ip/address.hpp>

#include <sstream>
#include <string>

namespace upsun::http {
namespace address_book_test {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

const auto a = make_address("10.0.0.1");
const auto b = make_address("10.0.0.2");
const auto c = make_address("::1");

struct AddressBook : testing::Test {
  address_book book;
  address_book::time_point now{1h};

  std::string order() {
    std::ostringstream text;
    const auto choice = book.sort({a, b, c}, now);
    for (const auto& address : choice.first) text << address << ' ';
    text << '|';
    for (const auto& address : choice.last_resort) text << ' ' << address;
    return text.str();
  }
};

TEST_F(AddressBook, LeavesTheOrderAloneWhenNothingFailed) {
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(AddressBook, PutsAFailedAddressBehindTheOthersForASecond) {
  book.failed(a, now, 0);
  EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1");
  now += 1s - 1ns;
  EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1");
  now += 1ns;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(AddressBook, KeepsTheOrderWhenAllFail) {
  for (const auto& address : {c, b, a}) book.failed(address, now, 0);
  EXPECT_EQ(order(), "| 10.0.0.1 10.0.0.2 ::1");
}

TEST_F(AddressBook, DoublesTheBackOffUpToAMinute) {
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s, 60s}) {
    book.failed(a, now, 0);
    now += expected - 1ns;
    EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1") << expected.count();
    now += 1ns;
    EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |") << expected.count();
  }
}

TEST_F(AddressBook, CountsFailuresThatComeTogetherOnce) {
  for (int i = 0; i < 64; ++i) book.failed(a, now, 0);
  now += 1s;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(AddressBook, TheDiceTakeUpToHalfOfTheBackOffAway) {
  book.failed(a, now, 1);
  now += 500ms - 1ns;
  EXPECT_EQ(order(), "10.0.0.2 ::1 | 10.0.0.1");
  now += 1ns;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(AddressBook, ASuccessClearsTheBackOffAndItsGrowth) {
  for (int i = 0; i < 3; ++i) {
    book.failed(a, now, 0);
    now += 60s;
  }
  book.failed(a, now, 0);
  book.succeeded(a);
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
  book.failed(a, now, 0);
  now += 1s;
  EXPECT_EQ(order(), "10.0.0.1 10.0.0.2 ::1 |");
}

TEST_F(AddressBook, ForgetsAddressesThatAreGone) {
  book.failed(a, now, 0);
  book.failed(b, now, 0);
  book.keep_only({b, c});
  EXPECT_EQ(order(), "10.0.0.1 ::1 | 10.0.0.2");
}

}  // namespace address_book_test
}  // namespace upsun::http
