#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/model/health_settings.hpp>
#include <upsun/model/request_members.hpp>

namespace upsun {

/// Members of requests for health notifications by e-mail.
struct email_fields {
  static constexpr std::string_view kind = email_settings::kind;
  field<std::string> from_address;
  field<std::vector<std::string>> recipients;
};
BOOST_DESCRIBE_STRUCT(email_fields, (), (from_address, recipients))

/// Setters of health notifications by e-mail.
template <class Self>
class email_members : public request_members<Self, email_fields> {
 public:
  /// The sender. Null: the platform's own.
  Self& from_address(field<std::string> value) {
    return this->set(&email_fields::from_address, std::move(value));
  }
  /// Addresses, or "#admins" and "#viewers".
  Self& recipients(std::vector<std::string> value) {
    return this->set(&email_fields::recipients, std::move(value));
  }
};

/// Creates health notifications by e-mail.
class email_input final : public email_members<email_input> {
 public:
  explicit email_input(std::vector<std::string> recipients) {
    this->recipients(std::move(recipients));
  }
};
using email_patch = patch<email_members>;

/// Members of requests for health notifications to PagerDuty.
struct pagerduty_fields {
  static constexpr std::string_view kind = pagerduty_settings::kind;
  field<secret> routing_key;
};
BOOST_DESCRIBE_STRUCT(pagerduty_fields, (), (routing_key))

/// Setters of health notifications to PagerDuty.
template <class Self>
class pagerduty_members : public request_members<Self, pagerduty_fields> {
 public:
  /// The key of the service at PagerDuty.
  Self& routing_key(secret value) {
    return this->set(&pagerduty_fields::routing_key, std::move(value));
  }
};

/// Creates health notifications to PagerDuty.
class pagerduty_input final : public pagerduty_members<pagerduty_input> {
 public:
  explicit pagerduty_input(secret routing_key) { this->routing_key(std::move(routing_key)); }
};
using pagerduty_patch = patch<pagerduty_members>;

/// Members of requests for health notifications to Slack.
struct slack_fields {
  static constexpr std::string_view kind = slack_settings::kind;
  field<secret> token;
  field<std::string> channel;
};
BOOST_DESCRIBE_STRUCT(slack_fields, (), (token, channel))

/// Setters of health notifications to Slack.
template <class Self>
class slack_members : public request_members<Self, slack_fields> {
 public:
  /// The token that it authenticates with. The API never returns it.
  Self& token(secret value) { return this->set(&slack_fields::token, std::move(value)); }
  /// The channel that is posted to, such as "#ops".
  Self& channel(std::string value) { return this->set(&slack_fields::channel, std::move(value)); }
};

/// Creates health notifications to Slack.
class slack_input final : public slack_members<slack_input> {
 public:
  slack_input(secret token, std::string channel) {
    this->token(std::move(token)).channel(std::move(channel));
  }
};
using slack_patch = patch<slack_members>;

/// Members of requests for health notifications to a URL.
struct health_webhook_fields {
  static constexpr std::string_view kind = health_webhook_settings::kind;
  field<secret> shared_key;
  field<std::string> url;
};
BOOST_DESCRIBE_STRUCT(health_webhook_fields, (), (shared_key, url))

/// Setters of health notifications to a URL.
template <class Self>
class health_webhook_members : public request_members<Self, health_webhook_fields> {
 public:
  /// The key that requests are signed with. Null: they are not signed. The API never returns it.
  Self& shared_key(field<secret> value) {
    return this->set(&health_webhook_fields::shared_key, std::move(value));
  }
  /// The URL that requests go to.
  Self& url(std::string value) { return this->set(&health_webhook_fields::url, std::move(value)); }
};

/// Creates health notifications to a URL.
class health_webhook_input final : public health_webhook_members<health_webhook_input> {
 public:
  explicit health_webhook_input(std::string url) { this->url(std::move(url)); }
};
using health_webhook_patch = patch<health_webhook_members>;

}  // namespace upsun
