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
  std::optional<std::string> from_address{};  ///< The sender; null: the platform's own.
  std::vector<std::string> recipients{};      ///< Addresses, also "#admins" and "#viewers".
};
BOOST_DESCRIBE_STRUCT(email_settings, (), (from_address, recipients))

/// Health notifications to PagerDuty.
struct pagerduty_settings {
  static constexpr std::string_view kind = "health.pagerduty";
  secret routing_key{};  ///< The key of the service there.
};
BOOST_DESCRIBE_STRUCT(pagerduty_settings, (), (routing_key))

/// Health notifications to Slack.
struct slack_settings {
  static constexpr std::string_view kind = "health.slack";
  std::string channel{};  ///< The channel posted to.
};
BOOST_DESCRIBE_STRUCT(slack_settings, (), (channel))

/// Health notifications to a URL.
struct health_webhook_settings {
  static constexpr std::string_view kind = "health.webhook";
  std::string url{};  ///< Where requests go.
};
BOOST_DESCRIBE_STRUCT(health_webhook_settings, (), (url))

}  // namespace upsun
