#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>

#include <upsun/model/blackfire_settings.hpp>
#include <upsun/model/described.hpp>
#include <upsun/model/health_settings.hpp>
#include <upsun/model/hook_settings.hpp>
#include <upsun/model/log_settings.hpp>
#include <upsun/model/source_settings.hpp>

namespace upsun {

/// An integration of a kind this version does not know, or one that broke the API's contract under
/// `decode_policy::tolerant`: nothing is lost.
struct unknown_settings {
  std::string raw{};  ///< The JSON text of the whole object, just as it came. It may hold secrets,
                      ///< so printing shows only its size.
};
BOOST_DESCRIBE_STRUCT(unknown_settings, (), (raw))
UPSUN_EXPORT std::ostream& operator<<(std::ostream& out, const unknown_settings& settings);

/// What differs by kind. Each alternative but the last names its kind: `bitbucket_settings::kind`.
using integration_settings =
    std::variant<bitbucket_settings, bitbucket_server_settings, blackfire_settings, fastly_settings,
                 github_settings, gitlab_settings, email_settings, pagerduty_settings,
                 slack_settings, health_webhook_settings, httplog_settings, newrelic_settings,
                 otlplog_settings, script_settings, splunk_settings, sumologic_settings,
                 syslog_settings, webhook_settings, unknown_settings>;

/// A connection between a project and a third party. Members carry the API's names.
struct integration {
  std::optional<std::string> id{};        ///< Its id within the project; servers may leave it out.
  std::optional<timestamp> created_at{};  ///< When it was made.
  std::optional<timestamp> updated_at{};  ///< When it was last changed.
  std::string type{};  ///< The kind as the server calls it, such as "health.slack"; also of a kind
                       ///< unknown here.
  std::optional<std::string> role{};                   ///< Free text, often blank.
  integration_settings settings = unknown_settings{};  ///< What the kind adds.
};
BOOST_DESCRIBE_STRUCT(integration, (), (id, created_at, updated_at, type, role, settings))

}  // namespace upsun
