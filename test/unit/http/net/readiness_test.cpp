// What every readiness does.

#include <latch>
#include <thread>
#include <utility>

#include "unit/http/net/readiness_fixture.hpp"

namespace upsun::http {
namespace readiness_test {

constexpr std::size_t several_batches = 50;

TEST_F(Readiness, NotifiesEachOfMoreThanOneBatch) {
  const auto many = watch_many(several_batches);
  notify(many);
  for (const auto& each : many) EXPECT_EQ(each->notified, 1);
}

TEST_F(Readiness, IsWorkToItsContextWhileAnythingIsWatched) {
  const auto one = watch();
  const auto other = watch();
  set->remove(one->id);
  run_ready();
  EXPECT_FALSE(context.stopped());
  set->remove(other->id);
  context.run();
  EXPECT_TRUE(context.stopped());
  other->id = set->add(other->sockets.ours.get(), other);
  other->notified = 0;
  run_ready();
  EXPECT_FALSE(context.stopped());
  EXPECT_EQ(other->notified, 1);
}

TEST_F(Readiness, WatchesAgainWhatIsAddedBeforeItsEndWasNoticed) {
  const auto one = watch();
  run_ready();
  set->remove(one->id);
  one->id = set->add(one->sockets.ours.get(), one);
  run_ready();
  EXPECT_FALSE(context.stopped());
  EXPECT_EQ(one->notified, 2);
}

TEST_F(Readiness, DoesNotNotifyAWatcherThatIsRemovedOrGoneAfterThePoll) {
  auto many = watch_many(3);
  int notified = 0;
  for (const auto& each : many) {
    each->arrive();
    each->then = [&, self = each.get()] {
      if (++notified > 1) return;
      bool remove = true;
      for (auto& other : many) {
        if (other.get() == self) continue;
        std::exchange(remove, false) ? set->remove(other->id) : other.reset();
      }
    };
  }
  run_ready();
  EXPECT_EQ(notified, 1);
}

TEST_F(Readiness, AnIdThatIsOverNamesNobodyElse) {
  const auto one = watch();
  set->remove(one->id);
  const auto other = watch();
  set->remove(one->id);
  run_ready();
  EXPECT_EQ(one->notified, 0);
  EXPECT_EQ(other->notified, 1);
}

TEST_F(Readiness, AWatcherThatThrowsTakesNothingFromTheOthers) {
  const auto many = watch_many(several_batches);
  for (const auto& each : many) {
    each->arrive();
    each->then = [] { throw std::runtime_error("a handler's"); };
  }
  std::size_t thrown = 0;
  for (;;) {
    try {
      run_ready();
      break;
    } catch (const std::runtime_error&) {
      ++thrown;
    }
  }
  EXPECT_EQ(thrown, many.size());
  for (const auto& each : many) EXPECT_EQ(each->notified, 1);
}

TEST_F(Readiness, AWatcherThatRunsTheContextIsNotInTheWayOfTheOthers) {
  const auto many = watch_many(several_batches);
  for (const auto& each : many) each->arrive();
  many.front()->then = [&] {
    context.poll();
    for (const auto& each : many) EXPECT_EQ(each->notified, 1);
  };
  run_ready();
}

// If one thread notified all, it would wait for ever.
TEST_F(Readiness, NotifiesOnAsManyThreadsAsAreFree) {
  constexpr std::size_t threads = 4;
  const auto many = watch_many(threads);
  std::latch all_notified(threads);
  for (const auto& each : many) {
    each->then = [&, self = each.get()] {
      all_notified.arrive_and_wait();
      set->remove(self->id);
    };
    each->arrive();
  }
  context.restart();
  std::vector<std::jthread> running(threads);
  for (auto& each : running) each = std::jthread([&] { context.run(); });
  running.clear();
  for (const auto& each : many) EXPECT_EQ(each->notified, 1);
}

TEST_F(Readiness, CallsAtOnceWhenNothingElseIsQueued) {
  const auto one = watch();
  run_ready();
  one->waited = duration();
  one->arrive();
  run_ready();
  EXPECT_EQ(one->deferred, 1);
}

TEST_F(Readiness, RefusesWhatCannotBeWatchedAndWatchesNothingMoreForIt) {
  EXPECT_THROW(set->add(-1, {}), boost::system::system_error);
  run_ready();
  EXPECT_TRUE(context.stopped());
}

TEST_F(Readiness, EndsWithItsContext) {
  auto other_context = std::make_unique<asio::io_context>();
  const auto one = std::make_shared<counting_watcher>();
  const std::weak_ptr<readiness> alive = [&] {
    const auto made = std::make_shared<readiness>(other_context->get_executor());
    made->add(one->sockets.ours.get(), one);
    return made;
  }();
  EXPECT_FALSE(alive.expired());
  other_context.reset();
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(::send(one->sockets.ours.get(), "x", 1, MSG_NOSIGNAL), 1) << "it is still open";
}

TEST_F(Readiness, NotifiesAgainWhenAsked) {
  const auto one = watch();
  run_ready();
  EXPECT_EQ(one->notified, 1);
  set->notify_again(one->id);
  run_ready();
  EXPECT_EQ(one->notified, 2);
}

TEST_F(Readiness, NotifiesWhenAFullSocketTakesBytesAgain) {
  const auto one = watch();
  run_ready();
  const std::vector<char> much(1U << 20U, 'x');
  while (::send(one->sockets.ours.get(), much.data(), much.size(), MSG_NOSIGNAL) > 0) {
  }
  set->await_writable(one->id);
  run_ready();
  EXPECT_EQ(one->notified, 1);
  std::vector<char> room(much.size());
  while (::recv(one->sockets.theirs.get(), room.data(), room.size(), 0) > 0) {
  }
  run_ready();
  EXPECT_EQ(one->notified, 2);
}

}  // namespace readiness_test
}  // namespace upsun::http
