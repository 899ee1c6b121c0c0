#include "http/net/wait_set.hpp"

#include "unit/http/net/readiness_fixture.hpp"

namespace upsun::http {
namespace wait_set_test {

class WaitSet : public readiness_test::Readiness {};

TEST_F(WaitSet, NotifiesAgainWhatWasLeft) {
  const auto one = watch();
  run_ready();
  one->reads = false;
  one->then = [&] {
    if (one->notified == 4) one->reads = true;
  };
  one->arrive();
  run_ready();
  EXPECT_EQ(one->notified, 5) << "it read when it was notified for the fifth time";
  run_ready();
  EXPECT_EQ(one->notified, 5);
}

TEST_F(WaitSet, DefersNothing) {
  const auto several = watch_many(2);
  several[0]->then = [&] { EXPECT_FALSE(set->defer(several[1]->id)); };
  notify(several);
  EXPECT_EQ(several[1]->deferred, 0);
}

TEST_F(WaitSet, NotifiesWhileAResponseIsReported) {
  const auto one = watch();
  run_ready();
  one->waited = duration();
  one->then_deferred = [&] {
    one->then_deferred = nullptr;
    one->arrive();
    context.poll();
    EXPECT_EQ(one->deferred, 2);
  };
  one->arrive();
  run_ready();
  EXPECT_EQ(one->deferred, 2);
}

TEST_F(WaitSet, LeavesWhatItWatchedOpen) {
  const auto one = watch();
  const auto other = watch();
  set->remove(one->id);
  context.restart();
  set->disown();
  run_ready();
  set.reset();
  for (const auto& each : {one, other}) {
    EXPECT_EQ(::send(each->sockets.ours.get(), "x", 1, MSG_NOSIGNAL), 1);
  }
}

}  // namespace wait_set_test
}  // namespace upsun::http
