#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// The results of an activity after which a hook acts.
enum class hook_result { any, failure, success };
template <>
inline constexpr std::array<std::string_view, 3> wire_names<hook_result>{"*", "failure", "success"};

/// What the integrations that act on activities share. A visitor that takes it serves all three. A
/// list may hold "*", which stands for everything.
struct hook_settings {
  /// The types of activity that it acts on, such as "environment.push".
  std::vector<std::string> events;
  /// The environments that it acts for: names and patterns.
  std::vector<std::string> environments;
  /// The environments that it does not act for: names and patterns.
  std::vector<std::string> excluded_environments;
  /// The states of an activity that it acts on, such as "complete".
  std::vector<std::string> states;
  /// The results of an activity that it acts on.
  open_enum<hook_result> result;
};
BOOST_DESCRIBE_STRUCT(hook_settings, (),
                      (events, environments, excluded_environments, states, result))

/// A Fastly service whose cache follows the project.
struct fastly_settings : hook_settings {
  static constexpr std::string_view kind = "cdn.fastly";
  /// The id of the service at Fastly.
  std::string service_id;
  /// Whether the project's certificates are installed at Fastly. Empty: an older server.
  std::optional<bool> tls_certificates;
};
BOOST_DESCRIBE_STRUCT(fastly_settings, (hook_settings), (service_id, tls_certificates))

/// A script that runs on the platform.
struct script_settings : hook_settings {
  static constexpr std::string_view kind = "script";
  /// The source text.
  std::string script;
};
BOOST_DESCRIBE_STRUCT(script_settings, (hook_settings), (script))

/// A request to a URL.
struct webhook_settings : hook_settings {
  static constexpr std::string_view kind = "webhook";
  /// The key that requests are signed with (see webhook.hpp). Empty: they are not signed.
  std::optional<secret> shared_key;
  /// The URL that requests go to.
  std::string url;
};
BOOST_DESCRIBE_STRUCT(webhook_settings, (hook_settings), (shared_key, url))

}  // namespace upsun
