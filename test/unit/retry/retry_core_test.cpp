#include "retry/retry_core.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <queue>
#include <random>
#include <vector>

namespace upsun::retry {
namespace retry_core_test {

using namespace std::chrono_literals;

constexpr time_point start{};
constexpr attempt_outcome lost{.code = {}, .status = 502};
constexpr attempt_outcome too_many{.code = {}, .status = 429};

/// One call after another through a core, with the numbers a test does not care about filled in.
struct retries_of {
  retry_options options{};
  retry_core core{options};
  call_state call{};
  time_point now = start;
  time_point deadline = start + 30s;
  double dice = 0.5;

  decision after(const attempt_outcome& outcome,
                 std::optional<std::chrono::seconds> retry_after = std::nullopt) {
    attempt_outcome told = outcome;
    told.retry_after = retry_after.has_value();
    return core.decide(told, retry_after, call, options, now, deadline, dice);
  }
};

TEST(RetryCore, MakesThreeAttemptsInAll) {
  retries_of one;
  EXPECT_TRUE(one.after(lost).again);
  EXPECT_TRUE(one.after(lost).again);
  const decision last = one.after(lost);
  EXPECT_FALSE(last.again);
  EXPECT_TRUE(last.refusal.empty()) << "that every attempt failed goes without saying";
}

TEST(RetryCore, TakesNothingForAFinalAnswer) {
  retries_of one;
  EXPECT_FALSE(one.after({.code = {}, .status = 404}).again);
  EXPECT_EQ(one.core.budget_left(), 500U);
}

TEST(RetryCore, DoesNotRetryWhatWouldNotFitTheDeadlineAndTakesNothingForIt) {
  retries_of one;
  one.deadline = start + 25ms;  // the delay is half of 50 ms
  const decision refused = one.after(lost);
  EXPECT_FALSE(refused.again);
  EXPECT_NE(refused.refusal.find("deadline"), std::string_view::npos);
  EXPECT_EQ(one.core.budget_left(), 500U);
  one.deadline += 1ns;
  EXPECT_TRUE(one.after(lost).again);
}

TEST(RetryCore, TakesLessFromTheBudgetAfterBeingThrottled) {
  retries_of one;
  EXPECT_FALSE(one.after(lost).throttled);
  EXPECT_EQ(one.core.budget_left(), 486U);
  EXPECT_TRUE(one.after(too_many).throttled);
  EXPECT_EQ(one.core.budget_left(), 481U);
}

TEST(RetryCore, GetsBackWhatARetriedSuccessCostAndOneForAnyOther) {
  retries_of one;
  call_state other;
  (void)one.after(lost);
  (void)one.after(too_many);
  one.core.succeeded(other);
  EXPECT_EQ(one.core.budget_left(), 482U);
  one.core.succeeded(one.call);
  EXPECT_EQ(one.core.budget_left(), 500U) << "not more than it holds";
}

TEST(RetryCore, EndsRetriesWhenTheBudgetIsUsedUpAndSaysSo) {
  retries_of one;
  unsigned retries = 0;
  decision last;
  for (;; ++retries) {
    one.call = {};
    last = one.after(lost);
    if (!last.again) break;
  }
  EXPECT_EQ(retries, 500U / 14);
  EXPECT_TRUE(last.out_of_budget);
  EXPECT_NE(last.refusal.find("budget"), std::string_view::npos);
  EXPECT_TRUE(one.after(too_many).again) << "10 are left, and this costs 5";
}

TEST(RetryCore, KnowsNoLimitWithABudgetOfZero) {
  retries_of one{.options = {.budget = 0}};
  for (int i = 0; i < 10'000; ++i) {
    one.call = {};
    ASSERT_TRUE(one.after(lost).again);
  }
}

TEST(RetryCore, PausesTheHostForAsLongAsRetryAfterPutTheAttemptOff) {
  retries_of one;
  EXPECT_FALSE(one.core.paused(one.now));
  const decision put_off = one.after(too_many, 3s);
  EXPECT_TRUE(put_off.again);
  EXPECT_EQ(put_off.delay, 3s + 500ms)
      << "after the pause, calls are spread over the throttled base";
  EXPECT_TRUE(one.core.paused(start + 3s - 1ns));
  EXPECT_FALSE(one.core.paused(start + 3s));
  EXPECT_EQ(one.core.pause(start + 1s, 0.0), 2s);
  EXPECT_EQ(one.core.pause(start + 1s, 0.25), 2s + 250ms);
  EXPECT_EQ(one.core.pause(start + 3s, 0.25), 0ns);
}

TEST(RetryCore, NeverPausesTheHostForLongerThanABackoffAndFiveSeconds) {
  retries_of one;
  (void)one.after(too_many, std::chrono::seconds::max());
  EXPECT_FALSE(one.core.paused(start + 500ms + 5s));
}

TEST(RetryCore, PausesTheHostNoLongerThanItAskedFor) {
  retries_of one;
  EXPECT_EQ(one.after(too_many, 0s).delay, 500ms) << "the call itself backs off";
  EXPECT_FALSE(one.core.paused(start)) << "all others go on";
  one.call = {.retries = 1};
  EXPECT_EQ(one.after(too_many, 1s).delay, 1s + 500ms);
  EXPECT_FALSE(one.core.paused(start + 1s));
}

TEST(RetryCore, KeepsTheLongestOfSeveralPauses) {
  retries_of one;
  (void)one.after(too_many, 4s);
  one.call = {};
  (void)one.after(too_many, 2s);
  EXPECT_TRUE(one.core.paused(start + 4s - 1ns));
  EXPECT_FALSE(one.core.paused(start + 4s));
}

TEST(RetryCore, NeverPausesOtherCallsByTheLongDelaysOfOne) {
  retries_of one;
  one.options.max_attempts = 100;
  one.options.max_delay = 24h;
  one.deadline = start + 48h;
  one.call = {.retries = 90};
  const decision patient = one.after(too_many, std::chrono::seconds::max());
  EXPECT_TRUE(patient.again);
  EXPECT_EQ(patient.delay, 12h + 5s) << "the call has its own way";
  EXPECT_TRUE(one.core.paused(start + 25s - 1ns));
  EXPECT_FALSE(one.core.paused(start + 25s)) << "the client's longest delay, and five seconds";
}

TEST(RetryCore, PausesTheHostAlsoWhenTheCallItselfIsOver) {
  retries_of one;
  one.call = {.retries = 2};
  EXPECT_FALSE(one.after(too_many, 3s).again);
  EXPECT_TRUE(one.core.paused(start + 3s - 1ns));
}

TEST(RetryCore, PausesTheHostAlsoByACallThatIsNeverTriedAgain) {
  retries_of one;
  one.options.max_attempts = 1;
  EXPECT_FALSE(one.after(too_many, 3s).again);
  EXPECT_EQ(one.core.budget_left(), 500U);
  EXPECT_TRUE(one.core.paused(start + 3s - 1ns));
}

TEST(RetryCore, SpreadsACallAfterAPauseOverNoMoreThanItHasLeft) {
  retries_of one;
  (void)one.after(too_many, 3s);
  EXPECT_EQ(one.core.pause(start, 0.5, 4s), 3s + 500ms);
  EXPECT_EQ(one.core.pause(start, 0.5, 3s + 200ms), 3s + 100ms);
  EXPECT_LT(one.core.pause(start, 0.999, 3s + 1ns), 3s + 1ns) << "it still fits";
  for (const duration left : {duration(3s), duration(1s), duration(0), duration(-1s)})
    EXPECT_EQ(one.core.pause(start, 0.999, left), 3s);
}

TEST(RetryCore, IgnoresRetryAfterOfAnAnswerThatIsNotThrottled) {
  retries_of one;
  EXPECT_EQ(one.after({.code = {}, .status = 500}, 3s).delay, 25ms);
  EXPECT_FALSE(one.core.paused(start));
}

// ---- a server that fails all calls for a while

/// Calls that begin at given times and meet a server which is out until `recovery`; `sent` is when
/// each request went out.
struct outage {
  attempt_outcome failure = lost;
  std::optional<std::chrono::seconds> retry_after{};
  retry_core core{retry_options{}};
  std::mt19937_64 random{7};
  std::vector<time_point> sent;
  std::size_t succeeded = 0;

