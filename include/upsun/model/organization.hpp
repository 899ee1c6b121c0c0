#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// The type of an organization, by how it pays. Unknown ones are kept by `open_enum`.
enum class organization_type { fixed, flexible };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<organization_type>{"fixed", "flexible"};

/// The status of an organization. Unknown ones are kept by `open_enum`.
enum class organization_status { active, restricted, suspended, deleted };
template <>
inline constexpr std::array<std::string_view, 4> wire_names<organization_status>{
    "active", "restricted", "suspended", "deleted"};

/// Which of the platform's agents an organization uses.
struct ai_agent_settings {
  std::optional<bool> can_enable{};
  std::optional<bool> performance_agent_enabled{};
  std::optional<bool> log_analyzer_agent_enabled{};
};
BOOST_DESCRIBE_STRUCT(ai_agent_settings, (),
                      (can_enable, performance_agent_enabled, log_analyzer_agent_enabled))

/// An organization: it owns projects. Members have the API's names. The API promises none of them;
/// one without an `id` cannot be addressed, and is an error in its place.
struct organization {
  std::string id{};
  std::optional<open_enum<organization_type>> type{};
  std::optional<std::string> owner_id{};
  // NOLINTNEXTLINE(readability-identifier-naming): the API's name is a keyword
  std::optional<std::string> namespace_{};
  /// The name for machines, such as "acme". See `organization_id::named`.
  std::optional<std::string> name{};
  /// The name for people.
  std::optional<std::string> label{};
  std::optional<std::string> country{};
  /// Empty also when the member is missing.
  std::vector<std::string> capabilities{};
  std::optional<std::string> vendor{};
  std::optional<std::string> billing_profile_id{};
  std::optional<bool> billing_legacy{};
  std::optional<std::string> security_contact{};
  std::optional<upsun::ai_agent_settings> ai_agent_settings{};
  std::optional<open_enum<organization_status>> status{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
};
BOOST_DESCRIBE_STRUCT(organization, (),
                      (id, type, owner_id, namespace_, name, label, country, capabilities, vendor,
                       billing_profile_id, billing_legacy, security_contact, ai_agent_settings,
                       status, created_at, updated_at))

/// What a link of a list says of an organization: `organization` in short.
struct organization_reference {
  std::string id{};
  std::optional<std::string> type{};
  std::optional<std::string> owner_id{};
  std::optional<std::string> name{};
  std::optional<std::string> label{};
  std::optional<std::string> vendor{};
  std::optional<timestamp> created_at{};
  std::optional<timestamp> updated_at{};
};
BOOST_DESCRIBE_STRUCT(organization_reference, (),
                      (id, type, owner_id, name, label, vendor, created_at, updated_at))

}  // namespace upsun
