#include "fuzz/input.hpp"
#include "unit/util/wheel_model.hpp"

/// The choices of the model.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  upsun::util::test::wheel_model model([&input](std::int64_t below) {
    return static_cast<std::int64_t>(input.pick(static_cast<std::size_t>(below)));
  });
  while (!input.empty()) model.step();
  return 0;
}
