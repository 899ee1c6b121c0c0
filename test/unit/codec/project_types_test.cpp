// The documents of projects, what they may use, their environments, and activities.

#include <gtest/gtest.h>

#include <string>

#include "member_rules.hpp"

namespace upsun {
namespace project_types_test {

using codec::decode_document;
using testing::expect_rules;
using testing::moment;
using testing::printed;

const std::string more = R"(,"enforce_mfa":false,"_links":{"self":{"href":"/x"},"#x":[]}})";

// ---- projects

const std::string full_project =
    R"({"id":"rjify4yjcwxaa","created_at":"2024-01-01T00:00:00Z",)"
    R"("updated_at":"2024-01-02T00:00:00Z","attributes":{"k": "v"} ,"title":"Blog",)"
    R"("description":"The blog","owner":"u","namespace":"ns","organization":"o",)"
    R"("default_branch":"main","status":{"code":"provisioned","message":"ok"},)"
    R"("timezone":"Europe/Paris","region":"eu-5.platform.sh",)"
    R"("repository":{"url":"p@git.eu-5.platform.sh:p.git","client_ssh_key":"ssh-rsa AAAA"},)"
    R"("default_domain":"acme.example","subscription":{"license_uri":"https://x.example/7",)"
    R"("plan":"development","environments":3,"storage":5120,"included_users":1,)"
    R"("subscription_management_uri":"https://console.upsun.com/o/p","restricted":false,)"
    R"("suspended":true,"user_licenses":2,"resources":{"container_profiles":true,)"
    R"("production":{"legacy_development":false,"max_cpu":12.5,"max_memory":49152,)"
    R"("max_environments":1},"development":{"legacy_development":true,"max_cpu":4,)"
    R"("max_memory":8192,"max_environments":30}},"resource_validation_url":"https://x.example/v",)"
    R"("image_types":{"only":["php"],"exclude":["ruby"]}},)"
    R"("maintenance":{"next_maintenance":"2026-12-24T04:00:00Z"})" +
    more;

TEST(DecodeProject, ReadsEveryMember) {
  project expected{
      .id = "rjify4yjcwxaa",
      .created_at = moment("2024-01-01T00:00:00Z"),
      .updated_at = moment("2024-01-02T00:00:00Z"),
      .attributes = raw_json(R"({"k": "v"})"),
      .title = "Blog",
      .description = "The blog",
      .owner = "u",
      .namespace_ = "ns",
      .organization = "o",
      .default_branch = "main",
      .status = {.code = "provisioned", .message = "ok"},
      .timezone = "Europe/Paris",
      .region = "eu-5.platform.sh",
      .repository = {.url = "p@git.eu-5.platform.sh:p.git", .client_ssh_key = "ssh-rsa AAAA"},
      .default_domain = "acme.example"};
  expected.subscription = {.license_uri = "https://x.example/7",
                           .plan = "development",
                           .environments = 3,
                           .storage = 5120,
                           .included_users = 1,
                           .subscription_management_uri = "https://console.upsun.com/o/p",
                           .restricted = false,
                           .suspended = true,
                           .user_licenses = 2,
                           .resource_validation_url = "https://x.example/v"};
  expected.subscription.resources = {
      .container_profiles = true,
      .production = {.legacy_development = false,
                     .max_cpu = 12.5,
                     .max_memory = 49152,
                     .max_environments = 1},
      .development = {
          .legacy_development = true, .max_cpu = 4.0, .max_memory = 8192, .max_environments = 30}};
  expected.subscription.image_types = {.only = {"php"}, .exclude = {"ruby"}};
  expected.maintenance = project_maintenance{.next_maintenance = moment("2026-12-24T04:00:00Z")};
  EXPECT_EQ(decode_document<project>(full_project, {}).value(), expected);
}

TEST(DecodeProject, NeedsWhatItsDocumentDemands) {
  const std::string resources = "/subscription/resources";
  expect_rules<project>(full_project, {.required = {"/id",
                                                    "/title",
                                                    "/description",
                                                    "/status",
                                                    "/status/code",
                                                    "/status/message",
                                                    "/timezone",
                                                    "/region",
                                                    "/repository",
                                                    "/repository/url",
                                                    "/subscription",
                                                    "/subscription/license_uri",
                                                    "/subscription/storage",
                                                    "/subscription/included_users",
                                                    "/subscription/subscription_management_uri",
                                                    "/subscription/restricted",
                                                    "/subscription/suspended",
                                                    "/subscription/user_licenses",
                                                    resources + "/container_profiles",
                                                    resources + "/production",
                                                    resources + "/development",
                                                    resources + "/production/legacy_development",
                                                    resources + "/development/legacy_development",
                                                    "/maintenance/next_maintenance"},
                                       .elements = {"/subscription/image_types/only/0",
                                                    "/subscription/image_types/exclude/0"},
                                       .free = {"/attributes", "/enforce_mfa", "/_links"}});
}

TEST(DecodeProject, TakesTheLeastThatARegionSends) {
  const std::string least =
      R"({"id":"p","created_at":null,"updated_at":null,"attributes":{},"title":"","description":"",)"
      R"("namespace":null,"organization":null,"default_branch":null,)"
      R"("status":{"code":"provisioned","message":""},"timezone":"UTC","region":"r",)"
      R"("repository":{"url":"u","client_ssh_key":null},"default_domain":null,)"
      R"("subscription":{"license_uri":"","storage":0,"included_users":0,)"
      R"("subscription_management_uri":"","restricted":false,"suspended":false,"user_licenses":0}})";
  const project expected{.id = "p",
                         .attributes = raw_json("{}"),
                         .status = {.code = "provisioned"},
                         .timezone = "UTC",
                         .region = "r",
                         .repository = {.url = "u"}};
  EXPECT_EQ(decode_document<project>(least, {}).value(), expected);
}

// ---- what they may use

const std::string full_capabilities =
    R"({"custom_domains":{"enabled":true,"environments_with_domains_limit":3},)"
    R"("source_operations":{"enabled":true},"runtime_operations":{"enabled":false},)"
    R"("tasks":{"enabled":true},"outbound_firewall":{"enabled":false},)"
    R"("egress_proxy":{"enabled":true},"metrics":{"max_range":"30d"},)"
    R"("logs_forwarding":{"max_extra_payload_size":16384},)"
    R"("guaranteed_resources":{"enabled":true,"instance_limit":4},)"
    R"("images": {"php":{"8.4":{"available":true}}} ,"instance_limit":8,)"
    R"("build_resources":{"enabled":true,"max_cpu":4.25,"max_memory":8192},)"
    R"("object_storage":{"enabled":false,"min_storage":1,"max_storage":2,"storage_step":3,)"
    R"("cpu_per_step":0.5,"memory_per_step":4,"max_cpu":1.5e1,"max_memory":5},)"
    R"("data_retention":{"enabled":false},)"
    R"("autoscaling":{"enabled":true,"supports_horizontal_scaling_services":false},)"
    R"("integrations":{"enabled":true,"config":{"webhook":{"enabled":true,"role":""},)"
    R"("cdn.fastly":{"enabled":false,"role":"admin"}},"allowed_integrations":["webhook"]})" +
    more;

TEST(DecodeCapabilities, ReadsEveryMember) {
  project_capabilities expected{
      .custom_domains =
          custom_domains_capability{.enabled = true, .environments_with_domains_limit = 3},
      .source_operations = feature{.enabled = true},
      .runtime_operations = feature{.enabled = false},
      .tasks = feature{.enabled = true},
      .outbound_firewall = feature{.enabled = false},
      .egress_proxy = feature{.enabled = true},
      .metrics = metrics_capability{.max_range = "30d"},
      .logs_forwarding = logs_forwarding_capability{.max_extra_payload_size = 16384},
      .guaranteed_resources = guaranteed_resources_capability{.enabled = true, .instance_limit = 4},
      .images = raw_json(R"({"php":{"8.4":{"available":true}}})"),
      .instance_limit = 8,
      .build_resources =
          build_resources_capability{.enabled = true, .max_cpu = 4.25, .max_memory = 8192}};
  expected.object_storage = {.enabled = false,
                             .min_storage = 1,
                             .max_storage = 2,
                             .storage_step = 3,
                             .cpu_per_step = 0.5,
                             .memory_per_step = 4,
                             .max_cpu = 15.0,
                             .max_memory = 5};
  expected.data_retention = feature{.enabled = false};
  expected.autoscaling = {.enabled = true, .supports_horizontal_scaling_services = false};
  expected.integrations =
      integrations_capability{.enabled = true,
                              .config = {{"webhook", {.enabled = true, .role = ""}},
                                         {"cdn.fastly", {.enabled = false, .role = "admin"}}},
                              .allowed_integrations = {"webhook"}};
  const auto decoded = decode_document<project_capabilities>(full_capabilities, {});
  EXPECT_EQ(decoded.value(), expected);
}

TEST(DecodeCapabilities, NeedsNoFeatureButEachInFull) {
  EXPECT_EQ(decode_document<project_capabilities>("{}", {}).value(), project_capabilities());
  expect_rules<project_capabilities>(
      full_capabilities,
      {.required = {"/custom_domains/enabled", "/custom_domains/environments_with_domains_limit",
                    "/source_operations/enabled", "/runtime_operations/enabled", "/tasks/enabled",
                    "/outbound_firewall/enabled", "/egress_proxy/enabled", "/metrics/max_range",
                    "/logs_forwarding/max_extra_payload_size", "/guaranteed_resources/enabled",
                    "/guaranteed_resources/instance_limit", "/build_resources/enabled",
                    "/object_storage/enabled", "/data_retention/enabled", "/autoscaling/enabled",
                    "/autoscaling/supports_horizontal_scaling_services", "/integrations/enabled"},
       .elements = {"/integrations/config/webhook", "/integrations/config/cdn.fastly",
                    "/integrations/allowed_integrations/0"},
       .free = {"/images", "/enforce_mfa", "/_links"}});
}

TEST(Capabilities, SayWhichKindsOfIntegrationsAreAllowed) {
  integrations_capability allowed =
      decode_document<project_capabilities>(full_capabilities, {}).value().integrations.value();
  EXPECT_TRUE(allowed.allows("webhook"));
  EXPECT_FALSE(allowed.allows("cdn.fastly"));
  EXPECT_FALSE(allowed.allows("gitlab"));
  allowed.config["gitlab"];
  EXPECT_FALSE(allowed.allows("gitlab")) << "it does not say";
  allowed.enabled = false;
  EXPECT_FALSE(allowed.allows("webhook"));
}

TEST(DecodeCapabilities, RefusesAFractionOfWhatIsCounted) {
  const auto decoded = decode_document<project_capabilities>(R"({"instance_limit":8.5})", {});
  EXPECT_EQ(decoded.error().decode()->pointer, "/instance_limit");
  EXPECT_EQ(decoded.error().decode()->found, "number with a fraction");
  EXPECT_EQ(
      decode_document<project_capabilities>(R"({"instance_limit":8.0})", {}).value().instance_limit,
      8);
  const auto endless = decode_document<project_capabilities>(
      R"({"build_resources":{"enabled":true,"max_cpu":1e999}})", {});
  EXPECT_EQ(endless.error().decode()->pointer, "/build_resources/max_cpu");
  EXPECT_EQ(endless.error().decode()->found, "number out of range");
}

// ---- environments

const std::string full_environment =
    R"({"id":"feature/x","created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00Z",)"
    R"("name":"feature/x","machine_name":"feature-x-abc","title":"Feature X",)"
    R"("attributes":{"k":"v"},"type":"staging","parent":"main","default_domain":"acme.example",)"
    R"("has_domains":true,"clone_parent_on_create":false,"deployment_target":"local",)"
    R"("is_pr":true,"has_remote":true,"status":"dirty","http_access":{"is_enabled":true,)"
    R"("addresses":[{"permission":"deny","address":"10.0.0.0/8"}],)"
    R"("basic_auth":{"zo\u00eb":"planted-secret"}},"enable_smtp":true,"restrict_robots":false,)"
    R"("edge_hostname":"feature-x-abc-p.eu-5.platformsh.site","deployment_state":)"
    R"({"last_state_update_successful":true,"last_deployment_successful":false,)"
    R"("last_deployment_failure_reason":"shell","last_deployment_commands":)"
    R"([{"app":"app","type":"deploy","exit_code":1}],"last_deployment_at":"2024-01-03T00:00:00Z",)"
    R"("last_autoscale_up_at":"2024-01-04T00:00:00Z",)"
    R"("last_autoscale_down_at":"2024-01-05T00:00:00Z",)"
    R"("last_maintenance_at":"2024-01-06T00:00:00Z","crons":{"enabled":true,"status":"sleeping"}},)"
    R"("sizing":{"services":{"db":{"disk":1}}},"resources_overrides":{ },"max_instance_count":4,)"
    R"("last_active_at":"2024-01-07T00:00:00Z","last_backup_at":"2024-01-08T00:00:00Z",)"
    R"("project":"p","is_main":false,"is_dirty":true,"has_staged_activities":true,)"
    R"("can_rolling_deploy":false,"supports_rolling_deployments":true,"has_code":true,)"
    R"("head_commit":"1f0c9b7a","merge_info":{"commits_ahead":1,"commits_behind":0,)"
    R"("parent_ref":"2e"},"has_deployment":true,"supports_restrict_robots":false)" +
    more;

TEST(DecodeEnvironment, ReadsEveryMember) {
  environment expected{
      .id = "feature/x",
      .created_at = moment("2024-01-01T00:00:00Z"),
      .updated_at = moment("2024-01-02T00:00:00Z"),
      .name = "feature/x",
      .machine_name = "feature-x-abc",
      .title = "Feature X",
      .attributes = raw_json(R"({"k":"v"})"),
      .type = environment_type::staging,
      .parent = "main",
      .default_domain = "acme.example",
      .has_domains = true,
      .clone_parent_on_create = false,
      .deployment_target = "local",
      .is_pr = true,
      .has_remote = true,
      .status = environment_status::dirty,
      .enable_smtp = true,
      .restrict_robots = false,
      .edge_hostname = "feature-x-abc-p.eu-5.platformsh.site",
      .sizing = raw_json(R"({"services":{"db":{"disk":1}}})"),
      .resources_overrides = raw_json("{ }"),
      .max_instance_count = 4,
      .last_active_at = moment("2024-01-07T00:00:00Z"),
      .last_backup_at = moment("2024-01-08T00:00:00Z"),
      .project = "p",
      .is_main = false,
      .is_dirty = true,
      .has_staged_activities = true,
      .can_rolling_deploy = false,
      .supports_rolling_deployments = true,
      .has_code = true,
      .head_commit = "1f0c9b7a",
      .merge_info = merge_info{.commits_ahead = 1, .commits_behind = 0, .parent_ref = "2e"},
      .has_deployment = true,
      .supports_restrict_robots = false};
  expected.http_access =
      http_access{.is_enabled = true,
                  .addresses = {{.permission = access_permission::deny, .address = "10.0.0.0/8"}},
                  .basic_auth = {{"zoë", secret("planted-secret")}}};
  expected.deployment_state = deployment_state{
      .last_state_update_successful = true,
      .last_deployment_successful = false,
      .last_deployment_failure_reason = failure_reason::shell,
      .last_deployment_commands = {{.app = "app", .type = "deploy", .exit_code = 1}},
      .last_deployment_at = moment("2024-01-03T00:00:00Z"),
      .last_autoscale_up_at = moment("2024-01-04T00:00:00Z"),
      .last_autoscale_down_at = moment("2024-01-05T00:00:00Z"),
      .last_maintenance_at = moment("2024-01-06T00:00:00Z"),
      .crons = cron_state{.enabled = true, .status = cron_status::sleeping}};
  const auto decoded = decode_document<environment>(full_environment, {});
  EXPECT_EQ(decoded.value(), expected);
  EXPECT_EQ(printed(*decoded).find("planted-secret"), std::string::npos) << printed(*decoded);
}

TEST(DecodeEnvironment, NeedsWhatSaysWhichItIsAndWhetherItRuns) {
  const std::string deployment = "/deployment_state";
  const std::string command = deployment + "/last_deployment_commands/0";
  const std::string address = "/http_access/addresses/0";
  expect_rules<environment>(
      full_environment,
      {.required = {"/id", "/name", "/machine_name", "/title", "/type", "/is_pr", "/status",
                    "/project", "/is_main", "/http_access/is_enabled", address + "/permission",
                    address + "/address", command + "/app", command + "/type",
                    command + "/exit_code", deployment + "/crons/enabled",
                    deployment + "/crons/status"},
       .elements = {address, command, "/http_access/basic_auth/zo\xC3\xAB"},
       .free = {"/attributes", "/sizing", "/resources_overrides", "/enforce_mfa", "/_links"}});
}

TEST(DecodeEnvironment, TakesTheLeast) {
  const auto decoded = decode_document<environment>(
      R"({"id":"e","name":"e","machine_name":"m","title":"","type":"preview","is_pr":false,)"
      R"("status":"thawing","project":"p","is_main":true,"http_access":{"is_enabled":false,)"
      R"("addresses":null},"deployment_state":{},"sizing":null})",
      {});
  environment expected{.id = "e",
                       .name = "e",
                       .machine_name = "m",
                       .type = open_enum<environment_type>("preview"),
                       .status = open_enum<environment_status>("thawing"),
                       .http_access = http_access(),
                       .deployment_state = deployment_state(),
                       .project = "p",
                       .is_main = true};
  EXPECT_EQ(decoded.value(), expected);
}

// ---- activities

const std::string full_activity =
    R"({"id":"a","created_at":"2024-01-01T00:00:00Z","updated_at":"2024-01-02T00:00:00Z",)"
    R"("type":"environment.push","parameters":{"force": true},"project":"p","integration":"i",)"
    R"("environments":["main"],"state":"complete","result":"failure","failure_reason":"error",)"
    R"("started_at":"2024-01-03T00:00:00Z","completed_at":"2024-01-04T00:00:00Z",)"
    R"("completion_percent":99.9,"cancelled_at":"2024-01-05T00:00:00Z",)"
    R"("timings":{"wait":0.25,"build":12},"log":"one","payload":{"x":["planted-secret"]},)"
    R"("description":"<b>Zo\ud83d pushed</b>","text":"Zo\ud83d pushed",)"
    R"("expires_at":"2024-01-06T00:00:00Z",)"
    R"("commands":[{"app":"app","type":"build","exit_code":-1}])" +
    more;

TEST(DecodeProjectActivity, ReadsEveryMember) {
  const activity expected{.id = "a",
                          .type = "environment.push",
                          .state = activity_state::complete,
                          .result = activity_result::failure,
                          .completion_percent = 99,
                          .log = "one",
                          .text = "Zo\xEF\xBF\xBD pushed",
                          .description = "<b>Zo\xEF\xBF\xBD pushed</b>",
                          .integration = "i",
                          .project = "p",
                          .environments = {"main"},
                          .created_at = moment("2024-01-01T00:00:00Z"),
                          .updated_at = moment("2024-01-02T00:00:00Z"),
                          .started_at = moment("2024-01-03T00:00:00Z"),
                          .completed_at = moment("2024-01-04T00:00:00Z"),
                          .cancelled_at = moment("2024-01-05T00:00:00Z"),
                          .expires_at = moment("2024-01-06T00:00:00Z"),
                          .failure_reason = failure_reason::error,
                          .timings = {{"wait", 0.25}, {"build", 12.0}},
                          .commands = {{.app = "app", .type = "build", .exit_code = -1}},
                          .parameters = raw_json(R"({"force": true})"),
                          .payload = raw_json(R"({"x":["planted-secret"]})")};
  const auto decoded = decode_document<activity>(full_activity, {});
  EXPECT_EQ(decoded.value(), expected);
  EXPECT_EQ(printed(*decoded).find("planted-secret"), std::string::npos);
}

TEST(DecodeProjectActivity, NeedsWhatSaysWhichItIsAndHowFarItCame) {
  std::string whole = full_activity;  // Boost.JSON takes no halves of pairs
  for (std::size_t at; (at = whole.find(R"(\ud83d)")) != std::string::npos;) whole.erase(at, 6);
  expect_rules<activity>(
      whole, {.required = {"/id", "/type", "/state", "/completion_percent", "/commands/0/app",
                           "/commands/0/type", "/commands/0/exit_code"},
              .elements = {"/environments/0", "/timings/wait", "/timings/build", "/commands/0"},
              .free = {"/parameters", "/payload", "/enforce_mfa", "/_links"}});
  EXPECT_EQ(decode_document<activity>(
                R"({"id":"a","type":"t","state":"paused","completion_percent":0})", {})
                .value(),
            (activity{.id = "a", .type = "t", .state = open_enum<activity_state>("paused")}));
}

}  // namespace project_types_test
}  // namespace upsun
