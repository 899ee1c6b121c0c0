#include <gtest/gtest.h>

#include <chrono>
#include <string_view>
#include <tuple>

#include <upsun/model/access_grant.hpp>
#include <upsun/model/environment.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/project.hpp>
#include <upsun/model/project_capabilities.hpp>
#include <upsun/model/user.hpp>

namespace equality_test {

// Changes a member of each type to something it was not.
void change(bool& value) { value = !value; }
void change(std::int64_t& value) { ++value; }
void change(double& value) { ++value; }
void change(std::string& value) { value += "x"; }
void change(upsun::secret& value) { value = upsun::secret(value.reveal() + "x"); }
void change(upsun::raw_json& value) { value = upsun::raw_json(value.text() + "x"); }
void change(upsun::timestamp& value) { value += std::chrono::seconds(1); }
template <class E>
void change(upsun::open_enum<E>& value) {
  value = upsun::open_enum<E>(std::string(value.str()) + "x");
}
template <class T>
void change(std::vector<T>& value) {
  value.emplace_back();
}
template <class T>
void change(std::map<std::string, T>& value) {
  value["x"];
}
template <class T>
void change(std::optional<T>& value) {
  value ? value.reset() : void(value.emplace());
}
void change(upsun::integration_settings& value) { value = upsun::slack_settings(); }
template <upsun::detail::described T>
void change(T& value) {
  change(value.*boost::mp11::mp_front<upsun::detail::members_of<T>>::pointer);
}

template <class T>
class EqualityOf : public ::testing::Test {};

using described_types = ::testing::Types<
    upsun::integration, upsun::bitbucket_settings, upsun::bitbucket_server_settings,
    upsun::blackfire_settings, upsun::fastly_settings, upsun::github_settings,
    upsun::gitlab_settings, upsun::email_settings, upsun::pagerduty_settings, upsun::slack_settings,
    upsun::health_webhook_settings, upsun::httplog_settings, upsun::newrelic_settings,
    upsun::otlplog_settings, upsun::script_settings, upsun::splunk_settings,
    upsun::sumologic_settings, upsun::syslog_settings, upsun::webhook_settings,
    upsun::unknown_settings, upsun::bitbucket_app_credentials, upsun::bitbucket_addon_credentials,
    upsun::blackfire_credentials, upsun::activity, upsun::activity_command, upsun::user,
    upsun::organization, upsun::ai_agent_settings, upsun::organization_reference,
    upsun::organization_project, upsun::project_reference, upsun::project, upsun::project_state,
    upsun::project_repository, upsun::project_subscription, upsun::subscription_resources,
    upsun::resource_limits, upsun::image_types, upsun::project_maintenance,
    upsun::project_capabilities, upsun::integrations_capability, upsun::object_storage_capability,
    upsun::environment, upsun::http_access, upsun::address_rule, upsun::deployment_state,
    upsun::cron_state, upsun::merge_info, upsun::access_grant>;
TYPED_TEST_SUITE(EqualityOf, described_types);

TYPED_TEST(EqualityOf, LooksAtEveryMember) {
  const TypeParam original{};
  EXPECT_EQ(original, TypeParam(original));
  boost::mp11::mp_for_each<upsun::detail::members_of<TypeParam>>([&](auto member) {
    TypeParam changed = original;
    change(changed.*member.pointer);
    EXPECT_NE(changed, original) << member.name;
    EXPECT_EQ(changed, TypeParam(changed)) << member.name;
  });
}

TEST(Equality, LooksIntoNestedValues) {
  upsun::integration a;
  a.settings = upsun::blackfire_settings{
      .environments_credentials = {{"main", {"uuid", upsun::secret("a")}}}};
  upsun::integration b = a;
  EXPECT_EQ(a, b);
  std::get<upsun::blackfire_settings>(b.settings).environments_credentials["main"].server_token =
      upsun::secret("b");
  EXPECT_NE(a, b);
}

}  // namespace equality_test
