#include "testing/fault_text.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono_literals;
  const std::string_view text = upsun::fuzz::input(data, size).rest();
  try {
    const auto order = upsun::testing::parse_fault(text);
    EXPECT_NE(order.what.kind, upsun::testing::fault_kind::none);
    EXPECT_TRUE(order.what.delay >= 0ms && order.what.delay <= 24h) << order.what.delay.count();
    EXPECT_EQ(order.what.status != 0, order.what.kind == upsun::testing::fault_kind::status);
    EXPECT_TRUE(order.what.status == 0 || (order.what.status >= 200 && order.what.status <= 599));
  } catch (const std::invalid_argument& refused) {
    EXPECT_TRUE(std::string_view(refused.what())
                    .starts_with("'" + std::string(text.substr(0, text.find('\0')))));
  }
  return 0;
}
