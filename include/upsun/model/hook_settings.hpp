#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// Which results of an activity run a hook.
enum class hook_result { any, failure, success };
template <>
inline constexpr std::array<std::string_view, 3> wire_names<hook_result>{"*", "failure", "success"};

/// What the integrations that act on activities share. A visitor that takes it serves all three.
/// Lists may hold "*" for everything.
struct hook_settings {
  std::vector<std::string> events;        ///< Types of activity, such as "environment.push".
  std::vector<std::string> environments;  ///< Environments it acts for; names and patterns.
  std::vector<std::string> excluded_environments;  ///< Environments it does not act for.
  std::vector<std::string> states;                 ///< States of the activity, such as "complete".
  open_enum<hook_result> result;                   ///< Results of the activity.
};
BOOST_DESCRIBE_STRUCT(hook_settings, (),
                      (events, environments, excluded_environments, states, result))

/// A Fastly service whose cache follows the project.
struct fastly_settings : hook_settings {
  static constexpr std::string_view kind = "cdn.fastly";
  std::string service_id;         ///< The service at Fastly.
  bool tls_certificates = false;  ///< The project's certificates are installed there.
};
BOOST_DESCRIBE_STRUCT(fastly_settings, (hook_settings), (service_id, tls_certificates))

/// A script that runs on the platform.
struct script_settings : hook_settings {
  static constexpr std::string_view kind = "script";
  std::string script;  ///< Its source text.
};
BOOST_DESCRIBE_STRUCT(script_settings, (hook_settings), (script))

/// A request to a URL.
struct webhook_settings : hook_settings {
  static constexpr std::string_view kind = "webhook";
  std::optional<secret> shared_key;  ///< What requests are signed with; null: unsigned.
  std::string url;                   ///< Where requests go.
};
BOOST_DESCRIBE_STRUCT(webhook_settings, (hook_settings), (shared_key, url))

}  // namespace upsun
