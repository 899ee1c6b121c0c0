#pragma once

#include <variant>

#include <upsun/model/blackfire_input.hpp>
#include <upsun/model/health_inputs.hpp>
#include <upsun/model/hook_inputs.hpp>
#include <upsun/model/log_inputs.hpp>
#include <upsun/model/source_inputs.hpp>

namespace upsun {

/// What an integration is created from: the input of one kind. The constructor of each takes the
/// members that the API requires. In the order of `integration_settings`.
using integration_input =
    std::variant<bitbucket_input, bitbucket_server_input, blackfire_input, fastly_input,
                 github_input, gitlab_input, email_input, pagerduty_input, slack_input,
                 health_webhook_input, httplog_input, newrelic_input, otlplog_input, script_input,
                 splunk_input, sumologic_input, syslog_input, webhook_input>;

/// What is changed of an integration: the patch of its kind. In the order of
/// `integration_settings`.
using integration_patch =
    std::variant<bitbucket_patch, bitbucket_server_patch, blackfire_patch, fastly_patch,
                 github_patch, gitlab_patch, email_patch, pagerduty_patch, slack_patch,
                 health_webhook_patch, httplog_patch, newrelic_patch, otlplog_patch, script_patch,
                 splunk_patch, sumologic_patch, syslog_patch, webhook_patch>;

}  // namespace upsun
