#include "calls/call_core.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace upsun::calls {
namespace call_core_test {

using namespace std::chrono_literals;
using kind = call_action::kind;

retry::decision later(std::chrono::nanoseconds delay = 50ms) {
  return {.again = true, .delay = delay};
}
retry::decision never() { return {.refusal = "the budget is used up"}; }
retry::decision not_asked() {
  ADD_FAILURE() << "nothing was to be decided";
  return {};
}
constexpr auto hedge_allowed = [] { return true; };
constexpr auto hedge_refused = [] { return false; };

TEST(CallCore, SendsAtOnceWithoutTokensOrPause) {
  call_core core(false, std::nullopt);
  const call_action action = core.start({});
  EXPECT_EQ(action.what, kind::send);
  EXPECT_FALSE(action.timed);
  EXPECT_EQ(core.attempt_ended(0, attempt_verdict::final, not_asked).what, kind::finish);
  EXPECT_TRUE(core.done());
  EXPECT_EQ(core.attempts(), 1U);
}

TEST(CallCore, WaitsOutThePauseOfTheHostThenAsksForATokenThenSends) {
  call_core core(true, std::nullopt);
  const call_action waits = core.start({.asked = 2s});
  EXPECT_EQ(waits.what, kind::wait);
  EXPECT_EQ(waits.delay, 2s);
  EXPECT_EQ(core.timer_fired({}, hedge_refused).what, kind::get_token);
  EXPECT_EQ(core.token_ready().what, kind::send);
}

TEST(CallCore, WaitsOnWhenTheHostAskedForAPauseMeanwhile) {
  call_core core(false, std::nullopt);
  (void)core.start({.asked = 1s});
  const call_action waits = core.timer_fired({.asked = 3s}, hedge_refused);
  EXPECT_EQ(waits.what, kind::wait);
  EXPECT_EQ(waits.delay, 3s);
  EXPECT_EQ(core.timer_fired({}, hedge_refused).what, kind::send);
}

TEST(CallCore, EndsWhenAPauseOfTheHostOutlastsIt) {
  call_core late(false, std::nullopt);
  EXPECT_EQ(late.start({.asked = 2s, .left = 2s}).what, kind::outlasted);
  EXPECT_TRUE(late.done());
  EXPECT_EQ(late.attempts(), 0U);

  call_core woken(true, std::nullopt);
  (void)woken.start({.asked = 1s, .left = 2s});
  EXPECT_EQ(woken.timer_fired({.asked = 3s, .left = 1s}, hedge_refused).what, kind::outlasted);
  EXPECT_TRUE(woken.done());
  EXPECT_EQ(woken.stop().what, kind::nothing);

  call_core expired(false, std::nullopt);
  (void)expired.start({.asked = 1s, .left = 2s});
  EXPECT_EQ(expired.timer_fired({.left = -1ns}, hedge_refused).what, kind::send)
      << "the transport knows deadlines";
}

TEST(CallCore, LetsAnAttemptGoOnWhenAPauseBegins) {
  call_core core(false, 10ms);
  (void)core.start({});
  EXPECT_EQ(core.timer_fired({.asked = 3s, .left = 1s}, hedge_refused).what, kind::nothing)
      << "the attempt goes on";
  EXPECT_EQ(core.attempt_ended(0, attempt_verdict::final, not_asked).what, kind::finish);
}

TEST(CallCore, TriesAgainAfterTheDelayThatWasDecided) {
  call_core core(false, std::nullopt);
  (void)core.start({});
  const call_action waits =
      core.attempt_ended(0, attempt_verdict::transient, [] { return later(70ms); });
  EXPECT_EQ(waits.what, kind::wait);
  EXPECT_EQ(waits.delay, 70ms);
  EXPECT_EQ(core.timer_fired({}, hedge_refused).what, kind::send);
  EXPECT_EQ(core.attempt_ended(0, attempt_verdict::final, not_asked).what, kind::finish);
  EXPECT_EQ(core.attempts(), 2U);
}

TEST(CallCore, EndsInTheFailureWhenThereIsNoOtherAttempt) {
  call_core core(false, std::nullopt);
  (void)core.start({});
  const call_action ends = core.attempt_ended(0, attempt_verdict::transient, never);
  EXPECT_EQ(ends.what, kind::finish);
  ASSERT_TRUE(ends.retried);
  EXPECT_EQ(ends.retried->refusal, "the budget is used up");
}

TEST(CallCore, RenewsARefusedTokenOnceAndTriesAgainWithoutADecision) {
  call_core core(true, std::nullopt);
  (void)core.start({});
  (void)core.token_ready();
  const call_action renews = core.attempt_ended(0, attempt_verdict::unauthorized, not_asked);
  EXPECT_TRUE(renews.renew_token);
  EXPECT_EQ(renews.what, kind::get_token);
  (void)core.token_ready();
  const call_action ends = core.attempt_ended(0, attempt_verdict::unauthorized, not_asked);
  EXPECT_EQ(ends.what, kind::finish);
  EXPECT_FALSE(ends.renew_token);
}

TEST(CallCore, TriesForATokenAgainAsForAResponse) {
  call_core core(true, std::nullopt);
  (void)core.start({});
  EXPECT_EQ(core.token_failed(attempt_verdict::transient, [] { return later(); }).what, kind::wait);
  EXPECT_EQ(core.timer_fired({}, hedge_refused).what, kind::get_token);
  EXPECT_EQ(core.token_failed(attempt_verdict::unauthorized, not_asked).what, kind::finish);
}

TEST(CallCore, SendsASecondRequestBesideASlowOneIfItMay) {
  call_core core(false, 10ms);
  const call_action first = core.start({});
  EXPECT_TRUE(first.timed);
  EXPECT_EQ(first.delay, 10ms);
  const call_action second = core.timer_fired({}, hedge_allowed);
  EXPECT_EQ(second.what, kind::send);
  EXPECT_EQ(second.attempt, 1U);
  EXPECT_FALSE(second.timed);
  EXPECT_EQ(core.attempt_ended(1, attempt_verdict::final, not_asked).what, kind::finish);
  EXPECT_TRUE(core.under_way(0)) << "the loser, which is to be cancelled";
  EXPECT_EQ(core.attempt_ended(0, attempt_verdict::final, not_asked).what, kind::nothing);

  call_core poor(false, 10ms);
  (void)poor.start({});
  EXPECT_EQ(poor.timer_fired({}, hedge_refused).what, kind::nothing);
}

TEST(CallCore, SendsNoSecondRequestBeforeItIsDue) {
  const auto not_asked_for = [] {
    ADD_FAILURE() << "nothing may be taken from the budget";
    return true;
  };
  call_core core(false, 10ms);
  (void)core.start({});
  for (int i = 0; i < 3; ++i) {
    const call_action waits = core.timer_fired({}, not_asked_for, 7ms);
    EXPECT_EQ(waits.what, kind::wait);
    EXPECT_EQ(waits.delay, 7ms);
  }
  EXPECT_EQ(core.timer_fired({}, hedge_allowed, 0ms).what, kind::send);
  EXPECT_EQ(core.timer_fired({}, not_asked_for, 7ms).what, kind::nothing) << "one is enough";
}

TEST(CallCore, LetsTheOtherAttemptGoOnWhenOneFailed) {
  call_core core(false, 10ms);
  (void)core.start({});
  (void)core.timer_fired({}, hedge_allowed);
  EXPECT_EQ(core.attempt_ended(0, attempt_verdict::transient, not_asked).what, kind::nothing);
  EXPECT_EQ(core.attempt_ended(1, attempt_verdict::transient, [] { return later(); }).what,
            kind::wait)
      << "both failed: one decision";
}

TEST(CallCore, EndsAWaitAtOnceWhenStopped) {
  call_core core(false, std::nullopt);
  (void)core.start({.asked = 1s});
  EXPECT_EQ(core.stop().what, kind::cancelled);
  EXPECT_TRUE(core.done());
  EXPECT_EQ(core.stop().what, kind::nothing);
  EXPECT_EQ(core.timer_fired({}, hedge_allowed).what, kind::nothing);
}

TEST(CallCore, EndsWithTheResultOfWhatIsUnderWayWhenStopped) {
  call_core waiting_for_token(true, std::nullopt);
  (void)waiting_for_token.start({});
  EXPECT_EQ(waiting_for_token.stop().what, kind::nothing);
  EXPECT_TRUE(waiting_for_token.waits_for_token());
  EXPECT_EQ(waiting_for_token.token_failed(attempt_verdict::transient, not_asked).what,
            kind::finish);

  call_core got_it_just_now(true, std::nullopt);
  (void)got_it_just_now.start({});
  (void)got_it_just_now.stop();
  EXPECT_EQ(got_it_just_now.token_ready().what, kind::cancelled);

  call_core sending(true, std::nullopt);
  (void)sending.start({});
  (void)sending.token_ready();
  EXPECT_EQ(sending.stop().what, kind::nothing);
  EXPECT_EQ(sending.attempt_ended(0, attempt_verdict::unauthorized, not_asked).what, kind::finish)
      << "no renewal any more";
}

/// Drives a core by random events, as a driver with any timing would, and counts its ends.
class random_call {
 public:
  random_call(std::uint64_t seed, bool tokens, bool hedged)
      : random_(seed),
        core_(tokens, hedged ? std::optional<std::chrono::nanoseconds>(1ms) : std::nullopt) {
    follow(core_.start({.asked = roll(2) == 0 ? 1s : 0s, .left = roll(4) == 0 ? 1s : 2s}));
  }

