#include "api/activities.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "api/activity_query.hpp"
#include "api/resources.hpp"

namespace upsun::api {
namespace {

using templates = std::array<std::string_view, 3>;  // by the owner

constexpr templates lists{"/projects/{projectId}/activities",
                          "/projects/{projectId}/environments/{environmentId}/activities",
                          "/projects/{projectId}/integrations/{integrationId}/activities"};
constexpr templates items{
    "/projects/{projectId}/activities/{activityId}",
    "/projects/{projectId}/environments/{environmentId}/activities/{activityId}",
    "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}"};
constexpr templates cancellations{
    "/projects/{projectId}/activities/{activityId}/cancel",
    "/projects/{projectId}/environments/{environmentId}/activities/{activityId}/cancel",
    "/projects/{projectId}/integrations/{integrationId}/activities/{activityId}/cancel"};

/// The operation with the ids of whose activities are meant, and perhaps of one of them.
result<operation> make_for(const activity_scope& of, const templates& path, prototype like,
                           const activity_id* activity = nullptr) {
  like.path_template = path[static_cast<std::size_t>(of.kind())];
  auto made = make(like, of.project());
  std::size_t index = 1;
  if (made && of.kind() != activity_scope::owner::project &&
      !add_id(made, index++, std::string(of.id())))
    return made;
  if (made && activity != nullptr) (void)add_id(made, index, std::string(activity->str()));
  return made;
}

}  // namespace

result<operation> list_activities(const activity_scope& of, const activity_filter& filter) {
  auto made = make_for(of, lists, {.method = "GET"});
  if (!made) return made;
  auto query = make_query(filter);
  if (!query) return refuse(*made, query.error().details().cause);
  made->query = std::move(*query);
  return made;
}

result<operation> get_activity(const activity_scope& of, const activity_id& activity) {
  return make_for(of, items, {.method = "GET"}, &activity);
}

result<operation> cancel_activity(const activity_scope& of, const activity_id& activity) {
  constexpr prototype cancel{
      .method = "POST", .idempotent = false, .expects = response_body::optional};
  return make_for(of, cancellations, cancel, &activity);
}

}  // namespace upsun::api
