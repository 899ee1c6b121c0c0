#include "api/option_checks.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace upsun::api {
namespace option_checks_test {

using namespace std::chrono_literals;

TEST(CheckCallOptions, NamesTheOptionThatCannotBeUsed) {
  EXPECT_FALSE(check(call_options()));
  EXPECT_FALSE(check(call_options().timeout(24h).attempt_timeout(1ms).header("X-Reason", "audit")));
  const std::vector<std::pair<call_options, std::string>> refused{
      {call_options().timeout(-1ms), "a timeout of the call's options"},
      {call_options().timeout(25h), "a timeout of the call's options"},
      {call_options().attempt_timeout(-1ms), "a timeout of the call's options"},
      {call_options().retry({.max_attempts = 0}), "max_attempts"},
      {call_options().header("Host", "x"), "header of the call's options: "},
      {call_options().trace("nonsense"), "trace of the call's options: "}};
  for (const auto& [options, name] : refused) {
    const auto problem = check(options);
    ASSERT_TRUE(problem) << name;
    EXPECT_EQ(*problem, errc::invalid_argument);
    EXPECT_NE(problem->details().cause.find(name), std::string::npos) << *problem;
  }
}

TEST(CheckWaitOptions, NamesTheOptionThatCannotBeUsed) {
  EXPECT_FALSE(check(wait_options()));
  EXPECT_FALSE(check(wait_options()
                         .initial_delay(0ms)
                         .max_delay(0ms)
                         .factor(1)
                         .jitter(1)
                         .concurrency(1)
                         .max_failures(0)
                         .timeout(1ms)));
  response_info info;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<wait_options, std::string>> refused{
      {wait_options().timeout(0ms), "timeout"},
      {wait_options().timeout(std::chrono::milliseconds::max()), "timeout"},
      {wait_options().initial_delay(-1ms), "initial_"},
      {wait_options().factor(0.9), "factor"},
      {wait_options().factor(nan), "factor"},
      {wait_options().max_delay(999ms), "max_delay"},
      {wait_options().jitter(1.1), "jitter"},
      {wait_options().max_delay(std::chrono::milliseconds::max()), "max_delay"},
      {wait_options().fetch(call_options().info(&info)), "fetch"},
      {wait_options().jitter(nan), "jitter"},
      {wait_options().concurrency(0), "concurrency"}};
  for (const auto& [options, name] : refused) {
    const auto problem = check(options);
    ASSERT_TRUE(problem) << name;
    EXPECT_EQ(*problem, errc::invalid_argument);
    EXPECT_EQ(problem->details().cause.find("wait_options::" + name), 0u) << *problem;
  }
}

}  // namespace option_checks_test
}  // namespace upsun::api
