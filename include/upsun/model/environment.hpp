#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/activity.hpp>
#include <upsun/model/described.hpp>

namespace upsun {

/// What an environment is for. Unknown values are kept by `open_enum`.
enum class environment_type { development, production, staging };
template <>
inline constexpr std::array<std::string_view, 3> wire_names<environment_type>{
    "development", "production", "staging"};

/// The status of an environment. Unknown ones are kept by `open_enum`.
enum class environment_status { active, deleting, dirty, inactive, paused };
template <>
inline constexpr std::array<std::string_view, 5> wire_names<environment_status>{
    "active", "deleting", "dirty", "inactive", "paused"};

/// What an address may do.
enum class access_permission { allow, deny };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<access_permission>{"allow", "deny"};

/// Whether an environment's cron jobs run.
enum class cron_status { paused, running, sleeping };
template <>
inline constexpr std::array<std::string_view, 3> wire_names<cron_status>{"paused", "running",
                                                                         "sleeping"};

/// A rule for an address or a network.
struct address_rule {
  open_enum<access_permission> permission{};
  std::string address{};
};
BOOST_DESCRIBE_STRUCT(address_rule, (), (permission, address))

/// Who may see an environment's sites.
struct http_access {
  bool is_enabled = false;
  std::vector<address_rule> addresses{};
  /// Passwords by user name.
  std::map<std::string, secret> basic_auth{};
};
BOOST_DESCRIBE_STRUCT(http_access, (), (is_enabled, addresses, basic_auth))

/// An environment's cron jobs.
struct cron_state {
  bool enabled = false;
  open_enum<cron_status> status{};
};
BOOST_DESCRIBE_STRUCT(cron_state, (), (enabled, status))

/// How an environment's last deployment went.
struct deployment_state {
  std::optional<bool> last_state_update_successful{};
  std::optional<bool> last_deployment_successful{};
  std::optional<open_enum<failure_reason>> last_deployment_failure_reason{};
  std::vector<activity_command> last_deployment_commands{};
  std::optional<timestamp> last_deployment_at{};
  std::optional<timestamp> last_autoscale_up_at{};
  std::optional<timestamp> last_autoscale_down_at{};
  std::optional<timestamp> last_maintenance_at{};
  std::optional<cron_state> crons{};
};
BOOST_DESCRIBE_STRUCT(deployment_state, (),
                      (last_state_update_successful, last_deployment_successful,
                       last_deployment_failure_reason, last_deployment_commands, last_deployment_at,
                       last_autoscale_up_at, last_autoscale_down_at, last_maintenance_at, crons))

/// How an environment's branch stands to its parent's.
struct merge_info {
  std::optional<std::int64_t> commits_ahead{};
  std::optional<std::int64_t> commits_behind{};
  std::optional<std::string> parent_ref{};
};
BOOST_DESCRIBE_STRUCT(merge_info, (), (commits_ahead, commits_behind, parent_ref))

/// An environment of a project: a branch, and what runs of it. Members have the API's names. Those
/// that say which it is and whether it runs are required; features come and go with the regions'
/// releases, so a member about one is empty where the region does not know it.
struct environment {
  std::string id{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
  std::string name{};
  std::string machine_name{};
  std::string title{};
  raw_json attributes{};
  open_enum<environment_type> type{};
  /// The id of the parent. Empty: it has none.
  std::optional<std::string> parent{};
  std::optional<std::string> default_domain{};
  std::optional<bool> has_domains{};
  std::optional<bool> clone_parent_on_create{};
  std::optional<std::string> deployment_target{};
  bool is_pr = false;
  std::optional<bool> has_remote{};
  open_enum<environment_status> status{};
  std::optional<upsun::http_access> http_access{};
  std::optional<bool> enable_smtp{};
  std::optional<bool> restrict_robots{};
  std::optional<std::string> edge_hostname{};
  std::optional<upsun::deployment_state> deployment_state{};
  raw_json sizing{};
  raw_json resources_overrides{};
  std::optional<std::int64_t> max_instance_count{};
  std::optional<timestamp> last_active_at{};
  std::optional<timestamp> last_backup_at{};
  std::string project{};
  bool is_main = false;
  std::optional<bool> is_dirty{};
  std::optional<bool> has_staged_activities{};
  std::optional<bool> can_rolling_deploy{};
  std::optional<bool> supports_rolling_deployments{};
  std::optional<bool> has_code{};
  std::optional<std::string> head_commit{};
  std::optional<upsun::merge_info> merge_info{};
  std::optional<bool> has_deployment{};
  std::optional<bool> supports_restrict_robots{};
};
BOOST_DESCRIBE_STRUCT(environment, (),
                      (id, created_at, updated_at, name, machine_name, title, attributes, type,
                       parent, default_domain, has_domains, clone_parent_on_create,
                       deployment_target, is_pr, has_remote, status, http_access, enable_smtp,
                       restrict_robots, edge_hostname, deployment_state, sizing,
                       resources_overrides, max_instance_count, last_active_at, last_backup_at,
                       project, is_main, is_dirty, has_staged_activities, can_rolling_deploy,
                       supports_rolling_deployments, has_code, head_commit, merge_info,
                       has_deployment, supports_restrict_robots))

}  // namespace upsun
