#include "fuzz/input.hpp"
#include "unit/transports/fetch_table_model.hpp"
#include "unit/transports/response_cache_model.hpp"

/// The choices of both models, step by step in turn.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  const auto pick = [&input](std::size_t below) { return input.pick(below); };
  upsun::transports::test::fetch_table_model fetches(pick);
  upsun::transports::test::response_cache_model cache(pick);
  while (!input.empty()) {
    fetches.step();
    cache.step();
  }
  return 0;
}
