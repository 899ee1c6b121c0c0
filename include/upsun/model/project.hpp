#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// What a project runs on. Unknown values are kept by `open_enum`.
enum class project_type { grid, dedicated };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<project_type>{"grid", "dedicated"};

/// The status of a project in lists. Unknown ones are kept by `open_enum`.
enum class project_status { requested, active, failed, suspended, deleted };
template <>
inline constexpr std::array<std::string_view, 5> wire_names<project_status>{
    "requested", "active", "failed", "suspended", "deleted"};

/// A project as the list of an organization's projects has it. Members have the API's names. The
/// API promises none of them; one without an `id` cannot be addressed, and is an error in its
/// place. See `project` for what the project itself says.
struct organization_project {
  std::string id{};
  std::optional<std::string> organization_id{};
  std::optional<std::string> subscription_id{};
  std::optional<std::string> vendor{};
  /// The region it runs in, such as "eu-5.platform.sh".
  std::optional<std::string> region{};
  std::optional<std::string> title{};
  std::optional<open_enum<project_type>> type{};
  std::optional<std::string> plan{};
  std::optional<std::string> timezone{};
  std::optional<std::string> default_branch{};
  std::optional<open_enum<project_status>> status{};
  std::optional<bool> trial_plan{};
  std::optional<std::string> project_ui{};
  std::optional<std::string> dedicated_tag{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
  raw_json activities{};
  /// Empty also when the member is missing or null.
  std::vector<std::string> fastly_service_ids{};
  raw_json project_options{};
};
BOOST_DESCRIBE_STRUCT(organization_project, (),
                      (id, organization_id, subscription_id, vendor, region, title, type, plan,
                       timezone, default_branch, status, trial_plan, project_ui, dedicated_tag,
                       created_at, updated_at, activities, fastly_service_ids, project_options))

/// What a link of a list says of a project: `organization_project` in short.
struct project_reference {
  std::string id{};
  std::optional<std::string> organization_id{};
  std::optional<std::string> subscription_id{};
  std::optional<std::string> region{};
  std::optional<std::string> title{};
  std::optional<open_enum<project_type>> type{};
  std::optional<std::string> plan{};
  std::optional<open_enum<project_status>> status{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
  std::optional<bool> invoiced{};
};
BOOST_DESCRIBE_STRUCT(project_reference, (),
                      (id, organization_id, subscription_id, region, title, type, plan, status,
                       created_at, updated_at, invoiced))

/// How setting up a project went.
struct project_state {
  std::string code{};
  std::string message{};
};
BOOST_DESCRIBE_STRUCT(project_state, (), (code, message))

/// A project's Git repository.
struct project_repository {
  std::string url{};
  std::optional<std::string> client_ssh_key{};
};
BOOST_DESCRIBE_STRUCT(project_repository, (), (url, client_ssh_key))

/// The most that environments of one type may use. An empty member is no limit.
struct resource_limits {
  bool legacy_development = false;
  std::optional<double> max_cpu{};
  std::optional<std::int64_t> max_memory{};
  std::optional<std::int64_t> max_environments{};
};
BOOST_DESCRIBE_STRUCT(resource_limits, (),
                      (legacy_development, max_cpu, max_memory, max_environments))

/// The most that a project's environments may use.
struct subscription_resources {
  bool container_profiles = false;
  resource_limits production{};
  resource_limits development{};
};
BOOST_DESCRIBE_STRUCT(subscription_resources, (), (container_profiles, production, development))

/// Which images a project may use.
struct image_types {
  std::vector<std::string> only{};
  std::vector<std::string> exclude{};
};
BOOST_DESCRIBE_STRUCT(image_types, (), (only, exclude))

/// What a project's organization has booked for it.
struct project_subscription {
  std::string license_uri{};
  std::optional<std::string> plan{};
  std::optional<std::int64_t> environments{};
  std::int64_t storage = 0;
  std::int64_t included_users = 0;
  std::string subscription_management_uri{};
  bool restricted = false;
  bool suspended = false;
  std::int64_t user_licenses = 0;
  std::optional<subscription_resources> resources{};
  std::optional<std::string> resource_validation_url{};
  std::optional<upsun::image_types> image_types{};
};
BOOST_DESCRIBE_STRUCT(project_subscription, (),
                      (license_uri, plan, environments, storage, included_users,
                       subscription_management_uri, restricted, suspended, user_licenses, resources,
                       resource_validation_url, image_types))

/// When a project's maintenance is due.
struct project_maintenance {
  timestamp next_maintenance{};
};
BOOST_DESCRIBE_STRUCT(project_maintenance, (), (next_maintenance))

/// A project. Members have the API's names, and are required as its document says, except for
/// `owner`, which it deprecates, and `maintenance`, which older regions do not know.
struct project {
  std::string id{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
  raw_json attributes{};
  std::string title{};
  std::string description{};
  std::optional<std::string> owner{};
  // NOLINTNEXTLINE(readability-identifier-naming): the API's name is a keyword
  std::optional<std::string> namespace_{};
  std::optional<std::string> organization{};
  std::optional<std::string> default_branch{};
  project_state status{};
  std::string timezone{};
  std::string region{};
  project_repository repository{};
  std::optional<std::string> default_domain{};
  project_subscription subscription{};
  std::optional<project_maintenance> maintenance{};
};
BOOST_DESCRIBE_STRUCT(project, (),
                      (id, created_at, updated_at, attributes, title, description, owner,
                       namespace_, organization, default_branch, status, timezone, region,
                       repository, default_domain, subscription, maintenance))

}  // namespace upsun
