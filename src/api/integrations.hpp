#pragma once

#include <upsun/client.hpp>

#include "api/operation.hpp"

namespace upsun::api {

/// `GET /projects/{projectId}/integrations/{integrationId}`; `errc::invalid_argument` for an id that cannot be a path segment.
[[nodiscard]] result<operation> get_integration(const project_id& project, const integration_id& integration);

}  // namespace upsun::api
