#include "http/net/epoll_set.hpp"

#include <utility>

#include "unit/http/net/readiness_fixture.hpp"

namespace upsun::http {
namespace epoll_set_test {

namespace asio = boost::asio;
using readiness_test::counting_watcher;

class EpollSet : public readiness_test::Readiness {};

TEST_F(EpollSet, NotifiesTheFirstEdgeAtOnceAndThenOnlyNewOnes) {
  const auto one = watch();
  run_ready();
  EXPECT_EQ(one->notified, 1) << "it is writable";
  run_ready();
  EXPECT_EQ(one->notified, 1);
  one->reads = false;
  one->arrive();
  run_ready();
  EXPECT_EQ(one->notified, 2);
  run_ready();
  EXPECT_EQ(one->notified, 2) << "what was left is not notified again";
  one->arrive();
  run_ready();
  EXPECT_EQ(one->notified, 3);
}

TEST_F(EpollSet, SaysThatThereIsAnEndBehindTheLastByte) {
  const auto one = watch();
  one->arrive();
  run_ready();
  EXPECT_FALSE(one->saw_end);
  one->arrive();
  ::shutdown(one->sockets.theirs.get(), SHUT_WR);
  run_ready();
  EXPECT_TRUE(one->saw_end);
}

TEST_F(EpollSet, DefersUntilTheOthersWereNotified) {
  const auto several = watch_many(3);
  EXPECT_FALSE(set->defer(several[0]->id)) << "no notification is queued";
  int notified = 0;
  for (const auto& each : several) {
    each->then = [&] {
      ++notified;
      EXPECT_TRUE(set->defer(several[0]->id));
      EXPECT_EQ(several[0]->deferred, 0);
    };
  }
  notify(several);
  EXPECT_EQ(notified, 3);
  EXPECT_EQ(several[0]->deferred, 3);
  EXPECT_EQ(several[1]->deferred + several[2]->deferred, 0);
}

TEST_F(EpollSet, RefusesToDeferBeyondItsRoomAndCallsThoseItTook) {
  const auto several = watch_many(2);
  int promised = 0;
  several[0]->then = several[1]->then = [&] {
    for (int i = 0; i < 100; ++i) promised += set->defer(several[0]->id) ? 1 : 0;
  };
  notify(several);
  EXPECT_GT(promised, 0);
  EXPECT_LT(promised, 100);
  EXPECT_EQ(several[0]->deferred, promised);
}

TEST_F(EpollSet, CallsDeferredOnesBehindAWatcherThatThrew) {
  const auto several = watch_many(2);
  bool thrown = false;
  several[0]->then = several[1]->then = [&] {
    if (std::exchange(thrown, true)) return;
    EXPECT_TRUE(set->defer(several[0]->id));
    throw std::runtime_error("a watcher's");
  };
  EXPECT_THROW(notify(several), std::runtime_error);
  run_ready();
  EXPECT_EQ(several[0]->deferred, 1);
}

TEST_F(EpollSet, CallsThoseWithResponsesOnceAllOfTheBatchWereNotified) {
  const auto several = watch_many(3);
  int notified = 0;
  for (const auto& each : several) {
    each->waited = duration();
    each->then = [&] { ++notified; };
    each->then_deferred = [&] { EXPECT_EQ(notified, 3); };
  }
  notify(several);
  for (const auto& each : several) EXPECT_EQ(each->deferred, 1);
}

TEST_F(EpollSet, CallsAtOnceWhenThereIsNoRoom) {
  const auto several = watch_many(2);
  several[0]->waited = several[1]->waited = duration();
  several[0]->then = several[1]->then = [&] {
    while (set->defer(several[0]->id)) {
    }
  };
  notify(several);
  EXPECT_GT(several[0]->deferred, 1);
  EXPECT_EQ(several[1]->deferred, 1);
}

TEST_F(EpollSet, CallsThoseWithResponsesBehindAWatcherThatThrew) {
  const auto several = watch_many(3);
  bool thrown = false;
  for (const auto& each : several) {
    each->waited = duration();
    each->then_deferred = [&] {
      if (!std::exchange(thrown, true)) throw std::runtime_error("a watcher's");
    };
    each->arrive();
  }
  EXPECT_THROW(run_ready(), std::runtime_error);
  run_ready();
  for (const auto& each : several) EXPECT_GE(each->deferred, 1);
}

duration long_pause(const poll_outcome& last) noexcept {
  return last.responses > 0 ? std::chrono::hours(1) : duration();
}
duration short_pause(const poll_outcome& last) noexcept {
  return last.responses > 0 ? std::chrono::nanoseconds(1) : duration();
}

/// A set that pauses after each response, and has had some.
class PausedEpollSet : public EpollSet {
 protected:
  void pause(duration (*pace)(const poll_outcome&) noexcept) {
    set = std::make_shared<epoll_set>(context.get_executor(), pace);
    several = watch_many(3);
    for (const auto& each : several) {
      each->waited = duration();
      each->arrive();
    }
    run_ready();
    for (const auto& each : several) EXPECT_EQ(each->deferred, 1);
    context.restart();
  }

  std::vector<std::shared_ptr<counting_watcher>> several;
};

TEST_F(PausedEpollSet, NotifiesNothingBeforeThePauseIsOver) {
  pause(long_pause);
  for (const auto& each : several) each->arrive();
  const auto late = watch();
  run_ready();
  for (const auto& each : several) EXPECT_EQ(each->notified, 1);
  EXPECT_EQ(late->notified, 0);
}

TEST_F(PausedEpollSet, NotifiesWhatCameWhenThePauseIsOver) {
  pause(short_pause);
  for (const auto& each : several) each->arrive();
  const auto late = watch();
  while (late->notified == 0 || several[0]->notified == 1 || several[1]->notified == 1 ||
         several[2]->notified == 1)
    context.run_one();
}

TEST_F(PausedEpollSet, WaitsForASocketWhenNothingCame) {
  pause(short_pause);
  context.run_one_for(std::chrono::milliseconds(1));
  several[0]->arrive();
  while (several[0]->notified == 1) context.run_one();
  EXPECT_EQ(several[1]->notified, 1);
}

TEST_F(PausedEpollSet, IsNoMoreWorkToItsContextOnceNothingIsWatched) {
  pause(long_pause);
  for (const auto& each : several) set->remove(each->id);
  context.run();
  EXPECT_TRUE(context.stopped());
}

TEST_F(EpollSet, EndsWithItsContextWhileItWaitsOrPauses) {
  for (const bool pauses : {false, true}) {
    auto other_context = std::make_unique<asio::io_context>();
    const auto one = std::make_shared<counting_watcher>();
    if (pauses) one->waited = duration();
    const std::weak_ptr<epoll_set> alive = [&] {
      const auto made = std::make_shared<epoll_set>(other_context->get_executor(), long_pause);
      made->add(one->sockets.ours.get(), one);
      return made;
    }();
    if (pauses) other_context->poll();
    EXPECT_EQ(one->deferred, pauses ? 1 : 0);
    EXPECT_FALSE(alive.expired());
    other_context.reset();
    EXPECT_TRUE(alive.expired());
  }
}

}  // namespace epoll_set_test
}  // namespace upsun::http
