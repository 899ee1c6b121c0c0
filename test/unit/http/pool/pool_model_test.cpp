// Random events against the naive model of the pool.

#include "unit/http/pool/pool_model.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace upsun::http {
namespace pool_model_test {

using namespace std::chrono_literals;

struct model_case {
  pool_limits limits;
  std::size_t capacity = 1;
};

std::string name_of(const model_case& tried) {
  return std::to_string(tried.limits.max_connections) + "ConnectionsOf" +
         std::to_string(tried.capacity) + "And" + std::to_string(tried.limits.max_waiters) +
         "Waiters";
}

class PoolModel : public ::testing::TestWithParam<model_case> {};

TEST_P(PoolModel, AgreesWithThePoolOverRandomEvents) {
  for (const unsigned seed : {1U, 2U, 3U, std::random_device{}()}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::minstd_rand dice(seed);
    test::pool_model model(
        GetParam().limits,
        [&](std::size_t below) {
          return std::uniform_int_distribution<std::size_t>(0, below - 1)(dice);
        },
        GetParam().capacity);
    const auto run = [&model](int events) {
      for (int i = 0; i < events && !HasFailure(); ++i) {
        SCOPED_TRACE("event " + std::to_string(i));
        model.step();
      }
    };
    run(GetParam().capacity > 1 ? 25'000 : 7'000);
    model.settle();
    run(500);
    model.close();
    EXPECT_EQ(model.queued(), model.resolved());
    EXPECT_GT(model.queued(), 100U);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Limits, PoolModel,
    ::testing::Values(model_case{{.max_connections = 1, .max_waiters = 0}},
                      model_case{{.max_connections = 1, .max_waiters = 5, .trim_after = 1s}},
                      model_case{{.max_connections = 2, .max_waiters = 20, .min_connections = 2}},
                      model_case{{.max_connections = 8,
                                  .max_waiters = 30,
                                  .min_connections = 3,
                                  .idle_timeout = 3s,
                                  .max_lifetime = 20s,
                                  .trim_after = 1s}},
                      model_case{{.max_connections = 64,
                                  .max_waiters = 4096,
                                  .min_connections = 0,
                                  .idle_timeout = 1s,
                                  .max_lifetime = 0s}},
                      model_case{{.max_connections = 1, .max_waiters = 5, .streams = 3}, 3},
                      model_case{{.max_connections = 4,
                                  .max_waiters = 20,
                                  .min_connections = 1,
                                  .streams = 2,
                                  .max_lifetime = 20s},
                                 4},
                      model_case{{.max_connections = 8,
                                  .max_waiters = 100,
                                  .min_connections = 3,
                                  .streams = 5,
                                  .asks_protocol = true,
                                  .max_lifetime = 20s},
                                 8}),
    [](const auto& tried) { return name_of(tried.param); });

}  // namespace pool_model_test
}  // namespace upsun::http
