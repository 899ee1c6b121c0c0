#include "auth/token_core.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

#include "unit/auth/token_model.hpp"

namespace upsun::auth {
namespace token_core_test {

using namespace std::chrono_literals;
using kind = token_lookup::kind;

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
  void obtain(result<issued_token> response) {
    ASSERT_TRUE(core.get(now).request);
    EXPECT_FALSE(core.on_response(std::move(response), false, now, 0.5));
  }
  void fail(errc why, bool final, double dice = 0.5) {
    EXPECT_FALSE(core.on_response(error(why), final, now, dice));
  }
};

TEST_F(TokenCore, HasNoTokenUntilTheFirstRefreshEnds) {
  EXPECT_FALSE(core.valid(now));
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
  EXPECT_EQ(core.get(now).state, kind::ready);
  EXPECT_EQ(*core.token().authorization, "Bearer abc");
  EXPECT_EQ(core.token().generation, 1u);
}

TEST_F(TokenCore, IsRenewedOnceAtFourFifthsOfItsLifeWhileItStaysInUse) {
  obtain(issued("old", 100s));
  now += 79s;
  EXPECT_FALSE(core.get(now).request);
  now += 1s;
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
  EXPECT_EQ(core.expires_at(), now + 100s) << "counted from when it was requested";
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
  EXPECT_FALSE(core.valid(now));
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

TEST_F(TokenCore, AFailedRenewalLeavesTheOldTokenAndIsTriedAgainAfterAGrowingBackoff) {
  obtain(issued("old", 1000s));
  now += 800s;
  std::chrono::nanoseconds last{};
  for (unsigned failure = 0; failure < 5; ++failure) {
    EXPECT_TRUE(core.get(now).request);
    fail(errc::connect_failed, false);
    const auto backoff = failure_backoff(failure, 0.5);
    EXPECT_GT(backoff, last);
    last = backoff;
    const token_lookup within = core.get(now + backoff - 1ns);
    EXPECT_EQ(within.state, kind::ready);
    EXPECT_FALSE(within.request) << "not at every call";
    now += backoff;
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
  EXPECT_TRUE(core.get(now).request) << "the backoff is over";
  fail(errc::credentials_refused, true, 0.999);
  now += 10s - 500ms;
  EXPECT_NE(core.get(now).state, kind::ready) << "it has expired";
}

TEST_F(TokenCore, BackoffsStayBounded) {
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

TEST_F(TokenCore, AFinalFailureFailsTheCallsDuringItsBackoff) {
  EXPECT_TRUE(core.get(now).request);
  fail(errc::credentials_refused, true);
  EXPECT_EQ(core.get(now).state, kind::failed);
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
  EXPECT_FALSE(core.valid(now));
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
  EXPECT_EQ(core.get(now).state, kind::failed);
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

TEST(TokenCoreModel, AgreesWithTheCoreOverRandomEvents) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    test::token_model model([&random](std::size_t below) { return random() % below; });
    for (int step = 0; step < 400 && !::testing::Test::HasFailure(); ++step) model.step();
  }
}

}  // namespace token_core_test
}  // namespace upsun::auth
