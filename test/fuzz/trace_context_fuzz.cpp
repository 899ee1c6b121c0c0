#include <gtest/gtest.h>

#include <algorithm>

#include "api/trace_context.hpp"
#include "fuzz/input.hpp"

/// Eight bytes of dice, then the two fields, a line each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  upsun::fuzz::input input(data, size);
  std::uint64_t dice = 0;
  for (int i = 0; i < 8; ++i) dice = dice << 8U | input.byte();
  const std::string parent(input.until('\n'));
  const std::string state(input.rest());
  if (const auto problem = upsun::api::refuse_trace(parent, state)) {
    EXPECT_FALSE(problem->empty());
    return 0;
  }
  upsun::http_request request;
  upsun::api::append_trace(request, parent, state, dice);
  EXPECT_EQ(request.headers.size(), parent.empty() ? 0U : state.empty() ? 1U : 2U);
  if (parent.empty()) return 0;
  const std::string& own = request.headers[0].second;
  EXPECT_EQ(own.substr(0, 36), parent.substr(0, 36)) << "the trace";
  EXPECT_EQ(own.substr(52), parent.substr(52)) << "its flags";
  EXPECT_EQ(upsun::api::refuse_trace(own, state), std::nullopt) << own;
  EXPECT_TRUE(std::all_of(state.begin(), state.end(), [](char c) { return c >= ' ' && c <= '~'; }))
      << state;
  EXPECT_LE(state.size(), 512U);
  return 0;
}
