#include "fuzz/input.hpp"
#include "unit/auth/token_model.hpp"

/// The choices of the model: times, responses, dice and refusals.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  upsun::auth::test::token_model model([&input](std::size_t below) { return input.pick(below); });
  while (!input.empty()) model.step();
  return 0;
}
