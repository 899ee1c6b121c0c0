#pragma once

#include <upsun/model/activity_filter.hpp>
#include <upsun/model/ids.hpp>

#include "api/operation.hpp"

namespace upsun::api {

// The API's operations on activities, of a project, an environment or an integration. Each is
// `errc::invalid_argument` for an id that cannot be a path segment.

/// `GET .../activities`; also `errc::invalid_argument` for a filter that the API cannot express.
[[nodiscard]] result<operation> list_activities(const activity_scope& of,
                                                const activity_filter& filter);

/// `GET .../activities/{activityId}`
[[nodiscard]] result<operation> get_activity(const activity_scope& of, const activity_id& activity);

/// `POST .../activities/{activityId}/cancel`
[[nodiscard]] result<operation> cancel_activity(const activity_scope& of,
                                                const activity_id& activity);

}  // namespace upsun::api
