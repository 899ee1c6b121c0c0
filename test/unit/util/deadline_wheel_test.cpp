#include "util/deadline_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "unit/util/wheel_model.hpp"

namespace upsun::util {
namespace deadline_wheel_test {

using namespace std::chrono_literals;
using time_point = util::deadline_wheel::time_point;

constexpr auto one_tick = std::chrono::nanoseconds(util::deadline_wheel::ticks(1));
constexpr auto one_turn = one_tick * util::deadline_wheel::slot_count;
constexpr time_point start{std::chrono::hours(1000)};

/// A wheel that has been looked at just before `start`.
struct running_wheel : util::deadline_wheel {
  running_wheel() { EXPECT_EQ(pop_expired(start), nullptr); }
};

TEST(DeadlineWheel, HasNothingDueWhenEmpty) {
  running_wheel wheel;
  EXPECT_EQ(wheel.next_due(), std::nullopt);
  EXPECT_EQ(wheel.pop_expired(start + 24h), nullptr);
}

TEST(DeadlineWheel, ExpiresAnEntryOnceWithinATick) {
  running_wheel wheel;
  util::deadline_entry entry;
  const time_point due = start + 1s + 3ms;
  wheel.schedule(entry, due);
  EXPECT_TRUE(entry.scheduled());
  EXPECT_EQ(entry.due(), due);
  EXPECT_EQ(wheel.pop_expired(due - 1ns), nullptr);
  ASSERT_TRUE(wheel.next_due());
  EXPECT_GE(*wheel.next_due(), due);
  EXPECT_LT(*wheel.next_due(), due + one_tick);
  EXPECT_EQ(wheel.pop_expired(*wheel.next_due()), &entry);
  EXPECT_FALSE(entry.scheduled());
  EXPECT_EQ(wheel.pop_expired(due + 1h), nullptr);
}

TEST(DeadlineWheel, ExpiresAnEntryOnATickAtThatTick) {
  running_wheel wheel;
  util::deadline_entry entry;
  wheel.schedule(entry, start + 50ms);
  EXPECT_EQ(wheel.next_due(), start + 50ms);
  EXPECT_EQ(wheel.pop_expired(start + 50ms - 1ns), nullptr);
  EXPECT_EQ(wheel.pop_expired(start + 50ms), &entry);
}

TEST(DeadlineWheel, ExpiresWhatIsOverdueAtTheNextTick) {
  running_wheel wheel;
  util::deadline_entry past;
  util::deadline_entry ancient;
  wheel.schedule(past, start - 1s);
  wheel.schedule(ancient, time_point::min());
  EXPECT_LE(*wheel.next_due(), start + one_tick);
  EXPECT_NE(wheel.pop_expired(start + one_tick), nullptr);
  EXPECT_NE(wheel.pop_expired(start + one_tick), nullptr);
  EXPECT_EQ(wheel.pop_expired(start + one_tick), nullptr);
}

TEST(DeadlineWheel, CancelsAnEntry) {
  running_wheel wheel;
  util::deadline_entry entry;
  wheel.schedule(entry, start + 1s);
  wheel.cancel(entry);
  EXPECT_FALSE(entry.scheduled());
  EXPECT_EQ(wheel.next_due(), std::nullopt);
  EXPECT_EQ(wheel.pop_expired(start + 2s), nullptr);
  wheel.cancel(entry);
}

TEST(DeadlineWheel, CancelsOneOfManyInASlot) {
  running_wheel wheel;
  std::array<util::deadline_entry, 3> entries;
  for (util::deadline_entry& e : entries) wheel.schedule(e, start + 1s);
  wheel.cancel(entries[1]);
  std::vector<util::deadline_entry*> expired;
  while (util::deadline_entry* e = wheel.pop_expired(start + 1s)) expired.push_back(e);
  EXPECT_EQ(expired.size(), 2U);
  EXPECT_EQ(std::count(expired.begin(), expired.end(), &entries[1]), 0);
}

TEST(DeadlineWheel, MovesAnEntryThatIsScheduledAgain) {
  running_wheel wheel;
  util::deadline_entry entry;
  wheel.schedule(entry, start + 1s);
  wheel.schedule(entry, start + 3s);
  EXPECT_EQ(wheel.pop_expired(start + 2s), nullptr);
  wheel.schedule(entry, start + 2s + 500ms);
  EXPECT_EQ(wheel.pop_expired(start + 2s + 500ms), &entry);
  EXPECT_EQ(wheel.next_due(), std::nullopt);
}

TEST(DeadlineWheel, LooksAtAFarDeadlineOnceATurnAndExpiresItInTime) {
  running_wheel wheel;
  util::deadline_entry entry;
  const time_point due = start + one_turn * 5 + 123ms;
  wheel.schedule(entry, due);
  int looks = 0;
  for (;;) {
    const time_point next = *wheel.next_due();
    ++looks;
    if (wheel.pop_expired(next) != nullptr) {
      EXPECT_GE(next, due);
      EXPECT_LT(next, due + one_tick);
      break;
    }
    EXPECT_LT(next, due);
  }
  EXPECT_LE(looks, 7);
}

TEST(DeadlineWheel, NeverExpiresTheLastTimePoint) {
  running_wheel wheel;
  util::deadline_entry entry;
  wheel.schedule(entry, time_point::max());
  EXPECT_EQ(wheel.pop_expired(start + 24h * 365), nullptr);
  EXPECT_TRUE(entry.scheduled());
  wheel.cancel(entry);
}

TEST(DeadlineWheel, CatchesUpAfterALongPause) {
  util::deadline_wheel wheel;  // never looked at: the clock's origin is long past
  std::array<util::deadline_entry, 4> entries;
  wheel.schedule(entries[0], start + 1s);
  wheel.schedule(entries[1], start + 1h);
  wheel.schedule(entries[2], start + 1s);
  EXPECT_EQ(wheel.pop_expired(start), nullptr);
  EXPECT_EQ(wheel.next_due(), start + 1s);
  wheel.schedule(entries[3], start + 2s);
  EXPECT_NE(wheel.pop_expired(start + 20min), nullptr);
  EXPECT_NE(wheel.pop_expired(start + 20min), nullptr);
  EXPECT_EQ(wheel.pop_expired(start + 20min), &entries[3]);
  EXPECT_EQ(wheel.pop_expired(start + 20min), nullptr);
  EXPECT_TRUE(entries[1].scheduled());
  EXPECT_EQ(wheel.pop_expired(start + 1h), &entries[1]);
}

TEST(DeadlineWheel, AgreesWithAnOrderedMapOverRandomEvents) {
  for (const unsigned seed : {1U, 2U, 3U, std::random_device{}()}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::minstd_rand dice(seed);
    test::wheel_model model([&](std::int64_t below) {
      return std::uniform_int_distribution<std::int64_t>(0, below - 1)(dice);
    });
    for (int i = 0; i < 20'000 && !HasFailure(); ++i) model.step();
  }
}

}  // namespace deadline_wheel_test
}  // namespace upsun::util
