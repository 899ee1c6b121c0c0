#pragma once

#include <algorithm>
#include <string>

#include <upsun/fleet.hpp>
#include <upsun/model/access_grant.hpp>
#include <upsun/model/ids.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/project.hpp>

#include "operations/fleet_position.hpp"
#include "util/ascii.hpp"

namespace upsun::operations {

// What a walk makes of the items of the API's lists.

/// Whether it is a ULID, as the ids of organizations are: 26 digits and capitals. Names have none.
[[nodiscard]] inline bool is_ulid(const std::string& text) {
  return text.size() == 26 && std::all_of(text.begin(), text.end(), [](char c) {
           return util::is_digit(c) || (c >= 'A' && c <= 'Z');
         });
}

[[nodiscard]] inline organization_id id_or_name(const std::string& text) {
  return is_ulid(text) ? organization_id(text) : organization_id::named(text);
}

[[nodiscard]] inline fleet_organization described_by(const organization& value) {
  return {value.id, value.name.value_or(""), value.label.value_or("")};
}

[[nodiscard]] inline fleet_project visible(const organization_project& value,
                                           const fleet_organization& of) {
  return {.id = value.id,
          .title = value.title.value_or(""),
          .region = value.region.value_or(""),
          .status = value.status,
          .organization_id = of.id,
          .organization_name = of.name,
          .organization_label = of.label};
}

[[nodiscard]] inline fleet_project visible(const access_grant& grant,
                                           const project_reference* known) {
  fleet_project project{.id = grant.resource_id, .shared = true};
  project.organization_id = grant.organization_id.value_or("");
  if (known == nullptr) return project;
  project.title = known->title.value_or("");
  project.region = known->region.value_or("");
  project.status = known->status;
  return project;
}

}  // namespace upsun::operations
