#include "api/challenge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace upsun::api {
namespace challenge_test {

TEST(Challenge, FindsTheDemandForStepUp) {
  const std::vector<std::string> demands{
      R"(Bearer error="insufficient_user_authentication")",
      R"(bearer ERROR=insufficient_user_authentication)",
      R"(Bearer realm="upsun", error="insufficient_user_authentication", error_description="sign in again", acr_values="x")",
      R"(Bearer realm="a, b=c \" d", error = "insufficient_user_authentication")",
      R"(Basic realm="x", Bearer realm="y", error="insufficient_user_authentication")",
      R"(Negotiate, Bearer error="insufficient_user_authentication")",
      R"(Negotiate YWJj==, Bearer error="insufficient_user_authentication")",
      R"(Negotiate a/b+c=, Bearer error="insufficient_user_authentication")",
      R"(Negotiate a/b, Bearer error="insufficient_user_authentication")",
      R"(Bearer error="invalid_token", Bearer error="insufficient_user_authentication")",
      R"(, ,Bearer , error="insufficient_user_authentication",)",
      R"(Bearer error="insufficient\_user_authentication")",
      "Bearer\terror=\"insufficient_user_authentication\"",
  };
  for (const std::string& demand : demands) EXPECT_TRUE(is_step_up(demand)) << demand;
}

TEST(Challenge, IsNotTakenInByWhatOnlyLooksLikeIt) {
  const std::vector<std::string> others{
      "",
      ",",
      "Bearer",
      "insufficient_user_authentication",
      R"(Bearer error="invalid_token")",
      R"(Bearer error="Insufficient_User_Authentication")",
      R"(Bearer error="insufficient_user_authentication)",
      R"(Bearer error="insufficient_user_authentication\")",
      R"(Bearer error="insufficient_user_authentication_not")",
      R"(Bearer error_description="error=\"insufficient_user_authentication\"")",
      R"(Bearer realm="x, Bearer error=insufficient_user_authentication")",
      R"(Bearer xerror="insufficient_user_authentication")",
      R"(Basic error="insufficient_user_authentication")",
      R"(Bearer realm="x", Basic error="insufficient_user_authentication")",
      R"(error="insufficient_user_authentication")",
      R"(Bearer error)",
      R"(Bearer error=)",
      R"(Bearer =insufficient_user_authentication)",
      R"(Bearer "error"="insufficient_user_authentication")",
  };
  for (const std::string& other : others) EXPECT_FALSE(is_step_up(other)) << other;
}

/// Whatever a server sends, it comes to an end, and only the whole demand is one.
TEST(Challenge, EveryPrefixOfADemandIsNone) {
  const std::string demand =
      R"(Basic realm="x\"", Negotiate a/b==, Bearer error="insufficient_user_authentication")";
  for (std::size_t length = 0; length < demand.size(); ++length)
    EXPECT_FALSE(is_step_up(std::string_view(demand).substr(0, length))) << length;
  EXPECT_TRUE(is_step_up(demand));
}

}  // namespace challenge_test
}  // namespace upsun::api
