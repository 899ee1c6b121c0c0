#include "testing/sandbox_api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "testing/account_api.hpp"
#include "testing/fleet_documents.hpp"
#include "testing/reply.hpp"
#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

constexpr std::size_t most_throttled = 100'000;  // targets of clients that do not come again

/// Takes the next `/segment` off the path. \return nothing when there is none or it is badly
/// encoded.
std::optional<std::string> take_segment(std::string_view& path) {
  if (!path.starts_with('/')) return std::nullopt;
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, end - 1);
  path.remove_prefix(end);
  return percent_decoded(segment);
}

reply_ptr no_such_method(std::string_view allowed) {
  return fixed_reply(405, "application/json",
                     R"({"code":405,"message":"The resource has no such method."})",
                     {{"Allow", std::string(allowed)}});
}

bool is_hook(const std::vector<std::string>& path) {
  return path.size() == 5 && path[0] == "projects" && path[2] == "integrations" &&
         path[4] == "hook";
}

/// The number of the environment in each project with that id.
std::optional<std::size_t> find_environment(const fleet_model& fleet, std::string_view id) {
  for (std::size_t i = 0; i < fleet.options().environments; ++i) {
    if (fleet_documents::environment_id(i) == id) return i;
  }
  return std::nullopt;
}

const reply_ptr& no_environment() {
  static const reply_ptr made = fixed_reply(
      404, "application/json", R"({"code":404,"message":"The environment does not exist."})");
  return made;
}

}  // namespace

sandbox_api::sandbox_api(const sandbox_auth& auth, std::string path_prefix, activity_pace pace,
                         bool manual_clock, bool etags, const sandbox_fleet& fleet)
    : auth_(auth),
      path_prefix_(std::move(path_prefix)),
      clock_(manual_clock),
      fleet_(fleet, clock_.now()),
      activities_(pace, path_prefix_),
      projects_(fleet_, activities_, path_prefix_, etags) {}

void sandbox_api::put(const std::string& project, const std::string& id, upsun::integration value) {
  const std::unique_lock lock(mutex_);
  projects_.put(project, id, std::move(value));
}

void sandbox_api::put_raw(const std::string& project, const std::string& id,
                          std::string_view json) {
  const std::unique_lock lock(mutex_);
  projects_.put_raw(project, id, json);
}

upsun::integration sandbox_api::get(const std::string& project, const std::string& id) const {
  const std::shared_lock lock(mutex_);
  return projects_.get(project, id);
}

void sandbox_api::add_project(const std::string& project) {
  const std::unique_lock lock(mutex_);
  projects_.add(project);
}

void sandbox_api::set_origins(std::string region, std::string own) {
  projects_.set_region(std::move(region));
  if (fleet_.options().absolute_links) origin_ = std::move(own);
}

void sandbox_api::forbid(const std::string& project) {
  const std::unique_lock lock(mutex_);
  projects_.forbid(project);
}

void sandbox_api::put_activity(const activity_scope& of, upsun::activity value) {
  const std::unique_lock lock(mutex_);
  activities_.put(of, std::move(value));
}

void sandbox_api::put_raw_activity(const activity_scope& of, const std::string& id,
                                   timestamp created, std::string json) {
  const std::unique_lock lock(mutex_);
  activities_.put_raw(of, id, created, std::move(json));
}

upsun::activity sandbox_api::get_activity(const activity_scope& of, const std::string& id) const {
  const std::shared_lock lock(mutex_);
  auto found = activities_.find(of, id, clock_.now());
  if (!found) throw std::out_of_range("there is no such activity");
  return std::move(*found);
}

void sandbox_api::fail_activities(std::size_t count) {
  const std::unique_lock lock(mutex_);
  activities_.fail_next(count);
}

std::optional<sandbox_api::resource> sandbox_api::find_resource(std::string_view target) const {
  if (!target.starts_with(path_prefix_)) return std::nullopt;
  target.remove_prefix(path_prefix_.size());
  const std::size_t end = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(0, end);
  resource found{{}, target.substr(std::min(end + 1, target.size()))};
  do {
    std::optional<std::string> segment = take_segment(path);
    if (!segment) return std::nullopt;
    found.path.push_back(std::move(*segment));
  } while (!path.empty());
  return found;
}

