#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

#include <upsun/fleet.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/project.hpp>

#include "listing.hpp"

/// \file
/// What lists of a fleet show of each element: the columns, a row, and JSON.

namespace upsun::tool {

[[nodiscard]] std::vector<column> organization_columns();
[[nodiscard]] std::vector<std::string> row_of(const organization& value);

[[nodiscard]] std::vector<column> project_columns();
/// \param of its organization
[[nodiscard]] std::vector<std::string> row_of(const organization_project& value,
                                              const organization& of);
/// `{"organization": {...}, "project": {...}}`, both as the API shows them, in short.
[[nodiscard]] boost::json::value to_json(const organization_project& value, const organization& of);

[[nodiscard]] std::vector<column> integration_columns();
[[nodiscard]] std::vector<std::string> row_of(const fleet_project& of, const integration& value);
/// `{"organization": {...}, "project": {...}, NAME: DOCUMENT}`, since kinds have members that are
/// called "project", too.
[[nodiscard]] std::string to_json(const fleet_project& of, const std::string& name,
                                  const std::string& document);

/// The name of the organization to address it by; its id when it has none that is known.
[[nodiscard]] std::string organization_of(const fleet_project& of);

}  // namespace upsun::tool
