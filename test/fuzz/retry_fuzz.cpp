#include <gtest/gtest.h>

#include <array>

#include "fuzz/input.hpp"
#include "retry/retry_core.hpp"

namespace {

using namespace std::chrono_literals;
using namespace upsun;

constexpr std::array statuses{0, 200, 401, 404, 408, 429, 500, 503};
constexpr std::array codes{errc::connection_reset, errc::attempt_timeout, errc::cancelled,
                           errc::queue_full};

}  // namespace

/// The choices of outcomes, times and dice for calls one after another, against what the retry
/// section promises.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::input input(data, size);
  retry_options options;
  options.max_attempts = static_cast<unsigned>(1 + input.pick(5));
  options.budget = static_cast<unsigned>(input.pick(200));
  retry::retry_core core(options);
  retry::time_point now{1h};
  retry::call_state call;
  retry::time_point deadline = now + 30s;
  while (!input.empty()) {
    now += std::chrono::milliseconds(input.pick(2000));
    retry::attempt_outcome outcome;
    outcome.status = statuses[input.pick(statuses.size())];
    const unsigned left = core.budget_left();
    EXPECT_LE(left, options.budget);
    if (outcome.status == 200) {
      core.succeeded(call);
      EXPECT_GE(core.budget_left(), left);
      call = {};
      deadline = now + 30s;
      continue;
    }
    if (outcome.status == 0) outcome.code = make_error_code(codes[input.pick(codes.size())]);
    outcome.idempotent = input.pick(2) == 0;
    outcome.failed_in = input.pick(2) == 0 ? phase::connect : phase::read_head;
    const auto retry_after = input.pick(3) == 0
                                 ? std::optional(std::chrono::seconds(input.pick(100'000)))
                                 : std::nullopt;
    outcome.retry_after = retry_after.has_value();
    const unsigned retries = call.retries;
    const double dice = static_cast<double>(input.byte()) / 256;
    const auto decided = core.decide(outcome, retry_after, call, options, now, deadline, dice);
    EXPECT_EQ(call.retries, retries + (decided.again ? 1U : 0U));
    EXPECT_GE(decided.delay, 0ns);
    EXPECT_GE(core.pause(now, dice), 0ns);
    EXPECT_LE(core.pause(now, dice), 26s + 1s) << "a server may not park the client for longer";
    if (!decided.again) {
      EXPECT_EQ(core.budget_left(), left);
      call = {};
      deadline = now + 30s;
      continue;
    }
    EXPECT_LT(call.retries, options.max_attempts);
    EXPECT_LT(now + decided.delay, deadline);
    EXPECT_TRUE(outcome.idempotent || outcome.status == 429 ||
                (outcome.status == 0 && outcome.failed_in == phase::connect))
        << "could do it twice";
    EXPECT_TRUE(options.budget == 0 || core.budget_left() < left);
    now += decided.delay;
  }
  return 0;
}
