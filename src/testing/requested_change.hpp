#pragma once

#include <string>
#include <string_view>
#include <variant>

#include <upsun/model/integration.hpp>

namespace upsun::testing {

/// The integration that a request makes, or what is wrong with it: a JSON object with a complaint
/// for each member, as the API sends it in `detail`.
using requested_change = std::variant<upsun::integration, std::string>;

/// What the body of a POST makes. Members not sent have the values that the official command line
/// sends.
[[nodiscard]] requested_change created_integration(std::string_view body, const std::string& id,
                                                   timestamp now);

/// What the body of a PATCH makes of an integration. \pre `current` is of a known kind
[[nodiscard]] requested_change changed_integration(const upsun::integration& current,
                                                   std::string_view body, timestamp now);

/// What is wrong with an integration as it is stored, by the checks that its creation passed: as
/// above; empty when nothing is. \pre `value` is of a known kind
[[nodiscard]] std::string complaints_about(const upsun::integration& value);

/// What no two integrations of a project may share: the repository of a kind with one. Empty for
/// other kinds.
[[nodiscard]] std::string source_of(const upsun::integration& value);

}  // namespace upsun::testing
