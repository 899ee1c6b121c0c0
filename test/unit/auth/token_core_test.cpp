#include "auth/token_core.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace upsun::auth {
namespace token_core_test {

using namespace std::chrono_literals;
using kind = token_lookup::kind;
using state = token_core::state_kind;

result<issued_token> issued(std::string text, std::chrono::seconds lifetime,
                            std::string refresh_token = {}) {
  return issued_token{.access_token = std::move(text),
                      .lifetime = lifetime,
                      .refresh_token = std::move(refresh_token)};
}

struct TokenCore : ::testing::Test {
  token_core core;
  token_core::time_point now{1h};

  /// Begins a refresh and ends it.
  void obtain(result<issued_token> answer) {
    ASSERT_TRUE(core.get(now).request);
    EXPECT_FALSE(core.on_response(std::move(answer), false, now, 0.5));
  }
  void fail(errc why, bool final, double dice = 0.5) {
    EXPECT_FALSE(core.on_response(error(why), final, now, dice));
  }
};

TEST_F(TokenCore, HasNoTokenUntilTheFirstRefreshEnds) {
  EXPECT_EQ(core.state(now), state::none);
  const token_lookup first = core.get(now);
  EXPECT_EQ(first.state, kind::pending);
  ASSERT_TRUE(first.request);
  EXPECT_EQ(first.request->refresh_token, "");
  for (int i = 0; i < 10'000; ++i) {
    const token_lookup other = core.get(now);
    ASSERT_EQ(other.state, kind::pending);
    ASSERT_FALSE(other.request) << "one refresh for all";
  }
  EXPECT_FALSE(core.on_response(issued("abc", 100s), false, now, 0.5));
  EXPECT_EQ(core.state(now), state::fresh);
  EXPECT_EQ(core.get(now).state, kind::ready);
  EXPECT_EQ(*core.token().authorization, "Bearer abc");
  EXPECT_EQ(core.token().generation, 1u);
}

TEST_F(TokenCore, IsRenewedOnceAtFourFifthsOfItsLifeWhileItStaysInUse) {
  obtain(issued("old", 100s));
  now += 79s;
  EXPECT_FALSE(core.get(now).request);
  now += 1s;
  EXPECT_EQ(core.state(now), state::renewing);
  token_lookup renewing = core.get(now);
  EXPECT_EQ(renewing.state, kind::ready);
  EXPECT_TRUE(renewing.request);
  renewing = core.get(now + 10s);
  EXPECT_EQ(renewing.state, kind::ready);
  EXPECT_FALSE(renewing.request);
  EXPECT_EQ(*core.token().authorization, "Bearer old");
  EXPECT_FALSE(core.on_response(issued("new", 100s), false, now + 10s, 0.5));
  EXPECT_EQ(*core.token().authorization, "Bearer new");
  EXPECT_EQ(core.token().generation, 2u);
  EXPECT_EQ(core.expires_at(), now + 100s) << "counted from when it was asked for";
}

TEST_F(TokenCore, KnowsTheGenerationOfTheTokenThatACallWillUse) {
  EXPECT_EQ(core.generation(now), 1u);
  obtain(issued("abc", 100s));
  EXPECT_EQ(core.generation(now), 1u);
  EXPECT_EQ(core.generation(now + 100s), 2u) << "it has expired";
  core.invalidate(1);
  EXPECT_EQ(core.generation(now), 2u);
  obtain(issued("def", 100s));
  EXPECT_EQ(core.generation(now), 2u);
}

TEST_F(TokenCore, ExpiresAtTheEndOfItsLife) {
  obtain(issued("abc", 100s));
  EXPECT_TRUE(core.valid(now + 100s - 1ns));
  now += 100s;
  EXPECT_EQ(core.state(now), state::expired);
  const token_lookup late = core.get(now);
  EXPECT_EQ(late.state, kind::pending);
  EXPECT_TRUE(late.request);
}

TEST_F(TokenCore, RenewalTimesAreSpreadAroundFourFifths) {
  EXPECT_EQ(renewal_age(100s, 0.0), 75s);
  EXPECT_EQ(renewal_age(100s, 0.5), 80s);
  EXPECT_LT(renewal_age(100s, 0.999), 85s);
}

TEST_F(TokenCore, AShortLifetimeDoesNotMeanARequestForEachCall) {
  obtain(issued("a", 60s));
  int requests = 1;
  for (int call = 0; call < 600; ++call, now += 100ms) {
    const token_lookup got = core.get(now);
    ASSERT_EQ(got.state, kind::ready);
    if (!got.request) continue;
    ++requests;
    EXPECT_FALSE(core.on_response(issued("b", 60s), false, now, 0.5));
  }
  EXPECT_EQ(requests, 2) << "in a minute";
}

TEST_F(TokenCore, AFailedRenewalLeavesTheOldTokenAndIsTriedAgainAfterAGrowingPause) {
  obtain(issued("old", 1000s));
  now += 800s;
  std::chrono::nanoseconds last{};
  for (unsigned failure = 0; failure < 5; ++failure) {
    EXPECT_TRUE(core.get(now).request);
    fail(errc::connect_failed, false);
    const auto pause = failure_backoff(failure, 0.5);
    EXPECT_GT(pause, last);
    last = pause;
    const token_lookup within = core.get(now + pause - 1ns);
    EXPECT_EQ(within.state, kind::ready);
    EXPECT_FALSE(within.request) << "not at every call";
    now += pause;
  }
  EXPECT_EQ(*core.token().authorization, "Bearer old");
  EXPECT_EQ(core.failure(), errc::connect_failed);
}

TEST_F(TokenCore, AFinalFailureLeavesAValidTokenInUseToo) {
  obtain(issued("old", 1000s));
  now += 990s;
  EXPECT_TRUE(core.get(now).request);
  fail(errc::credentials_refused, true, 0.0);
  EXPECT_EQ(core.get(now).state, kind::ready);
  now += 500ms;
  EXPECT_TRUE(core.get(now).request) << "the pause is over";
  fail(errc::credentials_refused, true, 0.999);
  now += 10s - 500ms;
  EXPECT_NE(core.get(now).state, kind::ready) << "it has expired";
}

TEST_F(TokenCore, PausesStayBounded) {
  EXPECT_EQ(failure_backoff(0, 0.0), 500ms);
  EXPECT_LE(failure_backoff(0, 0.999), 1s);
  for (const unsigned failure : {5u, 6u, 40u, 4'000'000'000u}) {
    EXPECT_EQ(failure_backoff(failure, 0.0), 15s);
    EXPECT_LE(failure_backoff(failure, 0.999), 30s);
  }
}

TEST_F(TokenCore, ATransientFailureWithoutATokenIsTriedAgainAtTheNextCall) {
  EXPECT_TRUE(core.get(now).request);
  fail(errc::connect_failed, false);
  const token_lookup next = core.get(now);
  EXPECT_EQ(next.state, kind::pending);
  EXPECT_TRUE(next.request) << "the caller has waited its backoff";
}

TEST_F(TokenCore, AFinalFailureAnswersTheCallsOfItsPause) {
  EXPECT_TRUE(core.get(now).request);
  fail(errc::credentials_refused, true);
  EXPECT_EQ(core.state(now), state::failed);
  const token_lookup within = core.get(now + failure_backoff(0, 0.5) - 1ns);
  EXPECT_EQ(within.state, kind::failed);
  EXPECT_FALSE(within.request);
  EXPECT_EQ(core.failure(), errc::credentials_refused);
  now += failure_backoff(0, 0.5);
  EXPECT_TRUE(core.get(now).request);
  EXPECT_FALSE(core.on_response(issued("abc", 100s), false, now, 0.5));
  EXPECT_EQ(core.get(now).state, kind::ready) << "the credentials came back";
  EXPECT_FALSE(core.failure().code());
}

TEST_F(TokenCore, ABurstOfRefusalsOfOneTokenMeansOneRenewal) {
  obtain(issued("revoked", 1000s));
  for (int i = 0; i < 100; ++i) core.invalidate(1);
  EXPECT_EQ(core.state(now), state::none);
  EXPECT_TRUE(core.get(now).request);
  for (int i = 0; i < 100; ++i) {
    core.invalidate(1);
    EXPECT_FALSE(core.get(now).request);
  }
  EXPECT_FALSE(core.on_response(issued("new", 1000s), false, now, 0.5));
  for (int i = 0; i < 100; ++i) core.invalidate(1);
  EXPECT_EQ(core.get(now).state, kind::ready) << "late refusals of the old one mean nothing";
  EXPECT_EQ(core.token().generation, 2u);
  core.invalidate(0);
  core.invalidate(3);
  EXPECT_TRUE(core.valid(now));
}

TEST_F(TokenCore, UsesARefreshTokenAndTheOneThatFollowsIt) {
  obtain(issued("a", 100s, "first"));
  now += 90s;
  auto renewing = core.get(now);
  ASSERT_TRUE(renewing.request);
  EXPECT_EQ(renewing.request->refresh_token, "first");
  EXPECT_FALSE(core.on_response(issued("b", 100s, "second"), false, now, 0.5));
  now += 90s;
  renewing = core.get(now);
  ASSERT_TRUE(renewing.request);
  EXPECT_EQ(renewing.request->refresh_token, "second");
  EXPECT_FALSE(core.on_response(issued("c", 100s), false, now, 0.5));
  now += 90s;
  renewing = core.get(now);
  ASSERT_TRUE(renewing.request);
  EXPECT_EQ(renewing.request->refresh_token, "second")
      << "it stays good when no other comes (RFC 6749 section 6)";
}

TEST_F(TokenCore, ARefusedRefreshTokenMeansTheCredentialsThemselvesInTheSameRefresh) {
  obtain(issued("a", 100s, "stale"));
  now += 100s;
  ASSERT_TRUE(core.get(now).request);
  const auto next = core.on_response(error(errc::credentials_refused), true, now, 0.5);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->refresh_token, "");
  EXPECT_TRUE(core.in_flight());
  EXPECT_EQ(core.get(now).state, kind::pending);
  EXPECT_FALSE(core.get(now).request);
  EXPECT_FALSE(core.on_response(issued("b", 100s), false, now, 0.5));
  EXPECT_EQ(*core.token().authorization, "Bearer b");
}

TEST_F(TokenCore, ARefreshHasNoThirdRequest) {
  obtain(issued("a", 100s, "stale"));
  now += 100s;
  ASSERT_TRUE(core.get(now).request);
  ASSERT_TRUE(core.on_response(error(errc::credentials_refused), true, now, 0.5));
  fail(errc::credentials_refused, true);
  EXPECT_EQ(core.state(now), state::failed);
}

TEST_F(TokenCore, ARefreshTokenWhoseFateIsUnknownIsNotUsedAgain) {
  obtain(issued("a", 100s, "perhaps used"));
  now += 100s;
  ASSERT_TRUE(core.get(now).request);
  fail(errc::connection_closed, false);
  const auto again = core.get(now);
  ASSERT_TRUE(again.request);
  EXPECT_EQ(again.request->refresh_token, "");
}

TEST_F(TokenCore, ATokenThatExpiresOnItsWayIsATransientFailure) {
  ASSERT_TRUE(core.get(now).request);
  now += 3s;
  EXPECT_FALSE(core.on_response(issued("abc", 2s), false, now, 0.5));
  EXPECT_EQ(core.failure(), errc::attempt_timeout);
  EXPECT_EQ(core.failure().phase(), phase::token);
  EXPECT_TRUE(core.get(now).request);
}

TEST_F(TokenCore, LifetimesOfAnySizeAreBounded) {
  obtain(issued("abc", std::chrono::seconds::max()));
  EXPECT_EQ(core.expires_at(), now + longest_lifetime);
  core.invalidate(1);
  ASSERT_TRUE(core.get(now).request);
  EXPECT_FALSE(core.on_response(issued("abc", std::chrono::seconds::min()), false, now, 0.5));
  EXPECT_FALSE(core.valid(now));
  EXPECT_EQ(core.failure(), errc::attempt_timeout);
}

/// Any order of events, against what must hold whatever their order.
TEST_F(TokenCore, HoldsItsPromisesUnderAnySequenceOfEvents) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](unsigned n) { return random() % n; };
    core = {};
    now = token_core::time_point(1h);
    int waiting = 0;                                       // calls told to wait
    bool in_flight = false;                                // a request is unanswered
    std::string refused;                                   // text of the invalidated tokens
    std::map<std::string, token_core::time_point> expiry;  // of every token given out
    std::optional<token_core::time_point> not_before;
    token_core::time_point asked{};

    for (int step = 0; step < 400; ++step) {
      switch (below(8)) {
        case 0:
        case 1:
        case 2: {
          const bool valid = core.valid(now);
          const token_lookup got = core.get(now);
          if (got.request) {
            ASSERT_FALSE(in_flight) << "two refreshes; seed " << seed;
            ASSERT_TRUE(!valid || !not_before || now >= *not_before) << "no pause; seed " << seed;
            in_flight = true;
            asked = now;
          }
          if (got.state == kind::ready) {
            const std::string& text = *core.token().authorization;
            ASSERT_LT(now, expiry.at(text)) << "an expired token; seed " << seed;
            ASSERT_NE(text, refused);
          } else if (got.state == kind::pending) {
            ASSERT_TRUE(in_flight) << "waits for nothing; seed " << seed;
            ++waiting;
          } else {
            ASSERT_TRUE(core.failure().code());
            ASSERT_LT(now, *not_before + 30s) << "the pause is bounded; seed " << seed;
          }
          break;
        }
        case 3:
        case 4: {
          if (!in_flight) break;
          const bool good = below(2) == 0;
          const bool final = below(2) == 0;
          const auto lifetime = std::chrono::seconds(below(200));
          const std::string text = "t" + std::to_string(step);
          const auto answer = good ? issued(text, lifetime, below(2) == 0 ? "refresh" : "")
                                   : result<issued_token>(error(errc::server_error));
          const auto next =
              core.on_response(answer, final, now, static_cast<double>(below(1000)) / 1000);
          if (next) {
            asked = now;
            break;
          }
          in_flight = false;
          if (good && asked + lifetime > now) {
            expiry["Bearer " + text] = asked + lifetime;
            not_before.reset();
            ASSERT_TRUE(core.valid(now));
          } else {
            ASSERT_TRUE(core.failure().code()) << "nothing to tell those who wait; seed " << seed;
            not_before = now + 500ms;
            ASSERT_TRUE(core.valid(now) || !final || good || core.state(now) == state::failed)
                << seed;
          }
          waiting = 0;  // all are told
          break;
        }
        case 5: now += std::chrono::milliseconds(below(60'000)); break;
        case 6: now += std::chrono::milliseconds(below(500)); break;
        case 7: {
          const std::uint64_t generation =
              core.token().generation - std::min<std::uint64_t>(below(2), core.token().generation);
          const bool present = generation == core.token().generation;
          if (present && core.token().authorization) refused = *core.token().authorization;
          const bool valid = core.valid(now);
          core.invalidate(generation);
          ASSERT_EQ(core.valid(now), valid && !present);
          break;
        }
      }
      ASSERT_EQ(core.in_flight(), in_flight);
      ASSERT_TRUE(waiting == 0 || in_flight) << "nobody will tell them; seed " << seed;
    }
  }
}

}  // namespace token_core_test
}  // namespace upsun::auth
