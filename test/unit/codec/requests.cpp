#include "requests.hpp"

namespace upsun::testing {
namespace {

secret planted(const char* name) { return secret(std::string("planted-") + name); }

/// The log members of every `create_full`.
template <class Input>
Input with_logs(Input input, std::map<std::string, std::string> extra = {{"team", "shop"}},
                std::vector<std::string> excluded = {"cache"}) {
  input.extra(std::move(extra))
      .tls_verify(true)
      .excluded_services(std::move(excluded))
      .redaction(true);
  return input;
}

/// The log members of every `patch`.
template <class Patch>
Patch logs(std::map<std::string, std::string> extra = {}) {
  Patch patch;
  patch.extra(std::move(extra)).tls_verify(false).excluded_services({}).redaction(false);
  return patch;
}

/// The source members of every `patch`.
template <class Patch>
Patch source(init_resources resources) {
  Patch patch;
  patch.fetch_branches(false).environment_init_resources(resources);
  return patch;
}

}  // namespace

std::vector<integration_input> minimal_inputs() {
  return {bitbucket_input("acme/shop"),
          bitbucket_server_input("https://bitbucket.acme.example", "deploy",
                                 planted("server-token"), "SHOP", "shop"),
          blackfire_input(),
          fastly_input(planted("fastly-token"), "SU1Z0isxPaozGVKXdv0eY"),
          github_input(planted("github-token"), "acme/shop"),
          gitlab_input(planted("gitlab-token"), "acme/shop"),
          email_input({"#admins"}),
          pagerduty_input(planted("routing-key")),
          slack_input(planted("slack-token"), "#ops"),
          health_webhook_input("https://hooks.acme.example/health"),
          httplog_input("https://logs.acme.example/in"),
          newrelic_input("https://log-api.newrelic.com/log/v1", planted("license-key")),
          otlplog_input("https://otel.acme.example:4318/v1/logs"),
          script_input("console.log(\"hello\");\n"),
          splunk_input("https://splunk.acme.example:8088", "main", planted("splunk-token")),
          sumologic_input("https://collectors.sumologic.example/receiver/v1/http/abc"),
          syslog_input(),
          webhook_input("https://hooks.acme.example/upsun")};
}

std::vector<integration_input> full_inputs() {
  return {
      bitbucket_input("acme/shop")
          .fetch_branches(true)
          .prune_branches(true)
          .environment_init_resources(init_resources::parent)
          .app_credentials("app-key", planted("app-secret"))
          .addon_credentials("addon-key", "client-key", planted("addon-secret"))
          .build_pull_requests(true)
          .pull_requests_clone_parent_data(false)
          .resync_pull_requests(true)
          .pull_requests_max_pages(5),
      bitbucket_server_input("https://bitbucket.acme.example", "deploy", planted("server-token"),
                             "SHOP", "shop")
          .fetch_branches(true)
          .prune_branches(false)
          .environment_init_resources(init_resources::default_)
          .build_pull_requests(true)
          .pull_requests_clone_parent_data(true),
      blackfire_input(),
      fastly_input(planted("fastly-token"), "SU1Z0isxPaozGVKXdv0eY")
          .events({"*"})
          .environments({"main"})
          .excluded_environments({"staging"})
          .states({"complete"})
          .result(hook_result::success)
          .tls_certificates(true),
      github_input(planted("github-token"), "acme/shop")
          .fetch_branches(true)
          .prune_branches(true)
          .environment_init_resources(init_resources::minimum)
          .base_url("https://github.acme.example/api/v3")
          .build_pull_requests(true)
          .build_draft_pull_requests(true)
          .build_pull_requests_post_merge(true)
          .pull_requests_clone_parent_data(true),
      gitlab_input(planted("gitlab-token"), "acme/shop")
          .fetch_branches(true)
          .prune_branches(true)
          .environment_init_resources(init_resources::manual)
          .rotate_token(true)
          .rotate_token_validity_in_weeks(12)
          .base_url("https://gitlab.acme.example")
          .build_merge_requests(true)
          .build_wip_merge_requests(true)
          .merge_requests_clone_parent_data(true),
      email_input({"#admins", "ops@acme.example"}).from_address("health@acme.example"),
      pagerduty_input(planted("routing-key")),
      slack_input(planted("slack-token"), "#ops"),
      health_webhook_input("https://hooks.acme.example/health").shared_key(planted("shared-key")),
      with_logs(httplog_input("https://logs.acme.example/in"), {{"team", "shop"}, {"tier", "1"}})
          .headers({{"Authorization", planted("header")}, {"X-Team", secret("shop")}}),
      with_logs(newrelic_input("https://log-api.newrelic.com/log/v1", planted("license-key")),
                {{"team", "shop"}}, {"cache", "search"}),
      with_logs(otlplog_input("https://otel.acme.example:4318/v1/logs"))
          .headers({{"api-key", planted("header")}}),
      script_input("console.log(\"hello\");\n")
          .events({"environment.push", "environment.activate"})
          .environments({"*"})
          .excluded_environments({"feature/*"})
          .states({"complete"})
          .result(hook_result::failure),
      with_logs(splunk_input("https://splunk.acme.example:8088", "main", planted("splunk-token")))
          .sourcetype("upsun"),
      with_logs(sumologic_input("https://collectors.sumologic.example/receiver/v1/http/abc"))
          .category("shop/prod"),
      with_logs(syslog_input())
          .host("logs.acme.example")
          .port(6514)
          .protocol(syslog_protocol::tls)
          .facility(1)
          .message_format(syslog_format::rfc5424)
          .auth_token(planted("auth-token"))
          .auth_mode(syslog_auth_mode::structured_data),
      webhook_input("https://hooks.acme.example/upsun")
          .events({"*"})
          .environments({"*"})
          .excluded_environments({"staging"})
          .states({"complete"})
          .result(hook_result::any)
          .shared_key(planted("shared-key"))};
}

std::vector<integration_patch> full_patches() {
  return {source<bitbucket_patch>(init_resources::manual)
              .app_credentials(nullptr)
              .addon_credentials(nullptr)
              .repository("acme/store")
              .build_pull_requests(false)
              .pull_requests_clone_parent_data(true)
              .resync_pull_requests(false)
              .pull_requests_max_pages(nullptr),
          source<bitbucket_server_patch>(init_resources::minimum)
              .url("https://git.acme.example")
              .username("robot")
              .token(planted("new-token"))
              .project("STORE")
              .repository("store")
              .build_pull_requests(false)
              .pull_requests_clone_parent_data(false),
          blackfire_patch(),
          fastly_patch()
              .events({"environment.push"})
              .environments({"*"})
              .excluded_environments({})
              .states({"pending", "complete"})
              .result(hook_result::any)
              .token(planted("new-token"))
              .service_id("7i6HN3TK9wS159v2gPAZ8A")
              .tls_certificates(false),
          source<github_patch>(init_resources::parent)
              .token(planted("new-token"))
              .base_url(nullptr)
              .repository("acme/store")
              .build_pull_requests(false)
              .build_draft_pull_requests(false)
              .build_pull_requests_post_merge(false)
              .pull_requests_clone_parent_data(false),
          source<gitlab_patch>(init_resources::default_)
              .token(planted("new-token"))
              .rotate_token(false)
              .rotate_token_validity_in_weeks(4)
              .base_url("https://gitlab.com")
              .project("acme/store")
              .build_merge_requests(false)
              .build_wip_merge_requests(false)
              .merge_requests_clone_parent_data(false),
          email_patch().from_address(nullptr).recipients({"#viewers"}),
          pagerduty_patch().routing_key(planted("new-key")),
          slack_patch().token(planted("new-token")).channel("#dev"),
          health_webhook_patch().shared_key(nullptr).url("https://hooks.acme.example/new"),
          logs<httplog_patch>().url("https://logs.acme.example/new").headers({}),
          logs<newrelic_patch>({{"team", "store"}})
              .url("https://log-api.eu.newrelic.com/log/v1")
              .license_key(planted("new-key")),
          logs<otlplog_patch>()
              .url("https://otel.acme.example/v1/logs")
              .headers({{"api-key", planted("new-header")}}),
          script_patch()
              .events({"*"})
              .environments({"main", "release/*"})
              .excluded_environments({})
              .states({"in_progress"})
              .result(hook_result::success)
              .script("console.log('bye');"),
          logs<splunk_patch>()
              .url("https://splunk.acme.example")
              .index("history")
              .token(planted("new-token"))
              .sourcetype("json"),
          logs<sumologic_patch>()
              .url("https://collectors.sumologic.example/receiver/v1/http/def")
              .category("shop/test"),
          logs<syslog_patch>()
              .host("syslog.acme.example")
              .port(514)
              .protocol(syslog_protocol::udp)
              .facility(23)
              .message_format(syslog_format::rfc3164)
              .auth_token(planted("new-token"))
              .auth_mode(syslog_auth_mode::prefix),
          webhook_patch()
              .events({"environment.push"})
              .environments({"main"})
              .excluded_environments({})
              .states({"pending"})
              .result(hook_result::failure)
              .shared_key(nullptr)
              .url("https://hooks.acme.example/new")};
}

}  // namespace upsun::testing
