#include "http/net/pacing.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace upsun::http {
namespace pacing_test {

using namespace std::chrono_literals;

poll_outcome look(std::size_t answers, duration took) {
  poll_outcome made{.watched = 64};
  for (std::size_t i = 0; i < answers; ++i) made.note_response(took);
  return made;
}

TEST(Pacing, PausesForAnEighthOfWhatAnswersTake) {
  EXPECT_EQ(pause_after(look(3, 400us)), 50us);
  EXPECT_EQ(pause_after(look(15, 640us)), 80us);
}

TEST(Pacing, PausesNoLongerThanAFractionOfAMillisecond) {
  EXPECT_EQ(pause_after(look(15, 1s)), 100us);
}

TEST(Pacing, GoesByTheQuickestAnswer) {
  poll_outcome one_is_quick = look(10, 10ms);
  one_is_quick.note_response(400us);
  EXPECT_EQ(pause_after(one_is_quick), 50us);
}

TEST(Pacing, DoesNotPauseWhereThatWouldBeNoticed) {
  EXPECT_EQ(pause_after(look(15, 199us)), 0us);
  EXPECT_EQ(pause_after(look(15, 200us)), 25us);
  EXPECT_EQ(pause_after(look(15, 0us)), 0us);
}

TEST(Pacing, DoesNotPauseWhereFewAnswersCome) {
  EXPECT_EQ(pause_after({}), 0us);
  EXPECT_EQ(pause_after(look(2, 1s)), 0us);
}

TEST(Pacing, DoesNotPauseWhereTheServersHaveFewRequestsLeft) {
  poll_outcome few = look(4, 1s);
  few.watched = 7;
  EXPECT_EQ(pause_after(few), 0us);
  few.watched = 8;
  EXPECT_EQ(pause_after(few), 100us);
}

TEST(Pacing, DoesNotPauseWhereThereMayBeMoreAlready) {
  poll_outcome full = look(16, 1s);
  full.full = true;
  EXPECT_EQ(pause_after(full), 0us);
}

}  // namespace pacing_test
}  // namespace upsun::http
