#include "upsun-integrations/exit_status.hpp"

#include <gtest/gtest.h>

namespace {

using upsun::errc;
using upsun::tool::exit_status;
using upsun::tool::exit_status_of;

TEST(ExitStatus, ShowsScriptsWhatFailed) {
  EXPECT_EQ(exit_status_of(errc::not_found), exit_status::not_found);
  EXPECT_EQ(exit_status_of(errc::unauthorized), exit_status::not_permitted);
  EXPECT_EQ(exit_status_of(errc::credentials_refused), exit_status::not_permitted);
  EXPECT_EQ(exit_status_of(errc::forbidden), exit_status::not_permitted);
  EXPECT_EQ(exit_status_of(errc::bad_request), exit_status::invalid);
  EXPECT_EQ(exit_status_of(errc::invalid_argument), exit_status::invalid);
  EXPECT_EQ(exit_status_of(errc::connect_failed), exit_status::unreachable);
  EXPECT_EQ(exit_status_of(errc::proxy_refused), exit_status::unreachable);
  EXPECT_EQ(exit_status_of(errc::tls_certificate_refused), exit_status::unreachable);
  EXPECT_EQ(exit_status_of(errc::cancelled), exit_status::interrupted);
}

TEST(ExitStatus, CallsEveryTimeoutATimeout) {
  for (const errc code : {errc::deadline_exceeded, errc::attempt_timeout, errc::connect_timeout,
                          errc::acquire_timeout}) {
    EXPECT_EQ(exit_status_of(code), exit_status::timeout) << to_string(code);
  }
}

TEST(ExitStatus, HasOneNumberForTheRest) {
  for (const errc code :
       {errc::server_error, errc::conflict, errc::rate_limited, errc::decode_failed,
        errc::bad_response, errc::body_limit, errc::queue_full}) {
    EXPECT_EQ(exit_status_of(code), exit_status::failed) << to_string(code);
  }
}

}  // namespace