reply_ptr sandbox_api::respond(const api_request& request) {
  static const reply_ptr no_resource =
      fixed_reply(404, "application/json", R"({"error":"No such resource."})");

  const std::optional<resource> wanted = find_resource(request.target);
  const bool needs_token = !wanted || !is_hook(wanted->path);
  if (auto refusal = needs_token ? auth_.refuse(request.authorization) : nullptr) return refusal;
  if (!wanted) return no_resource;
  if (auto refusal = needs_token ? throttle(request) : nullptr) return refusal;
  reply_ptr response;
  if (account_api::has(wanted->path[0])) response = respond_about_account(*wanted, request);
  if (wanted->path[0] == "projects") response = respond_about_project(*wanted, request);
  return response ? response : no_resource;
}

/// Refuses each n-th request; the same one, sent again, passes.
reply_ptr sandbox_api::throttle(const api_request& request) {
  const sandbox_fleet& options = fleet_.options();
  if (fleet_.own_organizations() == 0 || options.throttle_every == 0) return nullptr;
  const std::string target = std::string(request.method).append(" ").append(request.target);
  const std::lock_guard lock(throttling_);
  if (throttled_targets_.erase(target) != 0) return nullptr;
  if (++counted_ % options.throttle_every != 0) return nullptr;
  if (throttled_targets_.size() == most_throttled) throttled_targets_.clear();
  throttled_targets_.insert(target);
  return json_reply(429, R"({"code":429,"message":"Too many requests."})",
                    {{"Retry-After", std::to_string(options.throttle_seconds.count())}});
}

reply_ptr sandbox_api::respond_about_account(const resource& wanted, const api_request& request) {
  std::shared_ptr<const fleet_model> directory;
  {
    const std::shared_lock lock(mutex_);
    directory = projects_.directory(nullptr);
  }
  reply_ptr response =
      account_api(*directory, path_prefix_, origin_).respond(wanted.path, wanted.query);
  const bool other_method = response && request.method != "GET";
  return other_method ? no_such_method("GET, HEAD") : response;
}

/// Below `/projects/{projectId}`.
reply_ptr sandbox_api::respond_about_project(const resource& wanted, const api_request& request) {
  if (wanted.path.size() < 2) return nullptr;
  const std::string& project = wanted.path[1];
  const path_segments below = path_segments(wanted.path).subspan(2);
  const std::string_view what = below.empty() ? std::string_view() : below[0];
  const auto activities_of = [&](const activity_scope& of, std::size_t depth) {
    return respond_about_activities(of, below.subspan(depth), wanted.query, request);
  };
  if (what == "activities") return activities_of(project_id(project), 1);
  const bool deep = below.size() > 2 && below[2] == "activities";
  if (what == "environments" && deep)
    return activities_of({project_id(project), environment_id(below[1])}, 3);
  if (what == "integrations" && deep)
    return activities_of({project_id(project), integration_id(below[1])}, 3);
  if (what == "integrations") return respond_about_integrations(project, below.subspan(1), request);
  return describe_project(project, below, request);
}

/// The project itself, `capabilities`, `environments` and `environments/{environmentId}`.
reply_ptr sandbox_api::describe_project(const std::string& project, path_segments below,
                                        const api_request& request) {
  const bool capabilities = below.size() == 1 && below[0] == "capabilities";
  const bool environments = !below.empty() && below.size() <= 2 && below[0] == "environments";
  if (!below.empty() && !capabilities && !environments) return nullptr;
  if (request.method != "GET") return no_such_method("GET, HEAD");
  std::shared_ptr<const fleet_model> directory;
  {
    const std::shared_lock lock(mutex_);
    if (reply_ptr refusal = projects_.refuse(project)) return refusal;
    directory = projects_.directory(&project);
  }
  const fleet_documents documents(*directory, path_prefix_);
  const std::size_t number = directory->find_project(project).value();
  boost::json::value body;
  if (capabilities) {
    body = documents.capabilities();
  } else if (!environments) {
    body = documents.project(number);
  } else if (below.size() == 1) {
    boost::json::array& list = body.emplace_array();
    for (std::size_t i = 0; i < directory->options().environments; ++i)
      list.push_back(documents.environment(number, i));
  } else {
    const auto environment = find_environment(*directory, below[1]);
    if (!environment) return no_environment();
    body = documents.environment(number, *environment);
  }
  return json_reply(200, boost::json::serialize(body));
}

