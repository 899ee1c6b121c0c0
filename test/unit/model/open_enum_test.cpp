#include <gtest/gtest.h>

#include <upsun/model/integration.hpp>

namespace open_enum_test {

using upsun::hook_result;
using upsun::init_resources;
using upsun::open_enum;

TEST(OpenEnum, KnowsAValueByItsName) {
  const open_enum<init_resources> value(std::string("parent"));
  EXPECT_EQ(value.known(), init_resources::parent);
  EXPECT_EQ(value, init_resources::parent);
  EXPECT_EQ(value.str(), "parent");
}

TEST(OpenEnum, KeepsAValueItDoesNotKnow) {
  const open_enum<init_resources> value(std::string("turbo"));
  EXPECT_EQ(value.known(), std::nullopt);
  EXPECT_NE(value, init_resources::default_);
  EXPECT_EQ(value.str(), "turbo");
  EXPECT_EQ(value, open_enum<init_resources>(std::string("turbo")));
  EXPECT_NE(value, open_enum<init_resources>(std::string("turbo2")));
}

TEST(OpenEnum, MatchesNamesExactly) {
  for (const char* text : {"", "Parent", "parent ", "defaul", "default_"}) {
    const open_enum<init_resources> value{std::string(text)};
    EXPECT_EQ(value.known(), std::nullopt) << text;
    EXPECT_EQ(value.str(), text);
  }
}

TEST(OpenEnum, IsEqualToTheSameValueHoweverMade) {
  const open_enum<hook_result> by_value = hook_result::any;
  EXPECT_EQ(by_value, open_enum<hook_result>(std::string("*")));
  EXPECT_EQ(by_value.str(), "*");
}

TEST(OpenEnum, StartsAsTheFirstValue) {
  EXPECT_EQ(open_enum<init_resources>(), init_resources::default_);
}

/// Every value's name leads back to it.
template <class E>
void expect_names_lead_back() {
  for (std::size_t i = 0; i < upsun::wire_names<E>.size(); ++i) {
    const auto value = static_cast<E>(i);
    EXPECT_EQ(open_enum<E>(value).str(), upsun::wire_names<E>[i]);
    EXPECT_EQ(open_enum<E>(std::string(upsun::wire_names<E>[i])), value);
  }
}

TEST(OpenEnum, NamesOfEveryEnumLeadBackToTheirValues) {
  expect_names_lead_back<upsun::init_resources>();
  expect_names_lead_back<upsun::github_token_type>();
  expect_names_lead_back<upsun::hook_result>();
  expect_names_lead_back<upsun::syslog_protocol>();
  expect_names_lead_back<upsun::syslog_format>();
}

TEST(OpenEnum, NamesAreThoseOfTheApi) {
  EXPECT_EQ(open_enum(upsun::init_resources::default_).str(), "default");
  EXPECT_EQ(open_enum(upsun::init_resources::manual).str(), "manual");
  EXPECT_EQ(open_enum(upsun::init_resources::minimum).str(), "minimum");
  EXPECT_EQ(open_enum(upsun::init_resources::parent).str(), "parent");
  EXPECT_EQ(open_enum(upsun::github_token_type::classic_personal_token).str(),
            "classic_personal_token");
  EXPECT_EQ(open_enum(upsun::github_token_type::github_app).str(), "github_app");
  EXPECT_EQ(open_enum(upsun::hook_result::any).str(), "*");
  EXPECT_EQ(open_enum(upsun::hook_result::failure).str(), "failure");
  EXPECT_EQ(open_enum(upsun::hook_result::success).str(), "success");
  EXPECT_EQ(open_enum(upsun::syslog_protocol::tcp).str(), "tcp");
  EXPECT_EQ(open_enum(upsun::syslog_protocol::tls).str(), "tls");
  EXPECT_EQ(open_enum(upsun::syslog_protocol::udp).str(), "udp");
  EXPECT_EQ(open_enum(upsun::syslog_format::rfc3164).str(), "rfc3164");
  EXPECT_EQ(open_enum(upsun::syslog_format::rfc5424).str(), "rfc5424");
}

}  // namespace open_enum_test
