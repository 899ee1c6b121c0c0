#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <variant>

#include <upsun/error.hpp>
#include <upsun/model/blackfire_settings.hpp>
#include <upsun/model/described.hpp>
#include <upsun/model/health_settings.hpp>
#include <upsun/model/hook_settings.hpp>
#include <upsun/model/log_settings.hpp>
#include <upsun/model/source_settings.hpp>

namespace upsun {

/// The settings of a kind that this version does not know, or of an integration that differs from
/// what this version expects of its kind (`decode_policy::tolerant`), as raw text.
struct unknown_settings {
  /// The JSON text of the whole integration, as the API sent it. It may hold secrets: printing
  /// shows its size only.
  std::string raw{};
  /// Where and how the text differs from what is expected of its kind. Empty: the kind is not
  /// known. It follows from the text, so that `==` ignores it.
  std::optional<decode_mismatch> mismatch{};
};
BOOST_DESCRIBE_STRUCT(unknown_settings, (), (raw))
UPSUN_EXPORT std::ostream& operator<<(std::ostream& out, const unknown_settings& settings);

/// What differs by kind. Each alternative but the last has the API's name of its kind, such as
/// `bitbucket_settings::kind`.
using integration_settings =
    std::variant<bitbucket_settings, bitbucket_server_settings, blackfire_settings, fastly_settings,
                 github_settings, gitlab_settings, email_settings, pagerduty_settings,
                 slack_settings, health_webhook_settings, httplog_settings, newrelic_settings,
                 otlplog_settings, script_settings, splunk_settings, sumologic_settings,
                 syslog_settings, webhook_settings, unknown_settings>;

/// An integration of a project with a third party. Members have the API's names.
struct integration {
  /// Its id within the project. Empty: the server left it out.
  std::optional<std::string> id{};
  /// Empty: the server sent null or nothing.
  std::optional<timestamp> created_at{};
  /// Empty: the server sent null or nothing.
  std::optional<timestamp> updated_at{};
  /// The API's name of the kind, such as "health.slack", also of one that this version does not
  /// know.
  std::string type{};
  /// Free text, often blank.
  std::optional<std::string> role{};
  /// The members that the kind adds, all or none of them: raw text when one cannot be read.
  integration_settings settings = unknown_settings{};
};
BOOST_DESCRIBE_STRUCT(integration, (), (id, created_at, updated_at, type, role, settings))

}  // namespace upsun
