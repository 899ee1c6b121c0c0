#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// Health notifications by e-mail.
struct email_settings {
  static constexpr std::string_view kind = "health.email";
  /// The sender. Empty: the platform's own.
  std::optional<std::string> from_address{};
  /// Addresses, or "#admins" and "#viewers".
  std::vector<std::string> recipients{};
};
BOOST_DESCRIBE_STRUCT(email_settings, (), (from_address, recipients))

/// Health notifications to PagerDuty.
struct pagerduty_settings {
  static constexpr std::string_view kind = "health.pagerduty";
  /// The key of the service at PagerDuty.
  secret routing_key{};
};
BOOST_DESCRIBE_STRUCT(pagerduty_settings, (), (routing_key))

/// Health notifications to Slack.
struct slack_settings {
  static constexpr std::string_view kind = "health.slack";
  /// The channel that is posted to, such as "#ops".
  std::string channel{};
};
BOOST_DESCRIBE_STRUCT(slack_settings, (), (channel))

/// Health notifications to a URL.
struct health_webhook_settings {
  static constexpr std::string_view kind = "health.webhook";
  /// The URL that requests go to.
  std::string url{};
};
BOOST_DESCRIBE_STRUCT(health_webhook_settings, (), (url))

}  // namespace upsun
