#include "http/net/epoll_set.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <latch>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "util/unique_fd.hpp"

namespace upsun::http {
namespace epoll_set_test {

namespace asio = boost::asio;

struct socket_pair {
  util::unique_fd ours;
  util::unique_fd theirs;
};

socket_pair make_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error("no pair of sockets");
  return {util::unique_fd(ends[0]), util::unique_fd(ends[1])};
}

/// Reads its socket until it is empty, unless `reads` is off.
struct counting_watcher final : socket_watcher {
  std::optional<duration> on_ready(bool ended) override {
    ++notified;
    saw_end = saw_end || ended;
    std::array<char, 64> bytes{};
    while (reads && ::recv(sockets.ours.get(), bytes.data(), bytes.size(), 0) > 0) {
    }
    if (then) then();
    return waited;
  }
  void on_deferred() override {
    ++deferred;
    if (then_deferred) then_deferred();
  }
  void arrive() const { ASSERT_EQ(::send(sockets.theirs.get(), "x", 1, MSG_NOSIGNAL), 1); }

  socket_pair sockets = make_pair();
  int notified = 0;
  int deferred = 0;
  bool saw_end = false;
  bool reads = true;
  std::function<void()> then;
  std::function<void()> then_deferred;
  std::optional<duration> waited;
  watch_id id{};
};

class EpollSet : public ::testing::Test {
 protected:
  std::shared_ptr<counting_watcher> watch() {
    auto made = std::make_shared<counting_watcher>();
    made->id = set->add(made->sockets.ours.get(), made);
    return made;
  }
  /// So many watchers, each of which was notified of its first edge.
  std::vector<std::shared_ptr<counting_watcher>> watch_many(std::size_t count) {
    std::vector<std::shared_ptr<counting_watcher>> made(count);
    for (auto& each : made) each = watch();
    run_ready();
    for (auto& each : made) each->notified = 0;
    return made;
  }
  void run_ready() {
    context.restart();
    context.poll();
  }
  void notify(const std::vector<std::shared_ptr<counting_watcher>>& watchers) {
    for (const auto& each : watchers) each->arrive();
    run_ready();
  }

  asio::io_context context;
  std::shared_ptr<epoll_set> set = std::make_shared<epoll_set>(context.get_executor());
};

constexpr std::size_t several_batches = 50;

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

TEST_F(EpollSet, NotifiesEachOfMoreThanOneBatch) {
  const auto many = watch_many(several_batches);
  notify(many);
  for (const auto& each : many) EXPECT_EQ(each->notified, 1);
}

TEST_F(EpollSet, IsWorkToItsContextWhileAnythingIsWatched) {
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

TEST_F(EpollSet, WatchesAgainWhatIsAddedBeforeItsEndWasNoticed) {
  const auto one = watch();
  run_ready();
  set->remove(one->id);
  one->id = set->add(one->sockets.ours.get(), one);
  run_ready();
  EXPECT_FALSE(context.stopped());
  EXPECT_EQ(one->notified, 2);
}

TEST_F(EpollSet, DoesNotNotifyAWatcherThatIsRemovedOrGoneAfterThePoll) {
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

TEST_F(EpollSet, AnIdThatIsOverNamesNobodyElse) {
  const auto one = watch();
  set->remove(one->id);
  const auto other = watch();
  set->remove(one->id);
  run_ready();
  EXPECT_EQ(one->notified, 0);
  EXPECT_EQ(other->notified, 1);
}

TEST_F(EpollSet, AWatcherThatThrowsTakesNothingFromTheOthers) {
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

TEST_F(EpollSet, AWatcherThatRunsTheContextIsNotInTheWayOfTheOthers) {
  const auto many = watch_many(several_batches);
  for (const auto& each : many) each->arrive();
  many.front()->then = [&] {
    context.poll();
    for (const auto& each : many) EXPECT_EQ(each->notified, 1);
  };
  run_ready();
}

// If one thread notified all, it would wait for ever.
TEST_F(EpollSet, NotifiesOnAsManyThreadsAsAreFree) {
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

TEST_F(EpollSet, CallsAtOnceWhenNothingElseIsQueued) {
  const auto one = watch();
  run_ready();
  one->waited = duration();
  one->arrive();
  run_ready();
  EXPECT_EQ(one->deferred, 1);
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

TEST_F(EpollSet, RefusesWhatCannotBeWatchedAndWatchesNothingMoreForIt) {
  EXPECT_THROW(set->add(-1, {}), boost::system::system_error);
  run_ready();
  EXPECT_TRUE(context.stopped());
}

}  // namespace epoll_set_test
}  // namespace upsun::http
