#include "fuzz/input.hpp"
#include "unit/transports/cache_model.hpp"
#include "unit/transports/flight_model.hpp"

/// The choices of both models, step by step in turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  const auto pick = [&input](std::size_t below) { return input.pick(below); };
  upsun::transports::test::flight_model flights(pick);
  upsun::transports::test::cache_model cache(pick);
  while (!input.empty()) {
    flights.step();
    cache.step();
  }
  return 0;
}
