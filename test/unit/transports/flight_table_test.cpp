#include "transports/flight_table.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "unit/transports/flight_model.hpp"

namespace upsun::transports {
namespace flight_table_test {

using namespace std::chrono_literals;

const item here{"p", "i"};
const time_point start{1h};

struct FlightTable : ::testing::Test {
  flight_table table;
  std::vector<passenger*> told;

  void land(flight& f, bool out_of_time = false) {
    table.land(f, out_of_time, [&](passenger& p) { told.push_back(&p); });
  }
};

TEST_F(FlightTable, FindsOnlyAFlightForTheSameItemWithTheSameCredentials) {
  flight f;
  f.of = here;
  f.credentials = 1;
  EXPECT_EQ(table.find(here, 1), nullptr);
  table.begin(f);
  EXPECT_EQ(table.find(here, 1), &f);
  EXPECT_EQ(table.find(here, 2), nullptr);
  EXPECT_EQ(table.find({"p", "j"}, 1), nullptr);
  EXPECT_EQ(table.find({"q", "i"}, 1), nullptr);
  table.forget(f);
}

TEST_F(FlightTable, TellsAllAboardInTheOrderTheyCame) {
  flight f;
  passenger a, b;
  table.begin(f);
  table.board(f, a);
  table.board(f, b);
  land(f);
  EXPECT_EQ(told, (std::vector{&a, &b}));
  EXPECT_EQ(a.on, nullptr);
  EXPECT_FALSE(f.current());
}

TEST_F(FlightTable, IsAbandonedByTheLastPassengerWhoLeaves) {
  flight f;
  passenger a, b;
  table.begin(f);
  table.board(f, a);
  table.board(f, b);
  EXPECT_FALSE(table.leave(a));
  EXPECT_EQ(table.find(f.of, 0), &f);
  EXPECT_TRUE(table.leave(b));
  EXPECT_EQ(table.find(f.of, 0), nullptr)
      << "nobody boards a flight whose fetch is being cancelled";
  land(f);
  EXPECT_TRUE(told.empty());
}

TEST_F(FlightTable, AChangeOfTheItemLetsThoseAboardFlyOnAndOthersBeginAnew) {
  flight old;
  old.of = here;
  flight other;
  other.of = {"p", "j"};
  passenger a;
  table.begin(old);
  table.begin(other);
  table.board(old, a);
  table.change(here);
  EXPECT_FALSE(old.current());
  EXPECT_EQ(table.find(here, 0), nullptr);
  EXPECT_TRUE(other.current());
  land(old);
  EXPECT_EQ(told, std::vector{&a});
  table.forget(other);
}

TEST_F(FlightTable, AChangeConcernsFlightsWithAnyCredentials) {
  flight f, g;
  f.of = g.of = here;
  f.credentials = 1;
  g.credentials = 2;
  table.begin(f);
  table.begin(g);
  table.change(here);
  EXPECT_FALSE(f.current() || g.current());
}

TEST_F(FlightTable, OneThatRanOutOfTimeIsRelievedForThoseWhoHaveMore) {
  flight f;
  f.of = here;
  f.deadline = start + 10s;
  passenger early, late, latest;
  early.deadline = start + 10s;
  late.deadline = start + 11s;
  latest.deadline = start + 12s;
  table.begin(f);
  table.board(f, latest);
  table.board(f, early);
  table.board(f, late);
  land(f, true);
  EXPECT_EQ(told, std::vector{&early});
  EXPECT_EQ(flight_table::latest_deadline(f), start + 12s);

  flight next;
  next.of = here;
  table.relieve(f, next);
  EXPECT_EQ(table.find(here, 0), &next);
  EXPECT_EQ(late.on, &next);
  EXPECT_TRUE(f.aboard.empty());
  land(next);
  EXPECT_EQ(told, (std::vector{&early, &latest, &late}));
}

TEST_F(FlightTable, TheReliefOfOneThatIsNotCurrentIsNotEither) {
  flight f, next;
  f.of = next.of = here;
  passenger p;
  p.deadline = start + 1s;
  f.deadline = start;
  table.begin(f);
  table.board(f, p);
  table.change(here);
  land(f, true);
  table.relieve(f, next);
  EXPECT_FALSE(next.current());
  EXPECT_EQ(p.on, &next);
  table.forget(next);
  EXPECT_EQ(p.on, nullptr);
}

TEST_F(FlightTable, AgreesWithItsModel) {
  std::mt19937 dice(7);
  test::flight_model model([&](std::size_t below) { return dice() % below; });
  for (int i = 0; i < 20'000; ++i) model.step();
}

}  // namespace flight_table_test
}  // namespace upsun::transports
