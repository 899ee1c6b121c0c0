#pragma once

#include <utility>

#include <upsun/fleet.hpp>

#include "operations/fleet_position.hpp"

namespace upsun::operations {

/// The account of a walk: what could not be read is counted by its reason, and named as long as the
/// report stays small.
struct walk_account {
  fleet_report report{};

  /// \param project null: it is a list of the organization's
  void add_unread(const fleet_organization& of, const fleet_project* project, const error& why) {
    unread_part part{.reason = reason_of(why, project), .why = why};
    part.organization_id = project != nullptr ? project->organization_id : of.id;
    part.organization_name = of.name;
    if (project != nullptr) {
      part.project_id = project->id;
      part.project_title = project->title;
    }
    switch (part.reason) {
      case unread_reason::forbidden: ++report.forbidden; break;
      case unread_reason::not_found: ++report.not_found; break;
      case unread_reason::suspended: ++report.suspended; break;
      case unread_reason::failed: ++report.failed; break;
    }
    if (report.unread.size() < fleet_report::most_named) report.unread.push_back(std::move(part));
  }

 private:
  [[nodiscard]] static unread_reason reason_of(const error& why, const fleet_project* project) {
    if (project != nullptr && project->status == project_status::suspended)
      return unread_reason::suspended;
    if (why == errc::forbidden) return unread_reason::forbidden;
    if (why == errc::not_found) return unread_reason::not_found;
    return unread_reason::failed;
  }
};

}  // namespace upsun::operations
