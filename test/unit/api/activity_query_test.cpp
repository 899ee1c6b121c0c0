#include "api/activity_query.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace upsun::api {
namespace activity_query_test {

using namespace std::chrono_literals;

void expect_refused(const activity_filter& filter, const std::string& cause) {
  const auto refused = make_query(filter);
  ASSERT_FALSE(refused) << cause;
  EXPECT_EQ(refused.error(), errc::invalid_argument);
  EXPECT_NE(refused.error().details().cause.find(cause), std::string::npos) << refused.error();
}

TEST(ActivityQuery, OfNoFilterIsEmpty) { EXPECT_EQ(make_query({}).value(), ""); }

TEST(ActivityQuery, EncodesEveryValue) {
  const auto query = make_query(
      activity_filter()
          .type("integration.add & more")
          .state(activity_state::in_progress)
          .result(activity_result::failure)
          .count(7)
          .starts_at(std::chrono::sys_days(2026y / 12 / 13) + 16h + 6min + 8s + 81312us));
  EXPECT_EQ(query.value(),
            "type=integration.add%20%26%20more&state=in_progress&result=failure&count=7&starts_at="
            "2026-12-13T16%3A06%3A08.081312%2B00%3A00");
}

TEST(ActivityQuery, NumbersSeveralValues) {
  const auto query = make_query(activity_filter()
                                    .type("a")
                                    .type("b")
                                    .state(activity_state::pending)
                                    .state(open_enum<activity_state>("paused")));
  EXPECT_EQ(query.value(), "type%5B0%5D=a&type%5B1%5D=b&state%5B0%5D=pending&state%5B1%5D=paused");
}

TEST(ActivityQuery, RefusesWhatCannotBeAskedFor) {
  expect_refused(activity_filter().type(""), "a type of the filter is empty");
  expect_refused(activity_filter().state(open_enum<activity_state>("")),
                 "a state of the filter is empty");
  expect_refused(activity_filter().result(open_enum<activity_result>("")),
                 "the result of the filter is empty");
  expect_refused(activity_filter().count(0), "the filter's count is 0");
  expect_refused(activity_filter().count(-1), "the filter's count is -1");
  expect_refused(activity_filter().starts_at(std::chrono::sys_days(10000y / 1 / 1)),
                 "the filter's starts_at is outside the years 0 to 9999");
  expect_refused(activity_filter().starts_at(std::chrono::sys_days(0y / 1 / 1) - 1us), "starts_at");
  EXPECT_TRUE(make_query(
      activity_filter().count(1).starts_at(std::chrono::sys_days(10000y / 1 / 1) - 1us)));
}

}  // namespace activity_query_test
}  // namespace upsun::api
