#include <chrono>

#include "fixtures.hpp"

namespace upsun::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

/// The common members of every `full` document around settings.
template <class Settings>
integration with(std::string id, Settings settings) {
  return {.id = std::move(id),
          .created_at = sys_days(2026y / 12 / 13) + 16h + 6min + 8s + 81312us,
          .updated_at = sys_days(2027y / 1 / 2) + 1h + 4min + 5s + 600000us,
          .type = std::string(Settings::kind),
          .role = "",
          .settings = std::move(settings)};
}

template <class Settings>
Settings source(init_resources resources) {
  Settings s;
  s.fetch_branches = true;
  s.prune_branches = true;
  s.environment_init_resources = resources;
  return s;
}

template <class Settings>
Settings hook(hook_result result) {
  Settings s;
  s.events = {"environment.push", "environment.activate"};
  s.environments = {"main", "release/*"};
  s.excluded_environments = {"staging"};
  s.states = {"pending", "in_progress", "complete"};
  s.result = result;
  return s;
}

template <class Settings>
Settings log() {
  Settings s;
  s.extra = {{"team", "shop"}, {"env", "\xc3\xbc \"quoted\" \\ / \xf0\x9f\x9a\x80"}};
  s.tls_verify = false;
  s.excluded_services = {"redis", "search"};
  s.redaction = true;
  return s;
}

}  // namespace

std::vector<integration> expected_integrations() {
  std::vector<integration> all;

  auto bitbucket = source<bitbucket_settings>(init_resources::default_);
  bitbucket.app_credentials = {"app-key"};
  bitbucket.addon_credentials = {"addon-key", "client-key"};
  bitbucket.repository = "acme/shop";
  bitbucket.build_pull_requests = true;
  bitbucket.pull_requests_clone_parent_data = true;
  bitbucket.resync_pull_requests = false;
  bitbucket.pull_requests_max_pages = 10;
  all.push_back(with("bbk3n2kq4yz7m", bitbucket));

  auto bitbucket_server = source<bitbucket_server_settings>(init_resources::minimum);
  bitbucket_server.url = "https://git.acme.example/bitbucket";
  bitbucket_server.username = "deploy";
  bitbucket_server.project = "SHOP";
  bitbucket_server.repository = "shop";
  bitbucket_server.build_pull_requests = false;
  bitbucket_server.pull_requests_clone_parent_data = true;
  all.push_back(with("bbs3n2kq4yz7m", bitbucket_server));

  all.push_back(with(
      "bfi3n2kq4yz7m",
      blackfire_settings{
          .environments_credentials = {{"main", {"8d1e8a2c-main", secret("planted-secret-main")}},
                                       {"release/1.0",
                                        {"8d1e8a2c-release", secret("planted-secret-release")}}},
          .continuous_profiling = true,
          .supported_runtimes = {{"php", "python"}}}));

  auto fastly = hook<fastly_settings>(hook_result::success);
  fastly.service_id = "SU1Z0isxPaozGVKXdv0eY";
  fastly.tls_certificates = false;
  all.push_back(with("fst3n2kq4yz7m", fastly));

  auto github = source<github_settings>(init_resources::manual);
  github.base_url = "https://github.acme.example/api/v3";
  github.repository = "acme/shop";
  github.build_pull_requests = true;
  github.build_draft_pull_requests = true;
  github.build_pull_requests_post_merge = false;
  github.pull_requests_clone_parent_data = true;
  github.token_type = github_token_type::classic_personal_token;
  all.push_back(with("ghb3n2kq4yz7m", github));

  auto gitlab = source<gitlab_settings>(init_resources::parent);
  gitlab.token_expires_at = sys_days(2028y / 3 / 1) - 1us;
  gitlab.rotate_token = true;
  gitlab.rotate_token_validity_in_weeks = 52;
  gitlab.base_url = "https://gitlab.acme.example";
  gitlab.project = "group/sub/shop";
  gitlab.build_merge_requests = true;
  gitlab.build_wip_merge_requests = true;
  gitlab.merge_requests_clone_parent_data = false;
  all.push_back(with("glb3n2kq4yz7m", gitlab));

  all.push_back(with(
      "eml3n2kq4yz7m",
      email_settings{"ops@acme.example", {"#admins", "#viewers", "j\xc3\xb6rg@acme.example"}}));
  all.push_back(with("pgd3n2kq4yz7m", pagerduty_settings{secret("planted-secret-routing-key")}));
  all.push_back(with("slk3n2kq4yz7m", slack_settings{"#alerts"}));
  all.push_back(with("hwh3n2kq4yz7m",
                     health_webhook_settings{"https://hooks.acme.example/health?a=1&b=%2F"}));

  auto httplog = log<httplog_settings>();
  httplog.url = "https://logs.acme.example/in";
  httplog.headers = {{"Authorization", secret("planted-secret-authorization")},
                     {"X-Team", secret("planted-secret-team")}};
  all.push_back(with("htl3n2kq4yz7m", httplog));

  auto newrelic = log<newrelic_settings>();
  newrelic.url = "https://log-api.eu.newrelic.com/log/v1";
  all.push_back(with("nrl3n2kq4yz7m", newrelic));

  auto otlplog = log<otlplog_settings>();
  otlplog.url = "https://otlp.acme.example/v1/logs";
  otlplog.headers = {{"api-key", secret("planted-secret-api-key")}};
  all.push_back(with("otl3n2kq4yz7m", otlplog));

  auto script = hook<script_settings>(hook_result::failure);
  script.script =
      "// first line\n\tvar a = \"b\";\r\nconsole.log(a + '\\u0000' + '\xe2\x80\xa8');\n";
  all.push_back(with("scr3n2kq4yz7m", script));

  auto splunk = log<splunk_settings>();
  splunk.url = "https://splunk.acme.example:8088/services/collector";
  splunk.index = "shop";
  splunk.sourcetype = "_json";
  all.push_back(with("spl3n2kq4yz7m", splunk));

  auto sumologic = log<sumologic_settings>();
  sumologic.url = "https://collectors.sumologic.com/receiver/v1/http/AbC";
  sumologic.category = "shop/production";
  all.push_back(with("sum3n2kq4yz7m", sumologic));

  auto syslog = log<syslog_settings>();
  syslog.host = "syslog.acme.example";
  syslog.port = 514;
  syslog.protocol = syslog_protocol::udp;
  syslog.facility = 23;
  syslog.message_format = syslog_format::rfc3164;
  all.push_back(with("sys3n2kq4yz7m", syslog));

  auto webhook = hook<webhook_settings>(hook_result::any);
  webhook.shared_key = secret("planted-secret-shared-key");
  webhook.url = "https://hooks.acme.example/all";
  all.push_back(with("whk3n2kq4yz7m", webhook));

  return all;
}

}  // namespace upsun::testing
