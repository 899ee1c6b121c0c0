#include "api/integrations.hpp"

#include "api/path.hpp"

namespace upsun::api {

result<operation> get_integration(const project_id& project, const integration_id& integration) {
  operation get{.method = "GET", .path_template = "/projects/{projectId}/integrations/{integrationId}", .path = {}, .body = {}};
  const std::pair<std::string_view, std::string_view> segments[] = {{"projects", project.str()}, {"integrations", integration.str()}};
  for (const auto& [collection, id] : segments) {
    get.path.append("/").append(collection).append("/");
    if (const auto problem = append_segment(get.path, id)) {
      error_details details;
      details.cause = std::string(collection == "projects" ? "the project id " : "the integration id ").append(*problem);
      details.method = get.method;
      details.path_template = get.path_template;
      return error(errc::invalid_argument, std::move(details));
    }
  }
  return get;
}

}  // namespace upsun::api
