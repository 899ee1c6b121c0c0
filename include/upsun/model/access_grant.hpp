#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// What a user was given access to. Unknown values are kept by `open_enum`.
enum class granted_resource { project, organization };
template <>
inline constexpr std::array<std::string_view, 2> wire_names<granted_resource>{"project",
                                                                              "organization"};

/// Access of a user to one project or organization, also one of other people's: what
/// `client::extended_access` lists. Members have the API's names.
struct access_grant {
  std::optional<std::string> user_id{};
  std::string resource_id{};
  std::optional<open_enum<granted_resource>> resource_type{};
  std::optional<std::string> organization_id{};
  std::vector<std::string> permissions{};
  std::optional<timestamp> granted_at{};
  std::optional<timestamp> updated_at{};
};
BOOST_DESCRIBE_STRUCT(access_grant, (),
                      (user_id, resource_id, resource_type, organization_id, permissions,
                       granted_at, updated_at))

}  // namespace upsun
