#include "retry/verdict.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace upsun::retry {
namespace verdict_test {

struct failure_case {
  errc code;
  verdict idempotent;
  verdict not_idempotent_but_unsent;
  verdict not_idempotent_and_sent;
};

constexpr auto final_answer = verdict::final_answer;
constexpr auto again = verdict::retry;
constexpr auto throttled = verdict::retry_throttled;

TEST(Verdict, OfAFailureWithoutAResponse) {
  const std::vector<failure_case> cases{
      {errc::resolve_failed, again, again, final_answer},
      {errc::connect_failed, again, again, final_answer},
      {errc::connect_timeout, again, again, final_answer},
      {errc::connection_closed, again, again, final_answer},
      {errc::connection_reset, again, again, final_answer},
      {errc::attempt_timeout, again, again, final_answer},
      {errc::tls_failed, again, again, final_answer},
      {errc::invalid_argument, final_answer, final_answer, final_answer},
      {errc::client_closed, final_answer, final_answer, final_answer},
      {errc::cancelled, final_answer, final_answer, final_answer},
      {errc::deadline_exceeded, final_answer, final_answer, final_answer},
      {errc::acquire_timeout, final_answer, final_answer, final_answer},
      {errc::queue_full, final_answer, final_answer, final_answer},
      {errc::tls_handshake_failed, final_answer, final_answer, final_answer},
      {errc::tls_certificate_refused, final_answer, final_answer, final_answer},
      {errc::bad_response, final_answer, final_answer, final_answer},
      {errc::unexpected_protocol, final_answer, final_answer, final_answer},
      {errc::header_limit, final_answer, final_answer, final_answer},
      {errc::body_limit, final_answer, final_answer, final_answer},
      {errc::json_depth_limit, final_answer, final_answer, final_answer},
      {errc::proxy_refused, final_answer, final_answer, final_answer},
      {errc::unexpected_content_type, final_answer, final_answer, final_answer},
      {errc::unauthorized, final_answer, final_answer, final_answer},
      {errc::decode_failed, final_answer, final_answer, final_answer},
  };
  for (const failure_case& c : cases) {
    const auto verdict_of = [&](bool idempotent, phase where) {
      return judge({.code = c.code, .failed_in = where, .idempotent = idempotent});
    };
    EXPECT_EQ(verdict_of(true, phase::read_head), c.idempotent)
        << make_error_code(c.code).message();
    EXPECT_EQ(verdict_of(false, phase::handshake), c.not_idempotent_but_unsent)
        << make_error_code(c.code).message();
    EXPECT_EQ(verdict_of(false, phase::write), c.not_idempotent_and_sent)
        << make_error_code(c.code).message();
  }
}

TEST(Verdict, OfEveryStatus) {
  for (int status = 100; status < 600; ++status) {
    const bool transient = status == 408 || status == 429 || status == 500 || status == 502 ||
                           status == 503 || status == 504;
    for (const bool idempotent : {true, false}) {
      for (const bool retry_after : {true, false}) {
        verdict expected = transient && (idempotent || status == 429) ? again : final_answer;
        if (status == 429 || (status == 503 && idempotent && retry_after)) expected = throttled;
        EXPECT_EQ(judge({.code = errc::server_error,
                         .status = status,
                         .failed_in = phase::read_body,
                         .idempotent = idempotent,
                         .retry_after = retry_after}),
                  expected)
            << status << idempotent << retry_after;
      }
    }
  }
}

TEST(Verdict, OfCodesOfOtherLibrariesIsFinal) {
  EXPECT_EQ(
      judge({.code = boost::system::errc::make_error_code(boost::system::errc::connection_reset),
             .failed_in = phase::connect}),
      final_answer);
  EXPECT_EQ(judge({}), final_answer);
}

}  // namespace verdict_test
}  // namespace upsun::retry
