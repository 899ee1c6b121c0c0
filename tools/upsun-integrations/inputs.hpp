#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <upsun/model/integration_input.hpp>

#include "members.hpp"

namespace upsun::tool {

/// The kind with this name, or, without a name, that of the document's "type".
/// \throws usage_error when there is no such kind.
[[nodiscard]] std::size_t kind_of(const std::string& name, const given_members& given);

/// The input that creates an integration of a kind. Members of the document that only the server
/// sets are ignored, so that the document may be what `get --json` prints. \param kind index of the
/// kind, see `find_kind` \throws usage_error for members that are missing, unknown or of another
/// type
[[nodiscard]] integration_input make_input(std::size_t kind, const given_members& given);

/// The patch that changes an integration of a kind. Null members are sent as null.
/// \throws usage_error as `make_input`, and when there is nothing to change.
[[nodiscard]] integration_patch make_patch(std::size_t kind, const given_members& given);

/// A member that can be set when an integration is created or changed.
struct member_description {
  std::string name;
  std::string type;  ///< For people: "text", "secret", "list", "tcp, tls or udp" ...
  bool required = false;
};
[[nodiscard]] std::vector<member_description> describe_members(std::size_t kind);

}  // namespace upsun::tool
