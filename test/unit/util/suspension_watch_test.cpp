#include "util/suspension_watch.hpp"

#include <gtest/gtest.h>

namespace upsun::util {
namespace suspension_watch_test {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

steady::time_point awake;                 // what the steady clock says
steady::duration asleep;                  // and how much more the other one does
steady::duration between_two_readings{};  // a thread that does not run

steady::time_point read_steady() noexcept { return awake += between_two_readings; }
age_clock::time_point read_age() noexcept {
  awake += between_two_readings;
  return age_clock::time_point(awake.time_since_epoch() + asleep);
}

struct SuspensionWatch : ::testing::Test {
  SuspensionWatch() {
    awake = steady::time_point(1h);
    asleep = 2h;
    between_two_readings = {};
  }
  [[nodiscard]] static steady::duration found(suspension_watch& by) {
    return by.since_last_time(awake);
  }
};

TEST_F(SuspensionWatch, SaysOnceForHowLong) {
  suspension_watch watch(read_age, read_steady);
  awake += 10h;
  EXPECT_EQ(found(watch), 0s) << "it was awake";
  asleep += 8h;
  EXPECT_EQ(found(watch), 8h);
  EXPECT_EQ(found(watch), 0s);
  asleep += 1min;
  EXPECT_EQ(found(watch), 1min);
}

TEST_F(SuspensionWatch, AddsUpShortOnes) {
  suspension_watch watch(read_age, read_steady);
  asleep += 600ms;
  EXPECT_EQ(found(watch), 0s);
  asleep += 600ms;
  EXPECT_EQ(found(watch), 1200ms);
}

TEST_F(SuspensionWatch, TakesNoThreadThatDidNotRunForASleepingSystem) {
  suspension_watch watch(read_age, read_steady);
  between_two_readings = 5s;
  EXPECT_EQ(found(watch), 0s);
  asleep += 8h;
  EXPECT_EQ(found(watch), 8h - 5s) << "the rest is said later";
  between_two_readings = {};
  EXPECT_EQ(found(watch), 5s);
}

TEST_F(SuspensionWatch, FindsNothingInThisProcessesOwnClocks) {
  suspension_watch watch;
  EXPECT_EQ(watch.since_last_time(steady::now()), 0s);
  EXPECT_GE(age_clock::now().time_since_epoch(), steady::now().time_since_epoch() - 1s);
}

}  // namespace suspension_watch_test
}  // namespace upsun::util
