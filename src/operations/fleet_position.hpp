#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <upsun/fleet_filter.hpp>
#include <upsun/model/described.hpp>
#include <upsun/result.hpp>

namespace upsun::operations {

/// An organization on a walk.
struct fleet_organization {
  std::string id{};
  std::string name{};
  std::string label{};
};

/// A list of projects that was not read to its end, or not all of whose projects are done.
struct list_position {
  fleet_organization of{};       ///< Empty: the list of shared projects.
  std::string page{};            ///< The target of the page to go on with.
  std::set<std::string> done{};  ///< The ids of those that are done on it and behind it.
};

/// How far a walk over a fleet has come: what it has still to visit.
struct fleet_position {
  std::optional<std::string> organizations{};  ///< The page of the list to go on with.
  std::vector<std::string> named{};            ///< By the filter, not looked up so far.
  std::vector<fleet_organization> found{};     ///< Not begun so far.
  std::vector<list_position> lists{};
  std::set<std::string> visited{};        ///< The ids of those whose lists could be read.
  bool shared = false;                    ///< Whether shared projects are still to be listed.
  std::optional<list_position> grants{};  ///< Where to go on with that.
};

/// The beginning of a walk. \param organizations the target of the list of organizations
[[nodiscard]] fleet_position begin_of(const fleet_filter& filter, std::string organizations);

/// As one line of JSON. It holds a fingerprint of the filter.
[[nodiscard]] std::string to_token(const fleet_position& position, const fleet_filter& filter);

/// Reads a token; `errc::invalid_argument` for a text that is none, or that of another filter.
[[nodiscard]] result<fleet_position> parse_token(const std::string& token,
                                                 const fleet_filter& filter);

}  // namespace upsun::operations