  void run() {
    for (int event = 0; event < 200 && !idle(); ++event) step();
  }
  [[nodiscard]] int ends() const { return ends_; }
  [[nodiscard]] bool idle() const { return !timer_ && !token_ && !under_way_[0] && !under_way_[1]; }

 private:
  std::uint64_t roll(std::uint64_t below) { return random_() % below; }

  void step() {
    const auto decide = [&] {
      EXPECT_FALSE(stopped_);
      return roll(4) == 0 ? never() : later();
    };
    const auto any_verdict = static_cast<attempt_verdict>(roll(3));
    switch (roll(6)) {
      case 0:
        if (roll(10) == 0) {
          stopped_ = true;
          follow(core_.stop());
        }
        break;
      case 1:
        if (timer_) {
          timer_ = false;
          follow(core_.timer_fired(
              {.asked = roll(4) == 0 ? 1ms : 0ms, .left = roll(4) == 0 ? 1ms : 2ms},
              [&] { return roll(2) == 0; }, roll(3) == 0 ? 1ms : 0ms));
        }
        break;
      case 2:
        if (token_) {
          token_ = false;
          follow(roll(3) != 0 ? core_.token_ready() : core_.token_failed(any_verdict, decide));
        }
        break;
      default: {
        const unsigned which = static_cast<unsigned>(roll(2));
        if (!under_way_[which]) break;
        under_way_[which] = false;
        follow(core_.attempt_ended(which, any_verdict, decide));
        break;
      }
    }
  }

