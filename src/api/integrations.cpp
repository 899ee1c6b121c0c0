#include "api/integrations.hpp"

#include <utility>

#include "api/resources.hpp"
#include "codec/encode.hpp"

namespace upsun::api {
namespace {

constexpr std::string_view collection = "/projects/{projectId}/integrations";
constexpr std::string_view item = "/projects/{projectId}/integrations/{integrationId}";
constexpr std::string_view validate_link =
    "/projects/{projectId}/integrations/{integrationId}#validate";
constexpr std::string_view hook_link = "/projects/{projectId}/integrations/{integrationId}#hook";

/// The operation with its body, unless it was refused before or the body is.
result<operation> with_body(result<operation>&& made, result<std::string> body) {
  if (!made) return std::move(made);
  if (!body) return refuse(*made, body.error().details().cause);
  made->body = std::move(*body);
  return std::move(made);
}

}  // namespace

result<operation> get_integration(const integration_ref& ref) {
  return make({.method = "GET", .path_template = item}, ref.project(), ref.id());
}

result<operation> list_integrations(project_id project) {
  return make({.method = "GET", .path_template = collection}, std::move(project));
}

result<operation> create_integration(project_id project, const integration_input& input) {
  constexpr prototype create{.method = "POST",
                             .path_template = collection,
                             .idempotent = false,
                             .expects = response_body::optional};
  return with_body(make(create, std::move(project)), codec::encode_input(input));
}

result<operation> update_integration(const integration_ref& ref, const integration_patch& patch) {
  constexpr prototype update{.method = "PATCH",
                             .path_template = item,
                             .idempotent = false,
                             .expects = response_body::optional};
  return with_body(make(update, ref.project(), ref.id()), codec::encode_patch(patch));
}

result<operation> delete_integration(const integration_ref& ref) {
  return make({.method = "DELETE", .path_template = item, .expects = response_body::optional},
              ref.project(), ref.id());
}

operation validate_integration(std::string target) {
  operation made{.method = "POST",
                 .path_template = validate_link,
                 .expects = response_body::optional,
                 .accepts_bad_request = true,
                 .follows_link = true};
  made.ids[0] = std::move(target);
  return made;
}

operation trigger_hook(std::string target) {
  operation made{.method = "POST",
                 .path_template = hook_link,
                 .body = "{}",
                 .idempotent = false,
                 .expects = response_body::ignored,
                 .follows_link = true};
  made.ids[0] = std::move(target);
  return made;
}

}  // namespace upsun::api
