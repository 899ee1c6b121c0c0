#include <gtest/gtest.h>
#include <boost/asio/error.hpp>
#include <upsun/error.hpp>
#include <upsun/observer.hpp>
#include <upsun/result.hpp>

#include <set>
#include <sstream>

namespace upsun {
namespace error_test {

TEST(Error, EveryCodeHasATextOfItsOwnAndACondition) {
  std::set<std::string> texts;
  for (int value = 1; value < 1000; ++value) {
    const error_code ec(value, error_category());
    if (ec.message() == "unknown error") continue;
    EXPECT_TRUE(texts.insert(ec.message()).second) << ec.message();
    EXPECT_NE(to_string(static_cast<errc>(value)), "unknown") << ec.message();
    int conditions = 0;
    for (int c = static_cast<int>(condition::invalid_argument);
         c < static_cast<int>(condition_count); ++c)
      conditions += ec == static_cast<condition>(c) ? 1 : 0;
    EXPECT_GE(conditions, 1) << ec.message();
    EXPECT_LE(conditions, 2) << ec.message();
  }
  EXPECT_EQ(texts.size(), 37U) << "as many as there are codes";
}

TEST(Error, CodesCompareWithTheirConditions) {
  EXPECT_EQ(error(errc::acquire_timeout), condition::timeout);
  EXPECT_EQ(error(errc::acquire_timeout), condition::pool_exhausted);
  EXPECT_FALSE(error(errc::acquire_timeout) == condition::connection);
  EXPECT_EQ(error(errc::not_found), condition::client_error);
  EXPECT_FALSE(error(errc::server_error) == condition::client_error);
  EXPECT_EQ(error_code(boost::asio::error::operation_aborted), condition::cancelled);
  EXPECT_FALSE(error_code(boost::asio::error::eof) == condition::connection)
      << "a foreign code belongs to no condition of ours";
  EXPECT_FALSE(error() == condition::cancelled);
}

TEST(Error, EveryConditionAndPhaseHasAName) {
  for (int c = static_cast<int>(condition::invalid_argument); c < static_cast<int>(condition_count);
       ++c) {
    EXPECT_NE(make_error_condition(static_cast<condition>(c)).message(), "unknown condition") << c;
  }
  EXPECT_EQ(make_error_condition(condition{99}).message(), "unknown condition");
  for (int p = 0; p <= static_cast<int>(phase::backoff); ++p)
    EXPECT_NE(to_string(static_cast<phase>(p)), "unknown");
  EXPECT_EQ(to_string(phase::read_body), "read_body");
  EXPECT_EQ(to_string(phase{99}), "unknown");
  for (std::size_t e = 0; e < eviction_count; ++e)
    EXPECT_NE(to_string(static_cast<eviction>(e)), "unknown");
}

error sample() {
  error_details details;
  details.phase = phase::read_body;
  details.cause = "the reason";
  details.method = "GET";
  details.path_template = "/projects/{projectId}";
  details.status = 502;
  details.server = server_message{
      .message = "words of the server", .code = "x", .fields = {{"token", "hunter2"}}};
  return {errc::server_error, details};
}

TEST(Error, MessageIsOneLineWithoutTheServersWords) {
  EXPECT_EQ(sample().message(),
            "the server failed: the reason (HTTP 502) [GET /projects/{projectId}, read_body]");
  std::ostringstream out;
  out << sample();
  EXPECT_EQ(out.str(), sample().message());
  EXPECT_EQ(error().message(), "no error");
  EXPECT_EQ(error(errc::cancelled).message(), "the call was cancelled");
}

TEST(Error, CopiesShareTheirDetails) {
  const error original = sample();
  const error copy = original;  // NOLINT(performance-unnecessary-copy-initialization)
  EXPECT_EQ(&copy.details(), &original.details());
  EXPECT_EQ(copy.server()->fields.size(), 1u);
  EXPECT_EQ(copy.decode(), nullptr);
  EXPECT_EQ(error(errc::cancelled).server(), nullptr);
  EXPECT_EQ(error(errc::cancelled).phase(), phase::admission);
}

TEST(Result, ValueThrowsTheWholeError) {
  const result<int> failed = sample();
  try {
    (void)failed.value();
    FAIL() << "did not throw";
  } catch (const call_failed& e) {
    EXPECT_EQ(e.code(), condition::server_error);
    EXPECT_EQ(e.error().status(), 502);
    EXPECT_EQ(e.what(), sample().message());
  }
  EXPECT_THROW((void)failed.value(), boost::system::system_error);
  EXPECT_EQ(result<int>(7).value(), 7);
}

}  // namespace error_test
}  // namespace upsun
