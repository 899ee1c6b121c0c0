#include "api/integrations.hpp"

#include <initializer_list>
#include <optional>
#include <utility>

#include "api/activity_query.hpp"
#include "api/path.hpp"
#include "codec/encode_input.hpp"

namespace upsun::api {
namespace {

constexpr std::string_view collection = "/projects/{projectId}/integrations";
constexpr std::string_view item = "/projects/{projectId}/integrations/{integrationId}";
constexpr std::string_view activities = "/projects/{projectId}/integrations/{integrationId}/activities";
constexpr std::string_view one_activity = "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}";
constexpr std::string_view cancellation = "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}/cancel";
constexpr std::string_view validate_link = "/projects/{projectId}/integrations/{integrationId}#validate";
constexpr std::string_view hook_link = "/projects/{projectId}/integrations/{integrationId}#hook";

error refuse(const operation& what, std::string cause) {
  error_details details;
  details.cause = std::move(cause);
  details.method = what.method;
  details.path_template = what.path_template;
  return {errc::invalid_argument, std::move(details)};
}

/// The operation, unless one of its ids cannot be a path segment; `names` are theirs, in the template's order.
result<operation> checked(operation&& made, std::initializer_list<std::string_view> names) {
  const std::string* id = made.ids.begin();
  for (const std::string_view name : names) {
    if (const auto problem = refuse_segment(*id++)) return refuse(made, std::string("the ").append(name).append(" ").append(*problem));
  }
  return std::move(made);
}

result<operation> of_collection(operation&& made, project_id project) {
  made.path_template = collection;
  made.ids[0] = std::move(project).str();
  return checked(std::move(made), {"project id"});
}

result<operation> of_item(operation&& made, project_id project, integration_id integration) {
  made.path_template = item;
  made.ids[0] = std::move(project).str();
  made.ids[1] = std::move(integration).str();
  return checked(std::move(made), {"project id", "integration id"});
}

result<operation> of_item(operation&& made, const integration_ref& ref) { return of_item(std::move(made), ref.project(), ref.id()); }

result<operation> of_activity(operation&& made, const integration_ref& ref, activity_id activity) {
  made.ids = {ref.project().str(), ref.id().str(), std::move(activity).str()};
  return checked(std::move(made), {"project id", "integration id", "activity id"});
}

/// The operation with its body, unless it was refused before or the body is.
result<operation> with_body(result<operation>&& made, result<std::string> body) {
  if (!made) return std::move(made);
  if (!body) return refuse(*made, body.error().details().cause);
  made->body = std::move(*body);
  return std::move(made);
}

}  // namespace

result<operation> get_integration(project_id project, integration_id integration) {
  return of_item({.method = "GET"}, std::move(project), std::move(integration));
}

result<operation> list_integrations(project_id project) { return of_collection({.method = "GET"}, std::move(project)); }

result<operation> create_integration(project_id project, const integration_input& input) {
  return with_body(of_collection({.method = "POST", .idempotent = false, .may_answer_nothing = true}, std::move(project)), codec::encode_input(input));
}

result<operation> update_integration(const integration_ref& ref, const integration_patch& patch) {
  return with_body(of_item({.method = "PATCH", .idempotent = false, .may_answer_nothing = true}, ref), codec::encode_patch(patch));
}

result<operation> delete_integration(const integration_ref& ref) { return of_item({.method = "DELETE", .may_answer_nothing = true}, ref); }

result<operation> list_activities(const integration_ref& ref, const activity_filter& filter) {
  operation made{.method = "GET", .path_template = activities, .ids = {ref.project().str(), ref.id().str(), {}}};
  auto query = make_query(filter);
  if (!query) return refuse(made, query.error().details().cause);
  made.query = std::move(*query);
  return checked(std::move(made), {"project id", "integration id"});
}

result<operation> get_activity(const integration_ref& ref, activity_id activity) {
  return of_activity({.method = "GET", .path_template = one_activity}, ref, std::move(activity));
}

result<operation> cancel_activity(const integration_ref& ref, activity_id activity) {
  return of_activity({.method = "POST", .path_template = cancellation, .idempotent = false, .may_answer_nothing = true}, ref, std::move(activity));
}

operation validate_integration(std::string target) {
  operation made{.method = "POST", .path_template = validate_link, .may_answer_nothing = true, .takes_refusal = true, .follows_link = true};
  made.ids[0] = std::move(target);
  return made;
}

operation trigger_hook(std::string target) {
  operation made{.method = "POST", .path_template = hook_link, .body = "{}", .idempotent = false, .ignores_answer = true, .follows_link = true};
  made.ids[0] = std::move(target);
  return made;
}

}  // namespace upsun::api
