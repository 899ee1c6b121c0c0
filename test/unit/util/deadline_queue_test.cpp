#include "util/deadline_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace upsun::util {
namespace deadline_queue_test {

using namespace std::chrono_literals;
using time_point = deadline_queue::time_point;

constexpr auto one_tick = std::chrono::nanoseconds(deadline_queue::ticks(1));
constexpr time_point start{std::chrono::hours(1000)};

TEST(DeadlineQueue, HasNothingDueWhenEmpty) {
  deadline_queue queue;
  EXPECT_EQ(queue.next_due(), std::nullopt);
  EXPECT_EQ(queue.pop_expired(start), nullptr);
}

TEST(DeadlineQueue, ExpiresAnEntryOnceWithinATick) {
  deadline_queue queue;
  deadline_entry entry;
  const time_point due = start + 1s + 3ms;
  queue.schedule(entry, due);
  EXPECT_TRUE(entry.scheduled());
  EXPECT_EQ(entry.due(), due);
  EXPECT_EQ(queue.pop_expired(due - 1ns), nullptr);
  ASSERT_TRUE(queue.next_due());
  EXPECT_GE(*queue.next_due(), due);
  EXPECT_LT(*queue.next_due(), due + one_tick);
  EXPECT_EQ(queue.pop_expired(*queue.next_due()), &entry);
  EXPECT_FALSE(entry.scheduled());
  EXPECT_EQ(queue.pop_expired(due + 1h), nullptr);
}

TEST(DeadlineQueue, ExpiresAnEntryOnATickAtThatTick) {
  deadline_queue queue;
  deadline_entry entry;
  queue.schedule(entry, start + 50ms);
  EXPECT_EQ(queue.next_due(), start + 50ms);
  EXPECT_EQ(queue.pop_expired(start + 50ms), &entry);
}

TEST(DeadlineQueue, ExpiresWhatIsOverdue) {
  deadline_queue queue;
  deadline_entry past;
  deadline_entry ancient;
  queue.schedule(past, start - 1s);
  queue.schedule(ancient, time_point::min());
  EXPECT_LE(*queue.next_due(), start);
  EXPECT_EQ(queue.pop_expired(start), &ancient);
  EXPECT_EQ(queue.pop_expired(start), &past);
  EXPECT_EQ(queue.pop_expired(start), nullptr);
}

TEST(DeadlineQueue, NeverExpiresTheLastTimePoint) {
  deadline_queue queue;
  deadline_entry entry;
  queue.schedule(entry, time_point::max());
  EXPECT_GT(*queue.next_due(), start + 24h * 365);
  EXPECT_EQ(queue.pop_expired(start + 24h * 365), nullptr);
  queue.cancel(entry);
}

TEST(DeadlineQueue, CancelsOneOfManyAtTheSameTime) {
  deadline_queue queue;
  std::array<deadline_entry, 3> entries;
  for (deadline_entry& e : entries) queue.schedule(e, start + 1s);
  queue.cancel(entries[1]);
  queue.cancel(entries[1]);
  EXPECT_FALSE(entries[1].scheduled());
  EXPECT_EQ(queue.pop_expired(start + 1s), &entries[0]);
  EXPECT_EQ(queue.pop_expired(start + 1s), &entries[2]);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(DeadlineQueue, MovesAnEntryThatIsScheduledAgain) {
  deadline_queue queue;
  deadline_entry entry;
  queue.schedule(entry, start + 1s);
  queue.schedule(entry, start + 3s);
  EXPECT_EQ(queue.pop_expired(start + 2s), nullptr);
  queue.schedule(entry, start + 2s + 500ms);
  EXPECT_EQ(queue.pop_expired(start + 2s + 500ms), &entry);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(DeadlineQueue, AgreesWithAListOfDeadlinesOverRandomEvents) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand dice(seed);
  const auto pick = [&](std::int64_t below) {
    return std::uniform_int_distribution<std::int64_t>(0, below - 1)(dice);
  };
  std::vector<deadline_entry> entries(200);
  deadline_queue queue;
  std::map<const deadline_entry*, time_point> expected;
  time_point now = start;
  for (int i = 0; i < 20'000 && !::testing::Test::HasFailure(); ++i) {
    deadline_entry& entry = entries[static_cast<std::size_t>(pick(200))];
    if (const auto what = pick(10); what < 5) {
      expected[&entry] = now + std::chrono::milliseconds(pick(3000) - 5);
      queue.schedule(entry, expected[&entry]);
    } else if (what < 7) {
      EXPECT_EQ(entry.scheduled(), expected.erase(&entry) == 1);
      queue.cancel(entry);
    } else {
      now += std::chrono::microseconds(pick(40'000));
      while (const deadline_entry* expired = queue.pop_expired(now)) {
        EXPECT_LE(expected.at(expired), now) << "early";
        expected.erase(expired);
      }
      for (const auto& [each, due] : expected) EXPECT_GT(due, now) << "late";
    }
    EXPECT_EQ(queue.next_due().has_value(), !expected.empty());
  }
}

}  // namespace deadline_queue_test
}  // namespace upsun::util
