#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/model/timestamp.hpp>
#include <upsun/testing/sandbox_fleet.hpp>

#include "testing/opaque_ids.hpp"

namespace upsun::testing {

/// How a project of the fleet responds.
enum class project_state { readable, forbidden, missing, suspended };

/// The kinds that integrations take in turn, the frequent ones more often.
inline constexpr std::string_view fleet_kinds[] = {
    "github",       "health.slack",   "webhook",   "newrelic",         "gitlab",
    "health.email", "script",         "syslog",    "bitbucket",        "webhook",
    "httplog",      "health.webhook", "github",    "health.pagerduty", "splunk",
    "cdn.fastly",   "gitlab",         "blackfire", "health.slack",     "otlplog",
    "webhook",      "sumologic",      "newrelic",  "health.email",     "bitbucket_server"};

/// What a fleet consists of, by number: everything is computed from the options, and nothing is
/// stored for a project. Immutable. Thread safety: every member, from any thread.
///
/// Organizations: the user's own, then one that is deleted, then other people's. Projects: those of
/// the user's organizations in their order, then the shared ones.
class fleet_model {
 public:
  /// \param born when tokens began, whose expiry it decides.
  /// \throws std::invalid_argument for an option out of its range
  fleet_model(const sandbox_fleet& options, timestamp born);
  /// One organization that holds projects with these ids.
  fleet_model(std::vector<std::string> project_ids, const sandbox_fleet& options, timestamp born);

  [[nodiscard]] const sandbox_fleet& options() const noexcept { return options_; }
  [[nodiscard]] std::string user_id() const { return uuid_of(0); }

  // Organizations.

  /// The user's own; behind them comes the deleted one.
  [[nodiscard]] std::size_t own_organizations() const noexcept { return options_.organizations; }
  [[nodiscard]] std::size_t deleted_organization() const noexcept { return own_organizations(); }
  [[nodiscard]] bool is_foreign(std::size_t organization) const noexcept {
    return organization > deleted_organization();
  }
  [[nodiscard]] std::string organization_id(std::size_t organization) const;
  /// \param text an id, or a name as `name=alder`
  [[nodiscard]] std::optional<std::size_t> find_organization(std::string_view text) const;
  [[nodiscard]] std::string organization_name(std::size_t organization) const;
  [[nodiscard]] std::string organization_label(std::size_t organization) const;
  [[nodiscard]] std::string_view organization_status(std::size_t organization) const;
  [[nodiscard]] std::string owner_of(std::size_t organization) const;
  [[nodiscard]] timestamp organization_created(std::size_t organization) const noexcept;
  /// Whether its projects must not be listed.
  [[nodiscard]] bool hides_projects(std::size_t organization) const noexcept;
  /// The number of its first project: those of an organization end where the next one's begin.
  [[nodiscard]] std::size_t first_project(std::size_t organization) const noexcept;

  // Projects.

  [[nodiscard]] std::size_t projects() const noexcept {
    return options_.projects + options_.shared_projects;
  }
  [[nodiscard]] std::size_t organization_of(std::size_t project) const noexcept;
  [[nodiscard]] std::string project_id(std::size_t project) const;
  [[nodiscard]] std::optional<std::size_t> find_project(std::string_view id) const;
  [[nodiscard]] std::string title(std::size_t project) const;
  [[nodiscard]] std::string_view region(std::size_t project) const noexcept;
  [[nodiscard]] project_state state(std::size_t project) const noexcept;
  [[nodiscard]] timestamp created(std::size_t project) const noexcept;
  /// What its names, such as that of its repository, are made of.
  [[nodiscard]] std::string slug(std::size_t project) const;
  /// The user's own projects that `extended-access` lists as well: so many, up to this number.
  [[nodiscard]] std::size_t own_in_access() const noexcept { return own_in_access_; }
  [[nodiscard]] std::size_t access_end() const noexcept { return access_end_; }

  // Integrations of a project.

  [[nodiscard]] std::size_t integrations(std::size_t project) const noexcept;
  [[nodiscard]] bool is_broken(std::size_t project) const noexcept;
  [[nodiscard]] std::string integration_id(std::size_t project, std::size_t number) const;
  [[nodiscard]] std::optional<std::size_t> find_integration(std::size_t project,
                                                            std::string_view id) const;
  /// An index of `fleet_kinds`.
  [[nodiscard]] std::size_t kind(std::size_t project, std::size_t number) const noexcept;
  [[nodiscard]] bool is_invalid(std::size_t project, std::size_t number) const noexcept;
  /// When its token expires, if its kind has one. Nothing: never.
  [[nodiscard]] std::optional<timestamp> token_expiry(std::size_t project,
                                                      std::size_t number) const noexcept;

  [[nodiscard]] sandbox_fleet_account account() const;

 private:
  [[nodiscard]] std::uint64_t chance(std::uint64_t of, std::uint64_t number) const noexcept;
  [[nodiscard]] std::string uuid_of(std::uint64_t number) const;
  using kind_counts = std::array<std::size_t, std::size(fleet_kinds)>;
  void add_project(sandbox_fleet_account& to, kind_counts& kinds, std::size_t project) const;

  sandbox_fleet options_;
  timestamp born_;
  std::vector<std::string> names_;  // the ids of projects that are not made up
  std::size_t foreign_ = 0;         // organizations
  std::size_t own_in_access_ = 0;
  std::size_t access_end_ = 0;
  opaque_ids organization_ids_;
  opaque_ids project_ids_;
  opaque_ids integration_ids_;
};

}  // namespace upsun::testing