  struct attempt {
    time_point at;
    std::size_t call;
    bool operator<(const attempt& other) const { return at > other.at; }
  };

  void run(const std::vector<time_point>& begins, time_point recovery) {
    std::uniform_real_distribution<> dice(0.0, 1.0);
    std::vector<call_state> calls(begins.size());
    std::priority_queue<attempt> due;
    for (std::size_t i = 0; i < begins.size(); ++i) due.push({begins[i], i});
    while (!due.empty()) {
      const attempt next = due.top();
      due.pop();
      sent.push_back(next.at);
      if (next.at >= recovery) {
        core.succeeded(calls[next.call]);
        ++succeeded;
        continue;
      }
      const decision decided = core.decide(failure, retry_after, calls[next.call], {}, next.at,
                                           begins[next.call] + 30s, dice(random));
      if (decided.again) due.push({next.at + decided.delay, next.call});
    }
  }
};

std::vector<time_point> every(duration interval, std::size_t count, time_point first = start) {
  std::vector<time_point> times;
  for (std::size_t i = 0; i < count; ++i)
    times.push_back(first + static_cast<duration::rep>(i) * interval);
  return times;
}

TEST(RetryCore, SendsAtMostATwentiethMoreInATotalOutageOfTenThousandCalls) {
  outage total;
  total.run(every(1ms, 10'000), time_point::max());
  EXPECT_EQ(total.succeeded, 0U);
  EXPECT_LE(static_cast<double>(total.sent.size()), 1.05 * 10'000);
}

TEST(RetryCore, AddsLittleWhenTenThousandCallsAreThrottled) {
  for (const auto retry_after : {std::optional<std::chrono::seconds>(), std::optional(0s),
                                 std::optional(3s), std::optional(1'000'000s)}) {
    outage total;
    total.failure = too_many;
    total.retry_after = retry_after;
    total.run(every(1ms, 10'000), time_point::max());
    EXPECT_LE(static_cast<double>(total.sent.size()), 1.05 * 10'000);
  }
}

TEST(RetryCore, RetriesAgainOnceTheServerHasRecovered) {
  outage over;
  over.run(every(1ms, 10'000), time_point::max());
  EXPECT_LT(over.core.budget_left(), 14U) << "used up";
  over.run(every(1ms, 1'000, start + 60s), start);
  EXPECT_EQ(over.core.budget_left(), 500U) << "successes fill it again";
  over.succeeded = 0;
  over.run(every(10ms, 30, start + 120s), start + 120s + 20ms);
  EXPECT_EQ(over.succeeded, 30U) << "a short failure heals";
}

// A wave is what arrives at once: a thousand calls that failed, or were made, at one instant are to
// fill their whole interval evenly.
template <class Delay>
void expect_spread(duration from, duration over, Delay delay) {
  constexpr std::size_t calls = 1'000;
  std::mt19937_64 random(7);
  std::uniform_real_distribution<> dice(0.0, 1.0);
  std::array<std::size_t, 10> tenths{};
  for (std::size_t i = 0; i < calls; ++i) {
    const duration delayed = delay(dice(random));
    ASSERT_GE(delayed, from);
    ASSERT_LT(delayed, from + over);
    ++tenths[static_cast<std::size_t>((delayed - from) * 10 / over)];
  }
  for (const std::size_t in_tenth : tenths) {
    EXPECT_GT(in_tenth, calls / 20);
    EXPECT_LT(in_tenth, calls / 5);
  }
}

TEST(RetryCore, SpreadsTheRetriesOfCallsThatFailedAtOnce) {
  retries_of one{.options = {.budget = 0}};
  const auto delay_after = [&](const attempt_outcome& outcome,
                               std::optional<std::chrono::seconds> retry_after) {
    return [&one, outcome, retry_after](double dice) {
      one.call = {};
      one.dice = dice;
      return one.after(outcome, retry_after).delay;
    };
  };
  expect_spread(0ms, 50ms, delay_after(lost, std::nullopt));
  expect_spread(0s, 1s, delay_after(too_many, std::nullopt));
  expect_spread(0s, 1s, delay_after(too_many, 0s));
  expect_spread(3s, 1s, delay_after(too_many, 3s));
}

TEST(RetryCore, SpreadsTheCallsThatWaitedForTheEndOfAPause) {
  retries_of one;
  (void)one.after(too_many, 3s);
  expect_spread(2s, 1s, [&](double dice) { return one.core.pause(start + 1s, dice); });
}

TEST(RetryCore, KeepsItsBoundsUnderAnyEvents) {
  std::mt19937_64 random(11);
  const auto roll = [&](std::uint64_t below) { return random() % below; };
  for (int round = 0; round < 200; ++round) {
    retry_options options{.max_attempts = 1 + static_cast<unsigned>(roll(5)),
                          .budget = static_cast<unsigned>(roll(60))};
    retry_core core(options);
    std::vector<call_state> calls(5);
    std::uniform_real_distribution<> dice(0.0, 1.0);
    time_point now = start;
    for (int event = 0; event < 200; ++event) {
      now += std::chrono::milliseconds(roll(2'000));
      call_state& call = calls[roll(calls.size())];
      if (roll(3) == 0) {
        core.succeeded(call);
        call = {};
      } else {
        std::optional<std::chrono::seconds> retry_after;
        if (roll(2) == 0) retry_after = std::chrono::seconds(roll(100'000));
        const time_point deadline = now + std::chrono::milliseconds(roll(40'000));
        const attempt_outcome outcome{
            .code = {}, .status = roll(2) == 0 ? 429 : 503, .retry_after = retry_after.has_value()};
        const decision decided =
            core.decide(outcome, retry_after, call, options, now, deadline, dice(random));
        ASSERT_GE(decided.delay, 0ns);
        ASSERT_LE(decided.delay, 20s + 5s + 1s + 25s);
        if (decided.again) {
          ASSERT_LT(now + decided.delay, deadline);
          ASSERT_LT(call.retries, options.max_attempts);
        } else if (options.max_attempts > 1 && call.retries + 1 < options.max_attempts) {
          ASSERT_FALSE(decided.refusal.empty());
        }
        if (call.retries + 1 >= options.max_attempts) call = {};
      }
      ASSERT_LE(core.budget_left(), options.budget);
    }
  }
}

}  // namespace retry_core_test
}  // namespace upsun::retry
