#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <upsun/model/timestamp.hpp>

namespace upsun::testing {

/// The account that a sandbox serves: organizations with projects of theirs, and projects that
/// other people share. All of it is made on the fly from the seed, so that a million projects cost
/// nothing until they are asked for; only what a request changed is stored.
///
/// Each `..._every` strikes each n-th, counted from the first organization's first project; zero
/// strikes none. Where several strike one project, it is missing before it is suspended, and
/// suspended before it is forbidden.
struct sandbox_fleet {
  /// The number of organizations, at most 1,000,000. Zero: there is no fleet, and one organization
  /// holds `sandbox_options::projects`. Beside them is one that is deleted, which a list gives only
  /// when the status is asked for.
  std::size_t organizations = 0;
  /// The number of projects in all of them, at most 1,000,000,000. The later organizations have
  /// more than the first.
  std::size_t projects = 100;
  /// The average number of integrations of a project, at most 10,000. Each has up to twice as many,
  /// of all kinds in turn.
  std::size_t integrations = 8;
  /// The number of environments of each project, at most 1,000: main, staging, feature/x ...
  std::size_t environments = 3;
  /// The number of projects in organizations of other people. They are listed by the user's
  /// `extended-access` only, which lists some of the user's own as well.
  std::size_t shared_projects = 0;
  /// The items on a page when a request does not say how many, 1 to 100.
  std::size_t page_size = 20;
  /// What everything follows from.
  std::uint64_t seed = 1;
  /// Whether the links of lists are absolute: to the sandbox's URL.
  bool absolute_links = false;
  /// Projects whose integrations must not be read (403).
  std::size_t forbidden_every = 0;
  /// Projects that are listed, but do not exist any more (404).
  std::size_t missing_every = 0;
  /// Projects whose status is "suspended", and whose integrations must not be read (403).
  std::size_t suspended_every = 0;
  /// Projects whose list of integrations holds an element that is no integration.
  std::size_t broken_every = 0;
  /// Requests with a valid token that get 429 with Retry-After. The same request, sent again,
  /// passes.
  std::size_t throttle_every = 0;
  /// The Retry-After of those.
  std::chrono::seconds throttle_seconds{1};
  /// Integrations that do not pass their validation, in each project from another on.
  std::size_t invalid_every = 0;
  /// Organizations whose projects must not be listed (403).
  std::size_t forbidden_organizations_every = 0;
};

/// What is there to be found in a fleet by who does everything right. It counts what the fleet was
/// made of; later changes are not in it.
struct sandbox_fleet_account {
  /// The user's organizations, also those whose projects must not be listed.
  std::size_t organizations = 0;
  /// The projects that lists of organizations give.
  std::size_t projects = 0;
  /// The projects of other people that are shared.
  std::size_t shared_projects = 0;
  /// The ids of the organizations whose projects must not be listed.
  std::vector<std::string> forbidden_organizations{};
  /// The ids of those `projects` and `shared_projects` whose integrations must not be read.
  std::vector<std::string> forbidden{};
  /// The ids of those that are listed, but do not exist any more.
  std::vector<std::string> missing{};
  /// The ids of those that are suspended.
  std::vector<std::string> suspended{};
  /// The integrations that can be read.
  std::size_t integrations = 0;
  /// The same by their kind.
  std::map<std::string, std::size_t> by_kind{};
  /// The same by the id of the organization, other people's as well.
  std::map<std::string, std::size_t> by_organization{};
  /// The elements of lists that are no integrations.
  std::size_t broken = 0;
  /// Those of the integrations that do not pass their validation.
  std::size_t invalid = 0;
  /// When tokens of the integrations expire, the earliest first.
  std::vector<timestamp> token_expiries{};
};

}  // namespace upsun::testing
