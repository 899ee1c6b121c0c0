#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/fleet_filter.hpp>
#include <upsun/model/described.hpp>
#include <upsun/model/project.hpp>

namespace upsun {

/// A source for `client::async_for_each_integration`: the integrations of all projects of all
/// organizations that the user can see, and of the projects that were shared with the user. See
/// doc/fleet.md.
class fleet {
 public:
  explicit fleet(fleet_filter filter = {}) : filter_(std::move(filter)) {}

  [[nodiscard]] const fleet_filter& filter() const noexcept { return filter_; }

 private:
  fleet_filter filter_;
};

/// A project on a walk over a `fleet`, with the organization that it belongs to.
struct fleet_project {
  std::string id{};
  /// Empty: the API does not say. So are the other texts.
  std::string title{};
  std::string region{};
  std::optional<open_enum<project_status>> status{};
  std::string organization_id{};
  /// The organization's name for machines; empty for one of other people's.
  std::string organization_name{};
  /// The organization's name for people; empty for one of other people's.
  std::string organization_label{};
  /// Whether it was shared from an organization of other people's.
  bool shared = false;
};
BOOST_DESCRIBE_STRUCT(fleet_project, (),
                      (id, title, region, status, organization_id, organization_name,
                       organization_label, shared))

/// Why a part of a fleet could not be read.
enum class unread_reason {
  forbidden,  ///< The user may not read it (403).
  not_found,  ///< It is gone, or may not be seen (404).
  suspended,  ///< The project's status, whatever the API has responded.
  failed,     ///< Anything else, see the error.
};

/// The reason's name, such as "forbidden". Static storage.
[[nodiscard]] UPSUN_EXPORT std::string_view to_string(unread_reason reason) noexcept;

/// A part of a fleet that could not be read.
struct unread_part {
  unread_reason reason{};
  error why{};
  /// Empty: it is the list of organizations, or of shared projects.
  std::string organization_id{};
  std::string organization_name{};
  /// Empty: it is the list of the organization's projects, or the rest of it.
  std::string project_id{};
  std::string project_title{};
};

/// The account of a walk over a `fleet`. Whatever the API lists is in it once.
struct fleet_report {
  /// Organizations that were visited, those of shared projects not counted.
  std::size_t organizations = 0;
  /// Projects that were visited, shared ones and those that could not be read included.
  std::size_t projects = 0;
  /// Those of them that were shared from other people's organizations.
  std::size_t shared = 0;
  /// Projects that the filter left out.
  std::size_t projects_left_out = 0;
  /// Integrations that were handed on.
  std::size_t integrations = 0;
  /// Integrations that the filter left out.
  std::size_t integrations_left_out = 0;
  /// Elements of lists of integrations that are none: each was handed on as an error.
  std::size_t broken = 0;
  /// How many parts could not be read, for each `unread_reason`.
  std::size_t forbidden = 0;
  std::size_t not_found = 0;
  std::size_t suspended = 0;
  std::size_t failed = 0;
  /// These parts, the first `most_named` of them. A project among them was handed on as an error,
  /// too.
  std::vector<unread_part> unread{};
  /// Projects that were begun and are not done, because the walk was stopped or the handler threw.
  /// They are not in `unread`: the walk that goes on visits them.
  std::size_t cancelled = 0;
  /// Why the walk was stopped before its end; without a code when it was not.
  error stopped_by{};
  /// What a function of the user's threw, which stopped the walk. Null: none has thrown.
  std::exception_ptr thrown{};
  /// Where a stopped walk can go on, for `fleet_filter::resume`: with the projects that are not
  /// done, and no others. One line of JSON, without secrets; a few KiB. Empty: it came to its end.
  std::string resume{};

  /// No more parts than these are named, so that the report stays small.
  static constexpr std::size_t most_named = 10'000;
};

}  // namespace upsun
