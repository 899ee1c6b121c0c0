#include "transports/response_cache.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>

#include "unit/transports/response_cache_model.hpp"

namespace upsun::transports {
namespace response_cache_test {

using namespace std::chrono_literals;

const response_cache::time_point start{1h};
const std::string here = "/p/i\n";
constexpr std::size_t plenty = 1'000'000;

response_cache::response_ptr response(std::string body) {
  http_response made;
  made.status = 200;
  made.body = std::move(body);
  return std::make_shared<const http_response>(std::move(made));
}
response_cache::credentials token(const char* text) {
  return std::make_shared<const std::string>(text);
}

TEST(ResponseCache, GivesAFreshResponseUntilItsTimeIsOver) {
  response_cache cache(2, plenty, 10s);
  EXPECT_EQ(cache.find(here, nullptr, start).response, nullptr);
  const auto cached = response("a");
  cache.store(here, cached, nullptr, start);
  EXPECT_EQ(cache.find(here, nullptr, start).response, cached);
  EXPECT_TRUE(cache.find(here, nullptr, start + 10s - 1ns).fresh);
  EXPECT_FALSE(cache.find(here, nullptr, start + 10s).fresh);
  EXPECT_EQ(cache.find(here, nullptr, start + 10h).response, cached) << "it may be revalidated";
}

TEST(ResponseCache, IsNeverFreshForOtherCredentials) {
  response_cache cache(2, plenty, 10s);
  cache.store(here, response("a"), token("1"), start);
  EXPECT_NE(cache.find(here, token("2"), start).response, nullptr);
  EXPECT_FALSE(cache.find(here, token("2"), start).fresh);
  EXPECT_FALSE(cache.find(here, nullptr, start).fresh);
  EXPECT_TRUE(cache.find(here, token("1"), start).fresh);
}

TEST(ResponseCache, WithoutATtlEveryUseIsRevalidated) {
  response_cache cache(2, plenty, 0s);
  cache.store(here, response("a"), nullptr, start);
  EXPECT_FALSE(cache.find(here, nullptr, start).fresh);
  EXPECT_NE(cache.find(here, nullptr, start).response, nullptr);
}

TEST(ResponseCache, DropsTheLeastRecentlyUsedWhenThereAreTooMany) {
  response_cache cache(2, plenty, 10s);
  cache.store("/1\n", response("1"), nullptr, start);
  cache.store("/2\n", response("2"), nullptr, start);
  EXPECT_TRUE(cache.find("/1\n", nullptr, start).response);
  cache.store("/3\n", response("3"), nullptr, start);
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_TRUE(cache.find("/1\n", nullptr, start).response);
  EXPECT_FALSE(cache.find("/2\n", nullptr, start).response);
}

TEST(ResponseCache, DropsTheLeastRecentlyUsedWhenTheyAreTooLarge) {
  response_cache cache(10, 10'000, 10s);
  cache.store("/1\n", response("1"), nullptr, start);
  cache.store("/2\n", response(std::string(5'000, 'x')), nullptr, start);
  cache.store("/3\n", response(std::string(5'000, 'x')), nullptr, start);
  EXPECT_FALSE(cache.find("/1\n", nullptr, start).response);
  EXPECT_FALSE(cache.find("/2\n", nullptr, start).response);
  EXPECT_TRUE(cache.find("/3\n", nullptr, start).response);
  cache.store("/4\n", response(std::string(10'000, 'x')), nullptr, start);
  EXPECT_FALSE(cache.find("/4\n", nullptr, start).response) << "larger than the whole cache";
  EXPECT_TRUE(cache.find("/3\n", nullptr, start).response);
  cache.store("/3\n", response(std::string(10'000, 'x')), nullptr, start);
  EXPECT_EQ(cache.size(), 0u) << "what was there is out of date all the same";
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ResponseCache, CountsEveryTextThatAServerSends) {
  for (auto text : {&http_response::body, &http_response::etag, &http_response::request_id,
                    &http_response::content_type, &http_response::content_encoding,
                    &http_response::www_authenticate}) {
    response_cache cache(10, 10'000, 10s);
    http_response large;
    large.*text = std::string(10'000, 'x');
    cache.store("/1\n", std::make_shared<const http_response>(std::move(large)), nullptr, start);
    EXPECT_EQ(cache.size(), 0u);
  }
}

TEST(ResponseCache, ReplacesDropsAndForgets) {
  response_cache cache(3, plenty, 10s);
  cache.store(here, response("a"), token("1"), start);
  cache.store(here, response("b"), token("2"), start + 5s);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.find(here, token("2"), start + 14s).response->body, "b");
  EXPECT_TRUE(cache.find(here, token("2"), start + 14s).fresh);
  cache.drop(here);
  cache.drop(here);
  EXPECT_EQ(cache.size(), 0u);
  cache.store(here, response("a"), nullptr, start);
  cache.store("/p/i/x\n", response("a"), nullptr, start);
  cache.store("/p/j\n", response("a"), nullptr, start);
  cache.forget({.path = "/p/i"});
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_TRUE(cache.find("/p/j\n", nullptr, start).response);
}

TEST(ResponseCache, TakesOnlyADocumentForOne) {
  EXPECT_TRUE(is_document(*response("{}")));
  EXPECT_FALSE(is_document(*response("")));
  http_response other = *response("{}");
  other.content_type = "application/hal+json; charset=utf-8";
  EXPECT_TRUE(is_document(other));
  other.content_type = "text/html";
  EXPECT_FALSE(is_document(other));
  other = *response("{}");
  other.status = 203;
  EXPECT_FALSE(is_document(other));
}

TEST(ResponseCache, KeepsWhatAResponseConfirmsAndDropsWhatItContradicts) {
  EXPECT_EQ(effect_of(200, true, false), cache_effect::store);
  EXPECT_EQ(effect_of(304, true, false), cache_effect::store);
  EXPECT_EQ(effect_of(200, true, true), cache_effect::drop);
  EXPECT_EQ(effect_of(200, false, false), cache_effect::drop)
      << "what came is not the document there was";
  for (const int gone : {401, 403, 404, 410})
    EXPECT_EQ(effect_of(gone, false, false), cache_effect::drop) << gone;
  for (const int passing : {0, 304, 408, 429, 500, 503})
    EXPECT_EQ(effect_of(passing, false, false), cache_effect::none) << passing;
}

TEST(ResponseCache, AgreesWithItsModel) {
  std::mt19937 dice(7);
  test::response_cache_model model([&](std::size_t below) { return dice() % below; });
  for (int i = 0; i < 20'000; ++i) model.step();
}

}  // namespace response_cache_test
}  // namespace upsun::transports
