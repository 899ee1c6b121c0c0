#include <gtest/gtest.h>

#include <sstream>

#include <upsun/model/activity.hpp>

namespace activity_test {

using upsun::activity;
using upsun::activity_result;
using upsun::activity_state;

TEST(Activity, IsDoneAtAHundredPercentOrWhenCancelled) {
  EXPECT_FALSE((activity{.state = activity_state::in_progress, .completion_percent = 99}.done()));
  EXPECT_TRUE((activity{.state = activity_state::complete, .completion_percent = 100}.done()));
  EXPECT_TRUE((activity{.state = activity_state::cancelled, .completion_percent = 0}.done()));
  EXPECT_FALSE((activity{.state = activity_state::complete, .completion_percent = 50}.done()));
}

TEST(Activity, SucceededOnlyWithThatResult) {
  EXPECT_TRUE(
      (activity{.result = activity_result::success, .completion_percent = 100}.succeeded()));
  EXPECT_FALSE(
      (activity{.result = activity_result::failure, .completion_percent = 100}.succeeded()));
  EXPECT_FALSE(
      (activity{.result = activity_result::success, .completion_percent = 99}.succeeded()));
  EXPECT_FALSE((activity{.completion_percent = 100}.succeeded()));
}

TEST(Activity, PrintsOnOneLine) {
  std::ostringstream out;
  out << activity{.id = "a1",
                  .type = "integration.add",
                  .state = activity_state::pending,
                  .log = "one\ntwo",
                  .environments = {"main"}};
  EXPECT_EQ(
      out.str(),
      R"({id: "a1", type: "integration.add", state: "pending", result: null, completion_percent: 0, log: "one\x0atwo", text: null, )"
      R"(description: null, integration: null, project: null, environments: ["main"], created_at: null, updated_at: null, started_at: null, )"
      R"(completed_at: null, cancelled_at: null, expires_at: null, failure_reason: null, timings: {}, commands: [], )"
      R"(parameters: [0 bytes of JSON], payload: [0 bytes of JSON]})");
}

}  // namespace activity_test
