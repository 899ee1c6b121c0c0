#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <upsun/fleet.hpp>

#include "exit_status.hpp"
#include "table.hpp"

namespace upsun::tool {

/// How a walk over a fleet went.
struct fleet_account {
  fleet_report report{};
  /// Elements of lists that are no integrations, at most `fleet_report::most_named`.
  std::vector<unread_part> broken{};
  /// How many projects there were by what the API had said by then.
  std::size_t projects_found = 0;
  std::chrono::duration<double> took{};
};

/// The worst of what happened: why the walk was stopped; the first failure, or a broken element;
/// `incomplete`.
[[nodiscard]] exit_status exit_status_of(const fleet_account& account);

/// What was seen, in a line without its end.
[[nodiscard]] std::string summary_of(const fleet_account& account);
/// What could not be read, a row for each: why, where and what. Empty: nothing.
[[nodiscard]] table unread_of(const fleet_account& account);

/// What could not be read: `{"reason", "organization", "project", "code", "message" ...}` each.
[[nodiscard]] boost::json::array unread_to_json(const fleet_account& account);
/// The counts; without the parts.
[[nodiscard]] boost::json::value to_json(const fleet_account& account);

}  // namespace upsun::tool
