#include "config/header_field.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace upsun::config {
namespace header_field_test {

TEST(RefuseHeader, AcceptsFieldsOfTheCallers) {
  EXPECT_EQ(refuse_header("X-Request-Source", "batch"), std::nullopt);
  EXPECT_EQ(refuse_header("!#$%&'*+-.^_`|~09azAZ", "\t tab and \xc3\xa4"), std::nullopt);
  EXPECT_EQ(refuse_header("X-Empty", ""), std::nullopt);
  EXPECT_EQ(refuse_header("Accept-Language", "de"), std::nullopt);
}

TEST(RefuseHeader, RefusesNamesThatAreNoTokens) {
  using namespace std::string_literals;
  for (const std::string& name :
       {""s, "X A"s, "X:"s, "X\r\nY"s, "X\0"s, "\xc3\xa4"s, "X/Y"s, "(X)"s, "X\x7f"s}) {
    const auto problem = refuse_header(name, "v");
    ASSERT_TRUE(problem) << name;
    EXPECT_EQ(problem->find('\r'), std::string::npos);
  }
}

TEST(RefuseHeader, RefusesValuesThatWouldBreakTheHeadWithoutRepeatingThem) {
  using namespace std::string_literals;
  for (const std::string& value :
       {"s3cret\r\nX: y"s, "s3cret\n"s, "s3cret\r"s, "s3cret\0"s, "s3cret\x01"s, "s3cret\x7f"s}) {
    const auto problem = refuse_header("X-Key", value);
    ASSERT_TRUE(problem);
    EXPECT_EQ(problem->find("s3cret"), std::string::npos);
    EXPECT_NE(problem->find("X-Key"), std::string::npos);
  }
}

TEST(RefuseHeader, KeepsTheClientsOwnFields) {
  for (const char* name :
       {"Host", "user-agent", "ACCEPT", "Accept-Encoding", "Authorization", "Connection",
        "Content-Length", "Content-Type", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect",
        "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Content-Encoding"}) {
    EXPECT_TRUE(refuse_header(name, "x")) << name;
  }
}

}  // namespace header_field_test
}  // namespace upsun::config
