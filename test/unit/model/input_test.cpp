#include <gtest/gtest.h>
#include <boost/mp11/list.hpp>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>

#include <upsun/model/integration_input.hpp>
#include <upsun/model/kinds.hpp>

namespace input_test {

namespace mp11 = boost::mp11;
using upsun::secret;

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

template <class T>
std::set<std::string> names_of() {
  std::set<std::string> names;
  mp11::mp_for_each<upsun::detail::members_of<T>>([&](auto member) { names.insert(member.name); });
  return names;
}

/// The members of requests that are never read back, or read back in another form.
const std::set<std::string> write_only{"token", "license_key", "auth_token", "auth_mode"};

template <class... Input, class... Patch>
void check_kinds(mp11::mp_list<Input...>, mp11::mp_list<Patch...>) {
  static_assert(sizeof...(Input) == upsun::kind_count && sizeof...(Patch) == upsun::kind_count);
  // An aggregate temporary beside co_await is destroyed twice by g++ 12.
  static_assert((!std::is_aggregate_v<Input> && ...) && (!std::is_aggregate_v<Patch> && ...));
  static_assert((std::is_same_v<typename Input::fields_type, typename Patch::fields_type> && ...));
  static_assert((std::is_default_constructible_v<Patch> && ...));
  const std::string_view kinds[] = {Input::fields_type::kind...};
  EXPECT_TRUE(std::equal(std::begin(kinds), std::end(kinds), upsun::kind_names.begin()));
}

TEST(Inputs, StandInTheOrderOfTheKindsAndAreNoAggregates) {
  check_kinds(mp11::mp_rename<upsun::integration_input, mp11::mp_list>(),
              mp11::mp_rename<upsun::integration_patch, mp11::mp_list>());
}

TEST(Inputs, NeedTheRequiredMembers) {
  static_assert(!std::is_default_constructible_v<upsun::github_input>);
  static_assert(!std::is_constructible_v<upsun::github_input, std::string, std::string>,
                "the token is a secret");
  static_assert(std::is_constructible_v<upsun::github_input, secret, std::string>);
  static_assert(!std::is_convertible_v<std::string, upsun::webhook_input>);
  static_assert(std::is_default_constructible_v<upsun::syslog_input>);
}

TEST(Inputs, NameTheirMembersAsTheSettingsDo) {
  mp11::mp_for_each<mp11::mp_iota_c<upsun::kind_count>>([](auto index) {
    using fields =
        typename std::variant_alternative_t<index, upsun::integration_input>::fields_type;
    const std::set<std::string> read =
        names_of<std::variant_alternative_t<index, upsun::integration_settings>>();
    for (const std::string& name : names_of<fields>()) {
      const bool health_key = fields::kind == "health.webhook" && name == "shared_key";
      EXPECT_TRUE(read.contains(name) || write_only.contains(name) || health_key)
          << fields::kind << ": " << name;
    }
  });
}

TEST(Inputs, StartWithTheRequiredMembersAlone) {
  const upsun::github_input input(secret("t"), "acme/shop");
  EXPECT_EQ(*input.fields().repository, "acme/shop");
  EXPECT_EQ(input.fields().token->reveal(), "t");
  EXPECT_TRUE(input.fields().fetch_branches.is_absent());
  EXPECT_TRUE(input.fields().base_url.is_absent());
}

TEST(Inputs, CompareByWhatIsSet) {
  EXPECT_EQ(upsun::email_input({"a"}), upsun::email_input({"a"}));
  EXPECT_NE(upsun::email_input({"a"}), upsun::email_input({"b"}));
  EXPECT_NE(upsun::email_input({"a"}), upsun::email_input({"a"}).from_address(nullptr));
  EXPECT_NE(upsun::email_patch(), upsun::email_patch().from_address(nullptr));
  EXPECT_EQ(upsun::slack_patch().token(secret("a")), upsun::slack_patch().token(secret("a")));
  EXPECT_NE(upsun::slack_patch().token(secret("a")), upsun::slack_patch().token(secret("b")));
}

TEST(Inputs, PrintWhatIsSetAndNeverASecret) {
  const secret planted("planted-secret");
  EXPECT_EQ(
      printed(upsun::github_input(planted, "acme/shop").fetch_branches(true).base_url(nullptr)),
      R"({fetch_branches: true, token: [redacted], base_url: null, repository: "acme/shop"})");
  EXPECT_EQ(printed(upsun::github_patch()), "{}");
  EXPECT_EQ(printed(upsun::blackfire_input()), "{}");
  EXPECT_EQ(printed(upsun::webhook_patch().shared_key(planted).events({})),
            "{events: [], shared_key: [redacted]}");
  EXPECT_EQ(
      printed(upsun::bitbucket_patch()
                  .app_credentials("k", planted)
                  .addon_credentials("a", "c", planted)),
      R"({app_credentials: {key: "k", secret: [redacted]}, addon_credentials: {addon_key: "a", client_key: "c", shared_secret: [redacted]}})");
  EXPECT_EQ(printed(upsun::httplog_patch().headers({{"Authorization", planted}})),
            R"({headers: {"Authorization": [redacted]}})");
}

TEST(Inputs, HoldEveryCredentialAsASecret) {
  using upsun::field;
  static_assert(std::is_same_v<decltype(upsun::github_fields::token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::gitlab_fields::token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::bitbucket_server_fields::token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::fastly_fields::token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::slack_fields::token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::splunk_fields::token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::newrelic_fields::license_key), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::syslog_fields::auth_token), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::webhook_fields::shared_key), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::health_webhook_fields::shared_key), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::pagerduty_fields::routing_key), field<secret>>);
  static_assert(std::is_same_v<decltype(upsun::bitbucket_app_credentials_field::secret), secret>);
  static_assert(
      std::is_same_v<decltype(upsun::bitbucket_addon_credentials_field::shared_secret), secret>);
}

}  // namespace input_test
