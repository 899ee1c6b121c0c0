#include "testing/fleet_documents.hpp"

#include <boost/json/array.hpp>

#include <upsun/model/kinds.hpp>

#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

namespace json = boost::json;
using json::array;
using json::object;
using namespace std::chrono_literals;

constexpr timestamp user_since = std::chrono::sys_days(2022y / 5 / 1) + 9h + 81'312us;

std::string subscription_of(std::size_t project) { return std::to_string(1'000'000 + project); }

object switched(bool enabled) { return {{"enabled", enabled}}; }

json::value text_value(std::string_view text) {
  return json::value(json::string_view(text.data(), text.size()));
}

}  // namespace

object fleet_documents::link(const std::string& path) const {
  return {{"href", std::string(prefix_) + path}};
}

std::string fleet_documents::organization_path(std::size_t number) const {
  return "/organizations/" + fleet_.organization_id(number);
}

object fleet_documents::user() const {
  const std::string id = fleet_.user_id();
  return {{"id", id},
          {"deactivated", false},
          {"namespace", "ns"},
          {"username", "sandbox.user"},
          {"email", "user@example.com"},
          {"email_verified", true},
          {"first_name", "Zoë"},
          {"last_name", "O'Neil"},
          {"picture", "https://example.com/picture.png"},
          {"company", ""},
          {"website", ""},
          {"country", "FR"},
          {"mfa_enabled", true},
          {"current_trial", nullptr},
          {"created_at", format_timestamp(user_since)},
          {"updated_at", format_timestamp(user_since + 1h)},
          {"_links", object{{"self", link("/users/" + id)}}}};
}

object fleet_documents::organization_reference(std::size_t number) const {
  const timestamp created = fleet_.organization_created(number);
  return {{"id", fleet_.organization_id(number)},
          {"type", number % 2 == 0 ? "flexible" : "fixed"},
          {"owner_id", fleet_.owner_of(number)},
          {"name", fleet_.organization_name(number)},
          {"label", fleet_.organization_label(number)},
          {"vendor", "upsun"},
          {"created_at", format_timestamp(created)},
          {"updated_at", format_timestamp(created + 24h)}};
}

object fleet_documents::organization(std::size_t number) const {
  const std::string path = organization_path(number);
  object made = organization_reference(number);
  made["namespace"] = "ns";
  made["country"] = "DE";
  made["capabilities"] = array{"metrics", "sumo", "custom_domains"};
  made["billing_profile_id"] = "bp-" + std::to_string(number);
  made["billing_legacy"] = false;
  made["security_contact"] = "security@example.com";
  made["ai_agent_settings"] = object{{"can_enable", true},
                                     {"performance_agent_enabled", false},
                                     {"log_analyzer_agent_enabled", false}};
  made["status"] = text_value(fleet_.organization_status(number));
  made["notes"] = nullptr;
  object links{{"self", link(path)}, {"members", link(path + "/members")}};
  links["update"] = link(path);
  links["update"].as_object()["method"] = "PATCH";
  links["ref:users:0"] = link("/ref/users?in=" + fleet_.owner_of(number) + "&sig=unused");
  made["_links"] = std::move(links);
  return made;
}

object fleet_documents::project_reference(std::size_t number) const {
  const bool suspended = fleet_.state(number) == project_state::suspended;
  const timestamp created = fleet_.created(number);
  return {{"id", fleet_.project_id(number)},
          {"organization_id", fleet_.organization_id(fleet_.organization_of(number))},
          {"subscription_id", subscription_of(number)},
          {"region", text_value(fleet_.region(number))},
          {"title", fleet_.title(number)},
          {"type", number % 40 == 39 ? "dedicated" : "grid"},
          {"plan", "upsun/flexible"},
          {"status", suspended ? "suspended" : "active"},
          {"created_at", format_timestamp(created)},
          {"updated_at", format_timestamp(created + 24h)},
          {"invoiced", number % 2 == 0}};
}

