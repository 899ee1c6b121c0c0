#include "upsun-integrations/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using upsun::tool::progress;
using upsun::tool::progress_style;

upsun::activity seen(upsun::activity_state state, std::int64_t percent) {
  return {.id = "a", .type = "integration.add", .state = state, .completion_percent = percent};
}

TEST(Progress, IsALineForEachChangeOfState) {
  std::ostringstream out;
  progress shown(out, progress_style::lines);
  shown.show(seen(upsun::activity_state::pending, 0));
  shown.show(seen(upsun::activity_state::in_progress, 10));
  shown.show(seen(upsun::activity_state::in_progress, 60));
  auto ended = seen(upsun::activity_state::complete, 100);
  ended.result = upsun::activity_result::failure;
  shown.show(ended);
  shown.clear();
  EXPECT_EQ(out.str(),
            "a  integration.add  pending  0 %\na  integration.add  in_progress  10 %\na  "
            "integration.add  failure  100 %\n");
}

TEST(Progress, RedrawsOneLineOnATerminalAndTakesItAway) {
  std::ostringstream out;
  progress shown(out, progress_style::redrawn);
  shown.show(seen(upsun::activity_state::in_progress, 10));
  shown.show(seen(upsun::activity_state::in_progress, 60));
  shown.clear();
  EXPECT_EQ(out.str(),
            "\ra  integration.add  in_progress  10 %\x1b[K\ra  integration.add  in_progress  60 "
            "%\x1b[K\r\x1b[K");
}

TEST(Progress, KeepsToOneLineOfANarrowTerminal) {
  std::ostringstream out;
  progress shown(out, progress_style::redrawn, 20);
  shown.show(seen(upsun::activity_state::in_progress, 10));
  EXPECT_EQ(out.str(), "\ra  integration.add \x1b[K");
}

TEST(Progress, OfNothingLeavesTheTerminalAlone) {
  std::ostringstream out;
  progress(out, progress_style::redrawn).clear();
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, CanBeSilent) {
  std::ostringstream out;
  progress shown(out, progress_style::none);
  shown.show(seen(upsun::activity_state::pending, 0));
  shown.clear();
  EXPECT_EQ(out.str(), "");
}

}  // namespace
