#include "api/integrations.hpp"

#include <initializer_list>
#include <utility>

#include "api/path.hpp"
#include "codec/encode_input.hpp"

namespace upsun::api {
namespace {

constexpr std::string_view collection = "/projects/{projectId}/integrations";
constexpr std::string_view item = "/projects/{projectId}/integrations/{integrationId}";

error refuse(const operation& what, std::string cause) {
  error_details details;
  details.cause = std::move(cause);
  details.method = what.method;
  details.path_template = what.path_template;
  return {errc::invalid_argument, std::move(details)};
}

/// The operation with its path; without an integration, that of the collection.
result<operation> with_path(operation made, const project_id& project, const integration_id* integration) {
  made.path_template = integration != nullptr ? item : collection;
  made.path = "/projects/";
  if (const auto problem = append_segment(made.path, project.str())) return refuse(made, "the project id " + *problem);
  made.path += "/integrations";
  if (integration == nullptr) return made;
  made.path += '/';
  if (const auto problem = append_segment(made.path, integration->str())) return refuse(made, "the integration id " + *problem);
  return made;
}

/// The operation with its body, unless it was refused before or the body is.
result<operation> with_body(result<operation> made, result<std::string> body) {
  if (!made) return made;
  if (!body) return refuse(*made, body.error().details().cause);
  made->body = std::move(*body);
  return made;
}

}  // namespace

result<operation> get_integration(const project_id& project, const integration_id& integration) { return with_path({.method = "GET"}, project, &integration); }

result<operation> list_integrations(const project_id& project) { return with_path({.method = "GET"}, project, nullptr); }

result<operation> create_integration(const project_id& project, const integration_input& input) {
  return with_body(with_path({.method = "POST", .idempotent = false, .may_answer_nothing = true}, project, nullptr), codec::encode_input(input));
}

result<operation> update_integration(const integration_ref& ref, const integration_patch& patch) {
  return with_body(with_path({.method = "PATCH", .idempotent = false, .may_answer_nothing = true}, ref.project(), &ref.id()), codec::encode_patch(patch));
}

result<operation> delete_integration(const integration_ref& ref) {
  return with_path({.method = "DELETE", .may_answer_nothing = true}, ref.project(), &ref.id());
}

}  // namespace upsun::api