object fleet_documents::listed_project(std::size_t number) const {
  const std::string path = "/projects/" + percent_encoded(fleet_.project_id(number));
  object made = project_reference(number);
  made.erase("invoiced");
  made["vendor"] = "upsun";
  made["timezone"] = "Europe/Paris";
  made["default_branch"] = "main";
  made["trial_plan"] = false;
  made["project_ui"] = "https://console.upsun.com" + path;
  made["dedicated_tag"] = nullptr;
  made["activities"] = nullptr;
  made["fastly_service_ids"] = nullptr;
  made["project_options"] = object{{"initialize", object()}};
  made["cost_center"] = nullptr;
  made["_links"] = object{
      {"self", link(organization_path(fleet_.organization_of(number)) + path)},
      {"api", object{{"href", "https://" + std::string(fleet_.region(number)) + "/api" + path}}},
      {"subscription", link("/subscriptions/" + subscription_of(number))},
      {"delete", nullptr}};
  return made;
}

object fleet_documents::access(std::string_view type, const std::string& id,
                               std::size_t organization) const {
  return {{"user_id", fleet_.user_id()},
          {"resource_id", id},
          {"resource_type", text_value(type)},
          {"organization_id", fleet_.organization_id(organization)},
          {"permissions", array{"viewer", "development:viewer"}},
          {"granted_at", format_timestamp(user_since)},
          {"updated_at", format_timestamp(user_since)}};
}

object fleet_documents::project_access(std::size_t number) const {
  return access("project", fleet_.project_id(number), fleet_.organization_of(number));
}

object fleet_documents::organization_access(std::size_t number) const {
  return access("organization", fleet_.organization_id(number), number);
}