reply_ptr sandbox_api::refuse(const activity_scope& of) const {
  if (of.kind() == activity_scope::owner::integration)
    return projects_.refuse({of.project(), integration_id(of.id())});
  if (reply_ptr refusal = projects_.refuse(of.project().str())) return refusal;
  const bool found =
      of.kind() == activity_scope::owner::project || find_environment(fleet_, of.id()).has_value();
  return found ? nullptr : no_environment();
}

/// What follows `/activities`: nothing, `{activityId}`, then perhaps `cancel` or `log`.
reply_ptr sandbox_api::respond_about_activities(const activity_scope& of, path_segments below,
                                                std::string_view query,
                                                const api_request& request) {
  const std::size_t depth = below.size();
  const bool cancels = depth == 2 && below[1] == "cancel";
  if (depth > 2 || (depth == 2 && !cancels && below[1] != "log")) return nullptr;
  if (request.method != (cancels ? "POST" : "GET"))
    return no_such_method(cancels ? "POST" : "GET, HEAD");
  const std::unique_lock lock(mutex_);
  if (reply_ptr refusal = refuse(of)) return refusal;
  const timestamp now = clock_.now();
  if (cancels) return activities_.cancel(of, below[0], now);
  if (depth == 2) return read_log(of, below[0], query);
  if (depth == 1) return activities_.read(of, below[0], now);
  return activities_.list(of, query, now);
}

reply_ptr sandbox_api::read_log(const activity_scope& of, const std::string& activity,
                                std::string_view query) {
  if (auto stream = logs_.open({path_of(of), activity}, query))
    return std::make_shared<const reply>(make_stream(std::move(stream)));
  const auto found = activities_.find(of, activity, clock_.now());
  if (!found)
    return fixed_reply(404, "application/json",
                       R"({"code":404,"message":"The activity does not exist."})");
  return fixed_reply(
      200, "application/x-ndjson",
      log_of_text(found->log.value_or(""), found->created_at.value_or(timestamp()), found->done()));
}

/// What follows `/integrations`: nothing, `{integrationId}`, then perhaps what its links lead to.
reply_ptr sandbox_api::respond_about_integrations(const std::string& project, path_segments below,
                                                  const api_request& request) {
  if (below.size() == 2 && (below[1] == "hook" || below[1] == "validate"))
    return follow_link({project_id(project), integration_id(below[0])}, below[1] == "hook",
                       request);
  if (below.size() > 1) return nullptr;
  if (request.method == "GET") {
    const std::shared_lock lock(mutex_);
    if (!below.empty())
      return projects_.read({project_id(project), integration_id(below[0])}, request.if_none_match);
    reply_ptr refusal = projects_.refuse_integrations(project);
    return refusal ? refusal : projects_.list(project);
  }
  const std::unique_lock lock(mutex_);
  return change(project, below, request);
}

reply_ptr sandbox_api::follow_link(const integration_ref& of, bool is_hook,
                                   const api_request& request) {
  if (request.method != "POST") return no_such_method("POST");
  std::string complaints;
  {
    const std::shared_lock lock(mutex_);
    if (reply_ptr refusal = projects_.refuse(of)) return refusal;
    if (!is_hook) complaints = projects_.complaints(of);
  }
  if (is_hook)
    return links_.take_hook(of.project().str(), of.id().str(), request.authorization, request.body);
  return links_.validate(of.project().str(), of.id().str(), std::move(complaints));
}

reply_ptr sandbox_api::change(const std::string& project, path_segments below,
                              const api_request& request) {
  static const reply_ptr not_json = fixed_reply(
      415, "application/json", R"({"code":415,"message":"The body must be application/json."})");
  const bool one = !below.empty();
  const bool creates = !one && request.method == "POST";
  const bool updates = one && request.method == "PATCH";
  const bool removes = one && request.method == "DELETE";
  if (!creates && !updates && !removes)
    return no_such_method(one ? "GET, HEAD, PATCH, DELETE" : "GET, HEAD, POST");
  if (reply_ptr refusal = projects_.refuse_integrations(project)) return refusal;
  if (!removes && !request.content_type.starts_with("application/json")) return not_json;
  if (creates) return projects_.create(project, request.body, clock_.now());
  const integration_ref of{project_id(project), integration_id(below[0])};
  return removes ? projects_.remove(of, clock_.now())
                 : projects_.update(of, request.body, clock_.now());
}

}  // namespace upsun::testing
