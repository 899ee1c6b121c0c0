#include "codec/encode.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>

#include <upsun/model/kinds.hpp>

#include "fixtures.hpp"
#include "requests.hpp"

namespace encode_input_test {

using upsun::errc;
using upsun::open_enum;
using upsun::secret;
using upsun::codec::encode_input;
using upsun::codec::encode_patch;
using upsun::testing::fixture;

/// What a request encodes to; with the members in any order, as JSON compares.
boost::json::value parsed(const std::string& text) { return boost::json::parse(text); }

template <class Requests, class Encode>
void expect_golden(const Requests& requests, std::string_view name, Encode encode) {
  ASSERT_EQ(requests.size(), upsun::kind_count);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    SCOPED_TRACE(upsun::kind_names[i]);
    ASSERT_EQ(requests[i].index(), i);
    EXPECT_EQ(parsed(encode(requests[i]).value()), parsed(fixture(upsun::kind_names[i], name)));
  }
}

template <class T>
void expect_refused(const upsun::result<T>& encoded, const std::string& cause) {
  ASSERT_FALSE(encoded) << cause;
  EXPECT_EQ(encoded.error(), errc::invalid_argument);
  EXPECT_EQ(encoded.error().details().cause, cause);
}

TEST(EncodeInput, WritesTheTypeAndTheRequiredMembersOfEveryKind) {
  expect_golden(upsun::testing::minimal_inputs(), "create_minimal", encode_input);
}

TEST(EncodeInput, WritesEveryMemberOfEveryKind) {
  expect_golden(upsun::testing::full_inputs(), "create_full", encode_input);
}

TEST(EncodePatch, WritesEveryMemberOfEveryKindAndNeverTheType) {
  expect_golden(upsun::testing::full_patches(), "patch", encode_patch);
}

TEST(EncodePatch, WritesOnlyWhatIsSet) {
  EXPECT_EQ(encode_patch(upsun::github_patch()).value(), "{}");
  EXPECT_EQ(encode_patch(upsun::github_patch().build_pull_requests(false)).value(),
            R"({"build_pull_requests":false})");
  EXPECT_EQ(encode_patch(upsun::github_patch().base_url(nullptr)).value(), R"({"base_url":null})");
  EXPECT_EQ(encode_patch(upsun::webhook_patch().events({})).value(), R"({"events":[]})");
}

TEST(EncodePatch, TakesBackNothingButReplaces) {
  auto patch = upsun::github_patch().repository("a/b");
  patch.repository("c/d");
  EXPECT_EQ(encode_patch(patch).value(), R"({"repository":"c/d"})");
}

TEST(EncodePatch, PrunesNoBranchesWhereNoneAreFetched) {
  EXPECT_EQ(encode_patch(upsun::gitlab_patch().fetch_branches(false)).value(),
            R"({"fetch_branches":false,"prune_branches":false})");
  EXPECT_EQ(encode_patch(upsun::gitlab_patch().fetch_branches(true)).value(),
            R"({"fetch_branches":true})");
  EXPECT_EQ(encode_patch(upsun::gitlab_patch().prune_branches(true)).value(),
            R"({"prune_branches":true})");
  EXPECT_EQ(
      encode_input(upsun::bitbucket_input("a/b").fetch_branches(false)).value(),
      R"({"type":"bitbucket","fetch_branches":false,"prune_branches":false,"repository":"a/b"})");
  expect_refused(encode_patch(upsun::gitlab_patch().fetch_branches(false).prune_branches(true)),
                 "prune_branches is true although fetch_branches is false");
}

TEST(EncodeInput, RefusesAPortThatIsNone) {
  EXPECT_TRUE(encode_input(upsun::syslog_input().port(0)));
  EXPECT_TRUE(encode_input(upsun::syslog_input().port(65535)));
  expect_refused(encode_input(upsun::syslog_input().port(65536)),
                 "port is 65536, outside 0 to 65535");
  expect_refused(encode_patch(upsun::syslog_patch().port(-1)), "port is -1, outside 0 to 65535");
}

TEST(EncodeInput, RefusesAFacilityThatIsNone) {
  EXPECT_TRUE(encode_input(upsun::syslog_input().facility(0)));
  EXPECT_TRUE(encode_input(upsun::syslog_input().facility(23)));
  expect_refused(encode_input(upsun::syslog_input().facility(24)),
                 "facility is 24, outside 0 to 23");
  expect_refused(encode_patch(upsun::syslog_patch().facility(-1)),
                 "facility is -1, outside 0 to 23");
}

TEST(EncodeInput, RefusesValuesThatAnEnumDoesNotList) {
  const auto odd = [](auto enumerator) {
    return open_enum<decltype(enumerator)>(std::string("odd"));
  };
  using upsun::syslog_input;
  expect_refused(encode_input(syslog_input().protocol(odd(upsun::syslog_protocol()))),
                 "protocol is none of tcp, tls, udp");
  expect_refused(encode_input(syslog_input().message_format(odd(upsun::syslog_format()))),
                 "message_format is none of rfc3164, rfc5424");
  expect_refused(encode_input(syslog_input().auth_mode(odd(upsun::syslog_auth_mode()))),
                 "auth_mode is none of prefix, structured_data");
  expect_refused(encode_patch(upsun::script_patch().result(odd(upsun::hook_result()))),
                 "result is none of *, failure, success");
  expect_refused(
      encode_patch(upsun::github_patch().environment_init_resources(odd(upsun::init_resources()))),
      "environment_init_resources is none of default, manual, minimum, parent");
}

TEST(EncodeInput, NamesNoValueOfASecretInWhatItRefuses) {
  const auto refused = encode_input(upsun::syslog_input().auth_token(secret("planted")).port(-1));
  EXPECT_EQ(refused.error().message().find("planted"), std::string::npos);
}

}  // namespace encode_input_test
