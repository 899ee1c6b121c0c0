#include "api/integrations.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "api/activity_query.hpp"
#include "codec/encode.hpp"
#include "model/make_error.hpp"

namespace upsun::api {
namespace {

constexpr std::string_view collection = "/projects/{projectId}/integrations";
constexpr std::string_view item = "/projects/{projectId}/integrations/{integrationId}";
constexpr std::string_view activities =
    "/projects/{projectId}/integrations/{integrationId}/activities";
constexpr std::string_view one_activity =
    "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}";
constexpr std::string_view cancellation =
    "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}/cancel";
constexpr std::string_view validate_link =
    "/projects/{projectId}/integrations/{integrationId}#validate";
constexpr std::string_view hook_link = "/projects/{projectId}/integrations/{integrationId}#hook";

error refuse(const operation& what, std::string cause) {
  error_details details = model::refused_argument(std::move(cause)).details();
  details.method = what.method;
  details.path_template = what.path_template;
  return {errc::invalid_argument, std::move(details)};
}

/// What is constant about an operation.
struct prototype {
  std::string_view method;
  std::string_view path_template;
  bool idempotent = true;
  response_body expects = response_body::required;
};

/// Adds an id. False when it cannot be a path segment: then `made` is the error.
bool add_id(result<operation>& made, std::size_t index, std::string&& id) {
  constexpr std::array<std::string_view, 3> names{"project id", "integration id", "activity id"};
  if (const auto problem = refuse_segment(id)) {
    made = refuse(*made, std::string("the ").append(names[index]).append(" ").append(*problem));
    return false;
  }
  made->ids[index] = std::move(id);
  return true;
}

/// The operation with its ids. There is one return value, so that nothing is moved.
template <class... Ids>
result<operation> make(const prototype& like, Ids&&... ids) {
  result<operation> made(boost::system::in_place_value);
  made->method = like.method;
  made->path_template = like.path_template;
  made->idempotent = like.idempotent;
  made->expects = like.expects;
  std::size_t index = 0;
  (void)(add_id(made, index++, std::string(std::forward<Ids>(ids).str())) && ...);
  return made;
}

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

result<operation> list_activities(const integration_ref& ref, const activity_filter& filter) {
  auto made = make({.method = "GET", .path_template = activities}, ref.project(), ref.id());
  if (!made) return made;
  auto query = make_query(filter);
  if (!query) return refuse(*made, query.error().details().cause);
  made->query = std::move(*query);
  return made;
}

result<operation> get_activity(const integration_ref& ref, activity_id activity) {
  return make({.method = "GET", .path_template = one_activity}, ref.project(), ref.id(),
              std::move(activity));
}

result<operation> cancel_activity(const integration_ref& ref, activity_id activity) {
  constexpr prototype cancel{.method = "POST",
                             .path_template = cancellation,
                             .idempotent = false,
                             .expects = response_body::optional};
  return make(cancel, ref.project(), ref.id(), std::move(activity));
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
