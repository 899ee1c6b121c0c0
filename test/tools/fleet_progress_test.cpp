#include "upsun-integrations/fleet_progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using namespace std::chrono_literals;
using upsun::bulk_progress;
using upsun::tool::fleet_progress;
using upsun::tool::progress_text;

constexpr bulk_progress half{.done = 300, .failed = 20, .projects = 50, .projects_found = 100};

TEST(FleetProgress, SaysHowFarHowFastAndHowLong) {
  EXPECT_EQ(progress_text(half, 0s), "50 of 100 projects  280 integrations");
  EXPECT_EQ(progress_text(half, 5s), "50 of 100 projects  10/s  5 s left  280 integrations");
  EXPECT_EQ(progress_text(half, 125s),
            "50 of 100 projects  0.4/s  2 min 05 s left  280 integrations");
  EXPECT_EQ(progress_text(half, 7500s),
            "50 of 100 projects  0.0/s  2 h 05 min left  280 integrations");
  bulk_progress all = half;
  all.projects = 100;
  EXPECT_EQ(progress_text(all, 5s), "100 of 100 projects  20/s  280 integrations");
}

TEST(FleetProgress, RedrawsOneLineTenTimesASecondAtMost) {
  std::ostringstream out;
  fleet_progress shown(out, true, 0);
  const fleet_progress::clock::time_point start(1h);
  shown.show(half, start);
  shown.show(half, start + 99ms);
  EXPECT_EQ(out.str(), "\r50 of 100 projects  280 integrations\x1b[K");
  shown.show(half, start + 5s);
  shown.clear();
  shown.clear();
  EXPECT_EQ(out.str(),
            "\r50 of 100 projects  280 integrations\x1b[K"
            "\r50 of 100 projects  10/s  5 s left  280 integrations\x1b[K\r\x1b[K");
}

TEST(FleetProgress, KeepsToOneLineOfANarrowTerminal) {
  std::ostringstream out;
  fleet_progress shown(out, true, 10);
  shown.show(half, {});
  EXPECT_EQ(out.str(), "\r50 of 100\x1b[K");
}

TEST(FleetProgress, IsSilentWhereNothingIsRedrawn) {
  std::ostringstream out;
  fleet_progress shown(out, false, 0);
  shown.show(half, {});
  shown.clear();
  EXPECT_EQ(out.str(), "");
}

}  // namespace
