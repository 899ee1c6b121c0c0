#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/model/hook_settings.hpp>
#include <upsun/model/request_members.hpp>

namespace upsun {

/// Members of requests for the integrations that act on activities.
struct hook_fields {
  field<std::vector<std::string>> events;
  field<std::vector<std::string>> environments;
  field<std::vector<std::string>> excluded_environments;
  field<std::vector<std::string>> states;
  field<open_enum<hook_result>> result;
};
BOOST_DESCRIBE_STRUCT(hook_fields, (),
                      (events, environments, excluded_environments, states, result))

/// Setters shared by the three kinds that act on activities. A list may hold "*", which stands for
/// everything.
template <class Self, class Fields>
class hook_members : public request_members<Self, Fields> {
 public:
  /// The types of activity that it acts on, such as "environment.push".
  Self& events(std::vector<std::string> value) {
    return this->set(&hook_fields::events, std::move(value));
  }
  /// The environments that it acts for: names and patterns.
  Self& environments(std::vector<std::string> value) {
    return this->set(&hook_fields::environments, std::move(value));
  }
  /// The environments that it does not act for: names and patterns.
  Self& excluded_environments(std::vector<std::string> value) {
    return this->set(&hook_fields::excluded_environments, std::move(value));
  }
  /// The states of an activity that it acts on, such as "complete".
  Self& states(std::vector<std::string> value) {
    return this->set(&hook_fields::states, std::move(value));
  }
  /// The results of an activity that it acts on. A value that this version does not know is
  /// refused.
  Self& result(open_enum<hook_result> value) {
    return this->set(&hook_fields::result, std::move(value));
  }
};

/// Members of requests for Fastly integrations.
struct fastly_fields : hook_fields {
  static constexpr std::string_view kind = fastly_settings::kind;
  field<secret> token;
  field<std::string> service_id;
  field<bool> tls_certificates;
};
BOOST_DESCRIBE_STRUCT(fastly_fields, (hook_fields), (token, service_id, tls_certificates))

/// Setters of a Fastly integration.
template <class Self>
class fastly_members : public hook_members<Self, fastly_fields> {
 public:
  /// The token that it authenticates with at Fastly. The API never returns it.
  Self& token(secret value) { return this->set(&fastly_fields::token, std::move(value)); }
  /// The id of the service at Fastly.
  Self& service_id(std::string value) {
    return this->set(&fastly_fields::service_id, std::move(value));
  }
  /// Whether the project's certificates are installed at Fastly.
  Self& tls_certificates(bool value) { return this->set(&fastly_fields::tls_certificates, value); }
};

/// Creates an integration with a Fastly service.
class fastly_input final : public fastly_members<fastly_input> {
 public:
  fastly_input(secret token, std::string service_id) {
    this->token(std::move(token)).service_id(std::move(service_id));
  }
};
using fastly_patch = patch<fastly_members>;

/// Members of requests for script integrations.
struct script_fields : hook_fields {
  static constexpr std::string_view kind = script_settings::kind;
  field<std::string> script;
};
BOOST_DESCRIBE_STRUCT(script_fields, (hook_fields), (script))

/// Setters of a script integration.
template <class Self>
class script_members : public hook_members<Self, script_fields> {
 public:
  /// The source text.
  Self& script(std::string value) { return this->set(&script_fields::script, std::move(value)); }
};

/// Creates a script that runs on the platform.
class script_input final : public script_members<script_input> {
 public:
  explicit script_input(std::string script) { this->script(std::move(script)); }
};
using script_patch = patch<script_members>;

/// Members of requests for webhook integrations.
struct webhook_fields : hook_fields {
  static constexpr std::string_view kind = webhook_settings::kind;
  field<secret> shared_key;
  field<std::string> url;
};
BOOST_DESCRIBE_STRUCT(webhook_fields, (hook_fields), (shared_key, url))

/// Setters of a webhook integration.
template <class Self>
class webhook_members : public hook_members<Self, webhook_fields> {
 public:
  /// The key that requests are signed with (see webhook.hpp). Null: they are not signed.
  Self& shared_key(field<secret> value) {
    return this->set(&webhook_fields::shared_key, std::move(value));
  }
  /// The URL that requests go to.
  Self& url(std::string value) { return this->set(&webhook_fields::url, std::move(value)); }
};

/// Creates an integration that makes requests to a URL.
class webhook_input final : public webhook_members<webhook_input> {
 public:
  explicit webhook_input(std::string url) { this->url(std::move(url)); }
};
using webhook_patch = patch<webhook_members>;

}  // namespace upsun
