#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <vector>

#include <upsun/error.hpp>
#include <upsun/fleet.hpp>
#include <upsun/log_line.hpp>
#include <upsun/model/accepted_change.hpp>
#include <upsun/model/activity.hpp>
#include <upsun/model/integration.hpp>
#include <upsun/model/organization.hpp>
#include <upsun/model/project.hpp>
#include <upsun/model/validation.hpp>
#include <upsun/result.hpp>

#include "exit_status.hpp"

/// \file
/// Values as JSON for programs and as text for people. Secrets are shown: call `hide_secrets`
/// first.

namespace upsun::tool {

/// As text, since of an unknown kind that is the server's, as it came.
[[nodiscard]] std::string to_json(const integration& value);
[[nodiscard]] boost::json::value to_json(const activity& value);
[[nodiscard]] boost::json::value to_json(const organization& value);
[[nodiscard]] boost::json::value to_json(const organization_project& value);
/// As text, since it holds an integration.
[[nodiscard]] std::string to_json(const accepted_change& value);
/// `{"id": ..., "timestamp": ..., "message": ...}`
[[nodiscard]] boost::json::value to_json(const log_line& value);
/// `{"valid": false, "message": ..., "problems": {NAME: COMPLAINT}}`
[[nodiscard]] boost::json::value to_json(const validation& value);
/// `{"code": "not_found", "message": ..., "status": 404, "exit_status": 3, "server": {"message":
/// ..., "fields": {NAME: COMPLAINT}}}`, without what is not known.
[[nodiscard]] boost::json::value to_json(const error& value);
[[nodiscard]] boost::json::value to_json(const usage_error& value);

/// An error as text: what failed, the server's own words, each refused member on a line of its own,
/// and what to do about it.
[[nodiscard]] std::string describe(const error& value);

/// Why its settings are shown as the server's text. Empty: they are not.
[[nodiscard]] std::string why_unknown(const integration& value);

/// Names and values, in the order to show them.
using properties = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] properties properties_of(const integration& value);

/// What distinguishes an integration from others of its kind: its repository, URL, channel ...
[[nodiscard]] std::string target_of(const integration& value);

/// To the second, in UTC.
[[nodiscard]] std::string short_time(const std::optional<timestamp>& time);

}  // namespace upsun::tool
