#include "http/net/connect_race.hpp"

#include <gtest/gtest.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>

#include <initializer_list>
#include <string>
#include <tuple>

namespace upsun::http {
namespace connect_race_test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using kind = connect_race::kind;

constexpr time_point start{1h};
const error_code refused = asio::error::connection_refused;
const error_code unreachable = asio::error::network_unreachable;

connect_race race_over(std::initializer_list<const char*> addresses,
                       std::initializer_list<const char*> last_resort = {}) {
  address_choice choice;
  for (const char* address : addresses) choice.first.push_back(asio::ip::make_address(address));
  for (const char* address : last_resort)
    choice.last_resort.push_back(asio::ip::make_address(address));
  return {choice, 443};
}

std::string order_of(std::initializer_list<const char*> addresses,
                     std::initializer_list<const char*> last_resort = {}) {
  const connect_race race = race_over(addresses, last_resort);
  std::string order;
  for (std::size_t i = 0; i < addresses.size() + last_resort.size(); ++i)
    order += (i == 0 ? "" : " ") + race.address(i).address().to_string();
  return order;
}

TEST(ConnectRace, InterleavesTheFamiliesBeginningWithTheFirstResolved) {
  EXPECT_EQ(order_of({"::1", "::2", "::3", "10.0.0.1", "10.0.0.2"}),
            "::1 10.0.0.1 ::2 10.0.0.2 ::3");
  EXPECT_EQ(order_of({"10.0.0.1", "10.0.0.2", "::1"}), "10.0.0.1 ::1 10.0.0.2");
  EXPECT_EQ(order_of({"10.0.0.2", "10.0.0.1"}), "10.0.0.2 10.0.0.1");
  EXPECT_EQ(order_of({"::1"}), "::1");
}

TEST(ConnectRace, TriesTheLastResortAfterAllOthersInterleavedOnItsOwn) {
  EXPECT_EQ(order_of({"::1", "::2"}, {"10.0.0.1", "10.0.0.2", "::3"}),
            "::1 ::2 10.0.0.1 ::3 10.0.0.2");
  EXPECT_EQ(order_of({}, {"::1", "10.0.0.1"}), "::1 10.0.0.1");
}

TEST(ConnectRace, KnowsWhoLeftItsHeadStartUnused) {
  auto race = race_over({"::1", "10.0.0.1", "::2"});
  EXPECT_FALSE(race.overdue(0, start + 1h)) << "not started";
  (void)race.next(start);
  (void)race.next(start + connect_stagger);
  race.succeeded(1);
  EXPECT_FALSE(race.overdue(0, start + connect_stagger - 1ns));
  EXPECT_TRUE(race.overdue(0, start + connect_stagger));
  EXPECT_FALSE(race.overdue(1, start + 1h)) << "it won";
  EXPECT_FALSE(race.overdue(2, start + 1h)) << "not started";
  race.failed(0, refused);
  EXPECT_FALSE(race.overdue(0, start + 1h)) << "it has failed";
}

TEST(ConnectRace, StartsTheFirstAtOnceAndTheNextAfterTheStagger) {
  auto race = race_over({"::1", "10.0.0.1"});
  auto step = race.next(start);
  EXPECT_EQ(step.what, kind::start);
  EXPECT_EQ(step.index, 0U);
  step = race.next(start);
  EXPECT_EQ(step.what, kind::wait);
  EXPECT_EQ(step.until, start + connect_stagger);
  EXPECT_EQ(race.next(start + connect_stagger - 1ns).what, kind::wait);
  step = race.next(start + connect_stagger);
  EXPECT_EQ(step.what, kind::start);
  EXPECT_EQ(step.index, 1U);
  step = race.next(start + connect_stagger);
  EXPECT_EQ(step.what, kind::wait);
  EXPECT_EQ(step.until, time_point::max()) << "nothing more to start";
}

TEST(ConnectRace, StartsTheNextAtOnceAfterAFailure) {
  auto race = race_over({"::1", "10.0.0.1", "::2"});
  EXPECT_EQ(race.next(start).what, kind::start);
  race.failed(0, refused);
  auto step = race.next(start + 10ms);
  EXPECT_EQ(step.what, kind::start);
  EXPECT_EQ(step.index, 1U);
  step = race.next(start + 10ms);
  EXPECT_EQ(step.what, kind::wait) << "one failure starts one attempt";
  EXPECT_EQ(step.until, start + 10ms + connect_stagger);
}

TEST(ConnectRace, IsWonByTheFirstSuccess) {
  auto race = race_over({"::1", "10.0.0.1"});
  (void)race.next(start);
  (void)race.next(start + connect_stagger);
  race.succeeded(1);
  race.succeeded(0);
  const auto step = race.next(start + 300ms);
  EXPECT_EQ(step.what, kind::won);
  EXPECT_EQ(step.index, 1U);
}

TEST(ConnectRace, IsWonAfterFailures) {
  auto race = race_over({"::1", "10.0.0.1"});
  (void)race.next(start);
  race.failed(0, refused);
  (void)race.next(start);
  race.succeeded(1);
  EXPECT_EQ(race.next(start).what, kind::won);
}

TEST(ConnectRace, IsLostWhenAllFailedWithTheFirstErrorThatIsNotOfAMissingNetwork) {
  for (const auto& [first, second, telling] :
       {std::tuple{refused, unreachable, 0U}, std::tuple{unreachable, refused, 1U},
        std::tuple{unreachable, unreachable, 0U}}) {
    auto race = race_over({"::1", "10.0.0.1"});
    (void)race.next(start);
    race.failed(0, first);
    EXPECT_EQ(race.next(start).what, kind::start);
    EXPECT_EQ(race.next(start).what, kind::wait);
    race.failed(1, second);
    const auto step = race.next(start);
    EXPECT_EQ(step.what, kind::lost);
    EXPECT_EQ(step.index, telling);
    EXPECT_EQ(race.error(step.index), telling == 0 ? first : second);
  }
}

}  // namespace connect_race_test
}  // namespace upsun::http
