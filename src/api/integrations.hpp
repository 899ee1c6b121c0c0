#pragma once

#include <string>

#include <upsun/model/ids.hpp>
#include <upsun/model/integration_input.hpp>

#include "api/operation.hpp"

namespace upsun::api {

// The API's operations on integrations. Each is `errc::invalid_argument` for an id that cannot be a
// path segment.

/// `GET /projects/{projectId}/integrations/{integrationId}`
[[nodiscard]] result<operation> get_integration(const integration_ref& ref);

/// `GET /projects/{projectId}/integrations`
[[nodiscard]] result<operation> list_integrations(project_id project);

/// `POST /projects/{projectId}/integrations`; also `errc::invalid_argument` for an input that the
/// API is known to refuse.
[[nodiscard]] result<operation> create_integration(project_id project,
                                                   const integration_input& input);

/// `PATCH /projects/{projectId}/integrations/{integrationId}`; also `errc::invalid_argument` for a
/// patch that the API is known to refuse.
[[nodiscard]] result<operation> update_integration(const integration_ref& ref,
                                                   const integration_patch& patch);

/// `DELETE /projects/{projectId}/integrations/{integrationId}`
[[nodiscard]] result<operation> delete_integration(const integration_ref& ref);

/// `POST` to the link `#validate` of an integration, without a body. \param target of a request to
/// the API's own origin.
[[nodiscard]] operation validate_integration(std::string target);

/// `POST` of an empty object to the link `#hook` of an integration.
[[nodiscard]] operation trigger_hook(std::string target);

}  // namespace upsun::api