  void follow(const call_action& action) {
    if (ends_ > 0) {
      EXPECT_EQ(action.what, kind::nothing) << "it was over";
    }
    switch (action.what) {
      case kind::nothing: break;
      case kind::get_token:
        EXPECT_FALSE(stopped_);
        EXPECT_FALSE(token_);
        token_ = true;
        break;
      case kind::send:
        EXPECT_FALSE(stopped_);
        EXPECT_FALSE(under_way_[action.attempt]);
        under_way_[action.attempt] = true;
        timer_ = timer_ || action.timed;
        break;
      case kind::wait:
        EXPECT_FALSE(stopped_);
        EXPECT_FALSE(under_way_[1] || token_) << "beside a first attempt it is for a hedge";
        timer_ = true;
        break;
      case kind::finish:
      case kind::cancelled:
      case kind::outlasted:
        ++ends_;
        timer_ = false;  // the driver stops it
        break;
    }
  }

  std::mt19937_64 random_;
  call_core core_;
  bool timer_ = false;
  bool token_ = false;
  bool under_way_[2] = {false, false};
  bool stopped_ = false;
  int ends_ = 0;
};

TEST(CallCore, EndsExactlyOnceWhateverHappensInWhateverOrder) {
  for (std::uint64_t seed = 0; seed < 4'000; ++seed) {
    random_call call(seed, seed % 2 == 0, seed % 4 < 2);
    call.run();
    if (call.idle()) {
      ASSERT_EQ(call.ends(), 1) << seed;
    } else {
      ASSERT_LE(call.ends(), 1) << seed;
    }
  }
}

}  // namespace call_core_test
}  // namespace upsun::calls
