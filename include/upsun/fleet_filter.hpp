#pragma once

#include <string>
#include <utility>
#include <vector>

#include <upsun/model/project.hpp>

namespace upsun {

/// Which integrations a walk over a `fleet` visits. What is not set does not restrict it. A class
/// with fluent setters, so that temporaries are safe beside `co_await`.
///
/// A glob is a text with `*` for any characters and `?` for one; capital letters matter.
///
/// It is checked when the walk starts: an empty text ends that with `errc::invalid_argument` before
/// anything is sent.
class fleet_filter {
 public:
  /// Every integration of every project that the user can see.
  fleet_filter() = default;

  /// Adds an organization, by its id (a ULID, 26 characters) or its name, such as "acme". Only
  /// those that were added are visited, each at the price of one request.
  fleet_filter& organization(std::string id_or_name) & {
    return organizations_.push_back(std::move(id_or_name)), *this;
  }
  fleet_filter&& organization(std::string id_or_name) && {
    return std::move(organization(std::move(id_or_name)));
  }

  /// Adds a glob: projects are visited whose id or title it matches.
  fleet_filter& project(std::string glob) & { return projects_.push_back(std::move(glob)), *this; }
  fleet_filter&& project(std::string glob) && { return std::move(project(std::move(glob))); }

  /// Adds a glob: projects are visited whose region it matches, such as "eu-*".
  fleet_filter& region(std::string glob) & { return regions_.push_back(std::move(glob)), *this; }
  fleet_filter&& region(std::string glob) && { return std::move(region(std::move(glob))); }

  /// Adds a status: projects with any of the statuses are visited.
  ///
  /// Default: none, all projects that the API lists.
  fleet_filter& status(const open_enum<project_status>& value) & {
    return statuses_.push_back(value), *this;
  }
  fleet_filter&& status(const open_enum<project_status>& value) && {
    return std::move(status(value));
  }

  /// Adds a kind, such as "webhook": integrations of any of the kinds are handed on.
  fleet_filter& kind(std::string type) & { return kinds_.push_back(std::move(type)), *this; }
  fleet_filter&& kind(std::string type) && { return std::move(kind(std::move(type))); }

  /// Whether projects that were shared from other people's organizations are visited.
  ///
  /// Default: on.
  fleet_filter& shared(bool on) & { return shared_ = on, *this; }
  fleet_filter&& shared(bool on) && { return std::move(shared(on)); }

  /// Where to go on: `fleet_report::resume` of a walk that was stopped, with the same filter.
  ///
  /// Default: empty, from the beginning.
  fleet_filter& resume(std::string token) & { return resume_ = std::move(token), *this; }
  fleet_filter&& resume(std::string token) && { return std::move(resume(std::move(token))); }

  [[nodiscard]] const std::vector<std::string>& organizations() const noexcept {
    return organizations_;
  }
  [[nodiscard]] const std::vector<std::string>& projects() const noexcept { return projects_; }
  [[nodiscard]] const std::vector<std::string>& regions() const noexcept { return regions_; }
  [[nodiscard]] const std::vector<open_enum<project_status>>& statuses() const noexcept {
    return statuses_;
  }
  [[nodiscard]] const std::vector<std::string>& kinds() const noexcept { return kinds_; }
  [[nodiscard]] bool shared() const noexcept { return shared_; }
  [[nodiscard]] const std::string& resume() const noexcept { return resume_; }

 private:
  std::vector<std::string> organizations_;
  std::vector<std::string> projects_;
  std::vector<std::string> regions_;
  std::vector<open_enum<project_status>> statuses_;
  std::vector<std::string> kinds_;
  bool shared_ = true;
  std::string resume_;
};

}  // namespace upsun
