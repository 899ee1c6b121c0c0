#include <gtest/gtest.h>

#include <array>

#include "fuzz/input.hpp"
#include "unit/http/pool/pool_model.hpp"

namespace {

using namespace std::chrono_literals;
using upsun::http::pool_limits;

struct pool_case {
  pool_limits limits;
  std::size_t capacity = 1;
};

const std::array<pool_case, 6> cases{
    pool_case{{.max_connections = 1, .max_waiters = 0}},
    pool_case{{.max_connections = 1, .max_waiters = 2}},
    pool_case{{.max_connections = 2, .max_waiters = 4, .min_connections = 2, .max_lifetime = 0s}},
    pool_case{{.max_connections = 5,
               .max_waiters = 10,
               .min_connections = 1,
               .idle_timeout = 3s,
               .max_lifetime = 20s,
               .trim_after = 1s}},
    pool_case{{.max_connections = 1, .max_waiters = 3}, 2},
    pool_case{{.max_connections = 3, .max_waiters = 5, .max_lifetime = 20s, .trim_after = 1s}, 4}};

}  // namespace

/// A byte for the limits, then the choices of the model.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  const auto& [limits, capacity] = cases[input.pick(cases.size())];
  upsun::http::test::pool_model model(
      limits, [&input](std::size_t below) { return input.pick(below); }, capacity);
  while (!input.empty()) model.step();
  model.settle();
  model.close();
  EXPECT_EQ(model.queued(), model.resolved());
  return 0;
}
