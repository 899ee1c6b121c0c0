#include "transports/micro_cache.hpp"

#include <gtest/gtest.h>

#include <random>

#include "unit/transports/cache_model.hpp"

namespace upsun::transports {
namespace micro_cache_test {

using namespace std::chrono_literals;

const micro_cache::time_point start{1h};
const item here{"p", "i"};

kept_ptr answer(std::string id) {
  kept_answer made;
  made.value.id = std::move(id);
  made.etag = "\"1\"";
  return std::make_shared<const kept_answer>(std::move(made));
}

TEST(MicroCache, GivesAFreshAnswerUntilItsTimeIsOver) {
  micro_cache cache(2, 10s);
  EXPECT_EQ(cache.find(here, 1, start).answer, nullptr);
  const auto kept = answer("a");
  cache.store(here, kept, 1, start);
  EXPECT_EQ(cache.find(here, 1, start).answer, kept);
  EXPECT_TRUE(cache.find(here, 1, start + 10s - 1ns).fresh);
  EXPECT_FALSE(cache.find(here, 1, start + 10s).fresh);
  EXPECT_EQ(cache.find(here, 1, start + 10h).answer, kept) << "it may be revalidated";
}

TEST(MicroCache, IsNeverFreshForOtherCredentials) {
  micro_cache cache(2, 10s);
  cache.store(here, answer("a"), 1, start);
  EXPECT_FALSE(cache.find(here, 2, start).fresh);
  EXPECT_TRUE(cache.find(here, 1, start).fresh);
}

TEST(MicroCache, WithoutATtlEveryUseIsRevalidated) {
  micro_cache cache(2, 0s);
  cache.store(here, answer("a"), 1, start);
  EXPECT_FALSE(cache.find(here, 1, start).fresh);
  EXPECT_NE(cache.find(here, 1, start).answer, nullptr);
}

TEST(MicroCache, DropsTheLeastRecentlyUsedWhenThereAreTooMany) {
  micro_cache cache(2, 10s);
  cache.store({"p", "1"}, answer("1"), 1, start);
  cache.store({"p", "2"}, answer("2"), 1, start);
  EXPECT_TRUE(cache.find({"p", "1"}, 1, start).answer);
  cache.store({"p", "3"}, answer("3"), 1, start);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.find({"p", "1"}, 1, start).answer);
  EXPECT_FALSE(cache.find({"p", "2"}, 1, start).answer);
}

TEST(MicroCache, ReplacesAndDrops) {
  micro_cache cache(2, 10s);
  cache.store(here, answer("a"), 1, start);
  cache.store(here, answer("b"), 2, start + 5s);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.find(here, 2, start + 14s).answer->value.id, "b");
  EXPECT_TRUE(cache.find(here, 2, start + 14s).fresh);
  cache.drop(here);
  cache.drop(here);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(MicroCache, KeepsWhatAnAnswerConfirmsAndDropsWhatItContradicts) {
  EXPECT_EQ(effect_of(200, true, false), cache_effect::store);
  EXPECT_EQ(effect_of(304, true, false), cache_effect::store);
  EXPECT_EQ(effect_of(200, true, true), cache_effect::drop);
  EXPECT_EQ(effect_of(200, false, false), cache_effect::drop)
      << "a value that cannot be read is not the one there was";
  for (const int gone : {401, 403, 404, 410})
    EXPECT_EQ(effect_of(gone, false, false), cache_effect::drop) << gone;
  for (const int passing : {0, 304, 408, 429, 500, 503})
    EXPECT_EQ(effect_of(passing, false, false), cache_effect::keep) << passing;
}

TEST(MicroCache, AgreesWithItsModel) {
  std::mt19937 dice(7);
  test::cache_model model([&](std::size_t below) { return dice() % below; });
  for (int i = 0; i < 20'000; ++i) model.step();
}

}  // namespace micro_cache_test
}  // namespace upsun::transports
