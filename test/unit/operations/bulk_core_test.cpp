#include "operations/bulk_core.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

namespace upsun::operations {
namespace bulk_core_test {

const error failure(errc::not_found);

/// Begins whatever may be begun, and returns how many that were.
std::size_t begin_all(bulk_core& core) {
  std::size_t begun = 0;
  for (; core.wants_more(); ++begun) core.begun();
  return begun;
}

TEST(BulkCore, BeginsAsManyAsTheWindowHasRoomFor) {
  bulk_core core(3, false);
  EXPECT_EQ(begin_all(core), 3u);
  EXPECT_FALSE(core.ended(nullptr));
  EXPECT_FALSE(core.wants_more()) << "a result that is still being handled keeps its place";
  core.handled();
  EXPECT_EQ(begin_all(core), 1u);
}

TEST(BulkCore, IsOverWhenTheLastResultWasHandled) {
  bulk_core core(3, false);
  core.begun();
  core.exhausted();
  EXPECT_FALSE(core.wants_more());
  EXPECT_FALSE(core.ended(nullptr));
  EXPECT_FALSE(core.over());
  core.handled();
  EXPECT_TRUE(core.over());
  EXPECT_FALSE(core.stopped());
}

TEST(BulkCore, IsOverAtOnceWithNothingToDo) {
  bulk_core core(1, true);
  EXPECT_FALSE(core.over());
  core.exhausted();
  EXPECT_TRUE(core.over());
}

TEST(BulkCore, GoesOnAfterErrors) {
  bulk_core core(2, false);
  begin_all(core);
  EXPECT_FALSE(core.ended(&failure));
  core.handled();
  EXPECT_TRUE(core.wants_more());
  EXPECT_FALSE(core.ended(nullptr));
  EXPECT_EQ(core.report().fetched, 1u);
  EXPECT_EQ(core.report().failed, 1u);
  EXPECT_FALSE(core.report().stopped_by.code());
}

TEST(BulkCore, StopsOnceByTheFirstErrorWhenItFailsFast) {
  bulk_core core(3, true);
  begin_all(core);
  EXPECT_FALSE(core.ended(nullptr));
  EXPECT_TRUE(core.ended(&failure));
  const error second(errc::server_error);
  EXPECT_FALSE(core.ended(&second));
  for (int i = 0; i < 3; ++i) core.handled();
  EXPECT_FALSE(core.wants_more());
  EXPECT_TRUE(core.over());
  EXPECT_EQ(core.report().stopped_by, errc::not_found);
  EXPECT_EQ(core.skip(5), errc::cancelled) << "the error is that of another";
  EXPECT_EQ(core.report().failed, 2u);
  EXPECT_EQ(core.report().cancelled, 5u);
}

TEST(BulkCore, DoesNotFailFastOnWhatItsOwnEndCancelled) {
  bulk_core core(2, true);
  begin_all(core);
  EXPECT_TRUE(core.stop(errc::cancelled));
  EXPECT_FALSE(core.stop(errc::deadline_exceeded)) << "the first reason stands";
  const error cancelled(errc::cancelled);
  EXPECT_FALSE(core.ended(&cancelled));
  EXPECT_FALSE(core.ended(&failure));
  EXPECT_EQ(core.report().cancelled, 1u);
  EXPECT_EQ(core.report().failed, 1u);
  EXPECT_EQ(core.report().stopped_by, errc::cancelled);
  EXPECT_EQ(core.skip(1), errc::cancelled);
}

TEST(BulkCore, TellsTheRestWhyItWasNotBegun) {
  bulk_core core(2, true);
  EXPECT_TRUE(core.stop(errc::deadline_exceeded));
  EXPECT_EQ(core.skip(2), errc::deadline_exceeded);
  EXPECT_TRUE(core.over());
}

TEST(BulkCore, StopsWhenTheClientEndsAFetch) {
  for (const errc end : {errc::client_closed, errc::cancelled}) {
    bulk_core core(2, false);
    begin_all(core);
    const error ended(end);
    EXPECT_EQ(core.ended(&ended), end == errc::cancelled)
        << "a close leaves its grace to what is under way";
    EXPECT_TRUE(core.stopped());
    EXPECT_EQ(core.report().cancelled, 1u);
    EXPECT_EQ(core.skip(1), end);
  }
}

TEST(BulkCore, StopsWhenTheCallersFunctionThrowsAndKeepsTheFirstThrown) {
  bulk_core core(2, false);
  begin_all(core);
  EXPECT_TRUE(core.threw(std::make_exception_ptr(std::runtime_error("first"))));
  EXPECT_FALSE(core.threw(std::make_exception_ptr(std::logic_error("second"))));
  EXPECT_EQ(core.report().stopped_by, errc::cancelled);
  EXPECT_THROW(std::rethrow_exception(core.report().thrown), std::runtime_error);
}

TEST(BulkCore, TellsHowFarItIs) {
  bulk_core core(3, false);
  begin_all(core);
  (void)core.ended(nullptr);
  (void)core.ended(&failure);
  const bulk_progress known = core.progress(7);
  EXPECT_EQ(known.done, 2u);
  EXPECT_EQ(known.failed, 1u);
  EXPECT_EQ(known.total, 7u);
  EXPECT_FALSE(core.progress(std::nullopt).total);
}

// Whatever happens in whatever order: never more open than the window, nothing begun after the
// stop, over exactly when all is handled.
TEST(BulkCore, KeepsItsPromisesInAnyOrderOfEvents) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::minstd_rand dice(seed);
    const std::size_t window = 1 + dice() % 5;
    const std::size_t total = dice() % 20;
    bulk_core core(window, dice() % 2 == 0);
    std::size_t begun = 0;
    std::size_t fetching = 0;
    std::size_t handling = 0;
    while (!core.over()) {
      if (core.wants_more()) {
        ASSERT_FALSE(core.stopped());
        if (begun == total) {
          core.exhausted();
        } else {
          core.begun();
          ++begun;
          ++fetching;
        }
      }
      ASSERT_LE(fetching + handling, window);
      const auto event = dice() % 8;
      if (event < 3 && fetching > 0) {
        (void)core.ended(event == 0 ? &failure : nullptr);
        --fetching;
        ++handling;
      } else if (event < 6 && handling > 0) {
        core.handled();
        --handling;
      } else if (event == 7 && dice() % 8 == 0) {
        (void)core.stop(errc::cancelled);
      }
    }
    EXPECT_EQ(fetching + handling, 0u);
    EXPECT_TRUE(core.stopped() || begun == total);
    if (begun < total) (void)core.skip(total - begun);
    EXPECT_EQ(core.results(), total);
  }
}

}  // namespace bulk_core_test
}  // namespace upsun::operations