object fleet_documents::project(std::size_t number) const {
  const std::string id = fleet_.project_id(number);
  const std::string path = "/projects/" + percent_encoded(id);
  const std::string region(fleet_.region(number));
  const bool suspended = fleet_.state(number) == project_state::suspended;
  const std::size_t of = fleet_.organization_of(number);
  const timestamp created = fleet_.created(number);
  object made{{"id", id},
              {"created_at", format_timestamp(created)},
              {"updated_at", nullptr},
              {"attributes", object()},
              {"title", fleet_.title(number)},
              {"description", ""},
              {"owner", fleet_.owner_of(of)},
              {"namespace", "ns"},
              {"organization", fleet_.organization_id(of)},
              {"default_branch", "main"},
              {"timezone", "Europe/Paris"},
              {"region", region},
              {"default_domain", nullptr},
              {"enforce_mfa", false}};
  made["status"] = object{{"code", suspended ? "suspended" : "provisioned"}, {"message", "ok"}};
  made["repository"] = object{{"url", id + "@git." + region + ":" + id + ".git"},
                              {"client_ssh_key", "ssh-rsa AAAA"}};
  made["subscription"] = object{
      {"license_uri", "https://accounts.upsun.com/api/v1/licenses/" + subscription_of(number)},
      {"plan", "development"},
      {"environments", 3},
      {"storage", 5'120},
      {"included_users", 1},
      {"subscription_management_uri",
       "https://console.upsun.com/" + fleet_.organization_name(of) + "/" + id},
      {"restricted", false},
      {"suspended", suspended},
      {"user_licenses", 1}};
  made["maintenance"] = nullptr;
  made["_links"] = object{{"self", object{{"href", "https://" + region + "/api" + path}}},
                          {"#capabilities", link(path + "/capabilities")},
                          {"integrations", link(path + "/integrations")},
                          {"environments", link(path + "/environments")}};
  return made;
}

object fleet_documents::capabilities() const {
  object config;
  array allowed;
  for (const std::string_view kind : kind_names) {
    config.emplace(kind, object{{"enabled", kind != "cdn.fastly"}, {"role", ""}});
    if (kind != "cdn.fastly") allowed.push_back(text_value(kind));
  }
  object made{{"custom_domains", object{{"enabled", true}, {"environments_with_domains_limit", 0}}},
              {"source_operations", switched(true)},
              {"runtime_operations", switched(true)},
              {"tasks", switched(false)},
              {"outbound_firewall", switched(false)},
              {"metrics", object{{"max_range", "30d"}}},
              {"logs_forwarding", object{{"max_extra_payload_size", 16'384}}},
              {"guaranteed_resources", object{{"enabled", true}, {"instance_limit", 4}}},
              {"images", object{{"php", object{{"8.4", object{{"available", true}}}}}}},
              {"instance_limit", 8},
              {"data_retention", switched(false)},
              {"crons", switched(true)}};
  made["build_resources"] = object{{"enabled", true}, {"max_cpu", 4.0}, {"max_memory", 8'192}};
  made["object_storage"] =
      object{{"enabled", false},    {"min_storage", 0},     {"max_storage", 0}, {"storage_step", 0},
             {"cpu_per_step", 0.5}, {"memory_per_step", 0}, {"max_cpu", 0.0},   {"max_memory", 0}};
  made["autoscaling"] = object{{"enabled", true}, {"supports_horizontal_scaling_services", false}};
  made["integrations"] = object{{"enabled", true},
                                {"config", std::move(config)},
                                {"allowed_integrations", std::move(allowed)}};
  return made;
}

std::string fleet_documents::environment_id(std::size_t environment) {
  static constexpr const char* first[] = {"main", "staging", "feature/x", "pr-7", "feature/ü ber"};
  constexpr std::size_t named = std::size(first);
  return environment < named ? first[environment] : "feature/" + std::to_string(environment);
}

object fleet_documents::environment(std::size_t project, std::size_t environment) const {
  const std::string id = environment_id(environment);
  const bool main = environment == 0;
  const std::string machine = main ? "main-bvxea6i" : "env-" + std::to_string(environment);
  const std::string project_id = fleet_.project_id(project);
  const std::string created = format_timestamp(fleet_.created(project));
  const std::string path =
      "/projects/" + percent_encoded(project_id) + "/environments/" + percent_encoded(id);
  object made{
      {"id", id},
      {"created_at", created},
      {"updated_at", created},
      {"name", id},
      {"machine_name", machine},
      {"title", main ? "Main" : id},
      {"attributes", object()},
      {"type", main               ? "production"
               : environment == 1 ? "staging"
                                  : "development"},
      {"parent", main ? json::value() : json::value("main")},
      {"default_domain", nullptr},
      {"has_domains", main},
      {"clone_parent_on_create", true},
      {"deployment_target", "local"},
      {"is_pr", id.starts_with("pr-")},
      {"has_remote", true},
      {"status", environment == 2 ? "inactive" : "active"},
      {"enable_smtp", main},
      {"restrict_robots", !main},
      {"edge_hostname", machine + "-" + project_id + "." + std::string(fleet_.region(project))},
      {"max_instance_count", nullptr},
      {"last_active_at", created},
      {"last_backup_at", nullptr},
      {"project", project_id},
      {"is_main", main},
      {"is_dirty", false},
      {"has_staged_activities", false},
      {"can_rolling_deploy", false},
      {"supports_rolling_deployments", true},
      {"has_code", true},
      {"head_commit", "1f0c9b7a3d5e4c2b8a6f9e0d1c2b3a4f5e6d7c8b"},
      {"has_deployment", environment != 2},
      {"supports_restrict_robots", true},
      {"deployment_type", "automatic"}};
  made["http_access"] =
      object{{"is_enabled", false}, {"addresses", array()}, {"basic_auth", object()}};
  made["deployment_state"] = nullptr;
  if (main)
    made["deployment_state"] = object{{"last_state_update_successful", true},
                                      {"last_deployment_successful", true},
                                      {"last_deployment_failure_reason", nullptr},
                                      {"last_deployment_commands", array()},
                                      {"last_deployment_at", created},
                                      {"last_autoscale_up_at", nullptr},
                                      {"last_autoscale_down_at", nullptr},
                                      {"last_maintenance_at", nullptr},
                                      {"crons", object{{"enabled", true}, {"status", "running"}}}};
  made["sizing"] = object{
      {"services", object()}, {"webapps", object()}, {"workers", object()}, {"tasks", object()}};
  made["resources_overrides"] = object();
  made["merge_info"] =
      object{{"commits_ahead", nullptr}, {"commits_behind", 0}, {"parent_ref", nullptr}};
  made["_links"] = object{
      {"self", object{{"href", "https://" + std::string(fleet_.region(project)) + "/api" + path}}},
      {"activities", link(path + "/activities")}};
  return made;
}

}  // namespace upsun::testing
