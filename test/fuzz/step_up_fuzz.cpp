#include <gtest/gtest.h>

#include "api/challenge.hpp"
#include "fuzz/input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using upsun::api::is_step_up;
  const std::string challenges(upsun::fuzz::input(data, size).rest());
  const bool demanded = is_step_up(challenges);
  EXPECT_TRUE(!demanded || challenges.size() > std::string_view("bearer error=").size());
  // Challenges before others change nothing about them, and are not changed by them.
  for (const char* other : {"Negotiate, ", "Basic realm=\"a, Bearer \\\" b\", ",
                            "Negotiate YWJj==, ", "Bearer realm=\"x\", Basic, "}) {
    EXPECT_EQ(is_step_up(other + challenges), demanded) << other;
  }
  EXPECT_TRUE(is_step_up("Bearer error=\"insufficient_user_authentication\"," + challenges));
  return 0;
}
