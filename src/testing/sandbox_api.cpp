#include "testing/sandbox_api.hpp"

#include <algorithm>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>

#include "testing/hal_links.hpp"
#include "testing/reply.hpp"
#include "testing/requested_change.hpp"
#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

/// Takes the next `/segment` off the path. \return nothing when there is none or it is badly
/// encoded.
std::optional<std::string> take_segment(std::string_view& path) {
  if (!path.starts_with('/')) return std::nullopt;
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, end - 1);
  path.remove_prefix(end);
  return percent_decoded(segment);
}

std::string item_path(const std::string& prefix, const std::string& project,
                      const std::string& id) {
  return prefix + "/projects/" + percent_encoded(project) + "/integrations/" + percent_encoded(id);
}

std::string_view body_of(const reply& whole) {
  return std::string_view(whole.text).substr(whole.body_at);
}

const reply_ptr& no_project() {
  static const reply_ptr made = fixed_reply(
      404, "application/json", R"({"code":404,"message":"The project does not exist."})");
  return made;
}
const reply_ptr& forbidden() {
  static const reply_ptr made = fixed_reply(
      403, "application/problem+json",
      R"({"title":"Forbidden","type":"about:blank","detail":"You may not see this project.","status":403})");
  return made;
}
const reply_ptr& no_integration() {
  static const reply_ptr made = fixed_reply(
      404, "application/json", R"({"code":404,"message":"The integration does not exist."})");
  return made;
}

reply_ptr no_such_method(std::string_view allowed) {
  return fixed_reply(405, "application/json",
                     R"({"code":405,"message":"The resource has no such method."})",
                     {{"Allow", std::string(allowed)}});
}

}  // namespace

sandbox_api::sandbox_api(const sandbox_auth& auth, std::string path_prefix, activity_pace pace,
                         bool manual_clock, bool etags)
    : auth_(auth),
      path_prefix_(std::move(path_prefix)),
      etags_(etags),
      clock_(manual_clock),
      activities_(pace, path_prefix_) {}

void sandbox_api::put(const std::string& project, const std::string& id, upsun::integration value) {
  integration_entry entry = make_entry(project, id, std::move(value));
  const std::unique_lock lock(mutex_);
  projects_[project].integrations.insert_or_assign(id, std::move(entry));
}

void sandbox_api::put_raw(const std::string& project, const std::string& id,
                          std::string_view json) {
  integration_entry entry = entry_of(std::nullopt, "application/json", json);
  const std::unique_lock lock(mutex_);
  projects_[project].integrations.insert_or_assign(id, std::move(entry));
}

upsun::integration sandbox_api::get(const std::string& project, const std::string& id) const {
  const std::shared_lock lock(mutex_);
  const integration_entry& entry = projects_.at(project).integrations.at(id);
  if (!entry.value) throw std::out_of_range("the integration is stored as a raw text");
  return *entry.value;
}

void sandbox_api::add_project(const std::string& project) {
  const std::unique_lock lock(mutex_);
  projects_.try_emplace(project);
}

void sandbox_api::set_region(std::string region) { region_ = std::move(region); }

void sandbox_api::forbid(const std::string& project) {
  const std::unique_lock lock(mutex_);
  projects_[project].forbidden = true;
}

void sandbox_api::put_activity(const std::string& project, const std::string& integration,
                               upsun::activity value) {
  const std::unique_lock lock(mutex_);
  activities_.put(project, integration, std::move(value));
}

void sandbox_api::put_raw_activity(const std::string& project, const std::string& integration,
                                   const std::string& id, timestamp created, std::string json) {
  const std::unique_lock lock(mutex_);
  activities_.put_raw(project, integration, id, created, std::move(json));
}

upsun::activity sandbox_api::get_activity(const std::string& project,
                                          const std::string& integration,
                                          const std::string& id) const {
  const std::shared_lock lock(mutex_);
  auto found = activities_.find(project, integration, id, clock_.now());
  if (!found) throw std::out_of_range("there is no such activity");
  return std::move(*found);
}

void sandbox_api::fail_activities(std::size_t count) {
  const std::unique_lock lock(mutex_);
  activities_.fail_next(count);
}

sandbox_api::integration_entry sandbox_api::entry_of(std::optional<upsun::integration> value,
                                                     std::string_view content_type,
                                                     std::string_view body) const {
  integration_entry made{.value = std::move(value), .etag = {}, .response = nullptr};
  header_list headers;
  if (etags_) {
    made.etag = '"' + std::to_string(std::hash<std::string_view>()(body)) + '"';
    headers.emplace_back("ETag", made.etag);
  }
  made.response = fixed_reply(200, content_type, body, headers);
  return made;
}

sandbox_api::integration_entry sandbox_api::make_entry(const std::string& project,
                                                       const std::string& id,
                                                       upsun::integration value) const {
  const std::string json = encode_integration(value);
  const bool known = !std::holds_alternative<unknown_settings>(value.settings);
  const std::string body =
      known ? with_links(json, item_path(path_prefix_, project, id), region_) : json;
  return entry_of(std::move(value), "application/hal+json; charset=utf-8", body);
}

/// Reads `/projects/{projectId}/integrations`, with `/{integrationId}` or what its links lead to
/// behind it.
std::optional<sandbox_api::resource> sandbox_api::find_resource(std::string_view target) const {
  if (!target.starts_with(path_prefix_)) return std::nullopt;
  std::string_view path =
      target.substr(path_prefix_.size(), target.find('?') - path_prefix_.size());
  if (take_segment(path) != "projects") return std::nullopt;
  std::optional<std::string> project = take_segment(path);
  if (!project || take_segment(path) != "integrations") return std::nullopt;
  resource found{std::move(*project), std::nullopt, {}};
  if (path.empty()) return found;
  found.integration = take_segment(path);
  if (!found.integration) return std::nullopt;
  while (!path.empty()) {
    std::optional<std::string> segment = take_segment(path);
    if (!segment) return std::nullopt;
    found.below.push_back(std::move(*segment));
  }
  return found;
}

bool sandbox_api::is_hook(const resource& wanted) {
  return wanted.below.size() == 1 && wanted.below[0] == "hook";
}
bool sandbox_api::is_link(const resource& wanted) {
  return is_hook(wanted) || (wanted.below.size() == 1 && wanted.below[0] == "validate");
}

reply_ptr sandbox_api::respond(const api_request& request) {
  static const reply_ptr no_resource =
      fixed_reply(404, "application/json", R"({"error":"No such resource."})");

  const std::optional<resource> wanted = find_resource(request.target);
  const bool needs_token = !wanted || !is_hook(*wanted);
  if (auto refusal = needs_token ? auth_.refuse(request.authorization) : nullptr) return refusal;
  if (!wanted) return no_resource;
  if (!wanted->below.empty()) {
    const std::size_t depth = wanted->below.size();
    const bool known =
        depth < 3 || (depth == 3 && (wanted->below[2] == "cancel" || wanted->below[2] == "log"));
    if (wanted->below[0] == "activities" && known)
      return respond_about_activities(*wanted, request);
    if (is_link(*wanted)) return follow_link(*wanted, request);
    return no_resource;
  }
  if (request.method == "GET") {
    const std::shared_lock lock(mutex_);
    return read(*wanted, request.if_none_match);
  }
  const std::unique_lock lock(mutex_);
  return change(*wanted, request);
}

reply_ptr sandbox_api::read(const resource& wanted, std::string_view if_none_match) const {
  const auto project = projects_.find(wanted.project);
  if (project == projects_.end()) return no_project();
  if (project->second.forbidden) return forbidden();
  if (wanted.integration) {
    const auto found = project->second.integrations.find(*wanted.integration);
    if (found == project->second.integrations.end()) return no_integration();
    const integration_entry& entry = found->second;
    const bool unchanged =
        !entry.etag.empty() && if_none_match.find(entry.etag) != std::string_view::npos;
    return unchanged ? fixed_reply(304, {}, {}, {{"ETag", entry.etag}}) : entry.response;
  }
  std::string list = "[";
  for (const auto& [id, entry] : project->second.integrations)
    list.append(list.size() > 1 ? "," : "").append(body_of(*entry.response));
  return fixed_reply(200, "application/hal+json; charset=utf-8", list + "]");
}

/// `/activities`, `/activities/{activityId}`, `/activities/{activityId}/cancel` and
/// `/activities/{activityId}/log` of an integration.
reply_ptr sandbox_api::respond_about_activities(const resource& wanted,
                                                const api_request& request) {
  const std::string& integration = *wanted.integration;
  const std::size_t depth = wanted.below.size();
  const bool cancels = depth == 3 && wanted.below[2] == "cancel";
  if (request.method != (cancels ? "POST" : "GET"))
    return no_such_method(cancels ? "POST" : "GET, HEAD");
  const std::unique_lock lock(mutex_);
  const auto project = projects_.find(wanted.project);
  if (project == projects_.end()) return no_project();
  if (project->second.forbidden) return forbidden();
  if (!project->second.integrations.contains(integration)) return no_integration();
  const timestamp now = clock_.now();
  const std::string_view query =
      request.target.substr(std::min(request.target.find('?'), request.target.size() - 1) + 1);
  if (cancels) return activities_.cancel(wanted.project, integration, wanted.below[1], now);
  if (depth == 3) return read_log({wanted.project, integration, wanted.below[1]}, query);
  if (depth == 2) return activities_.read(wanted.project, integration, wanted.below[1], now);
  return activities_.list(wanted.project, integration, query, now);
}

reply_ptr sandbox_api::follow_link(const resource& wanted, const api_request& request) {
  if (request.method != "POST") return no_such_method("POST");
  std::optional<upsun::integration> value;
  {
    const std::shared_lock lock(mutex_);
    const auto project = projects_.find(wanted.project);
    if (project == projects_.end()) return no_project();
    if (project->second.forbidden) return forbidden();
    const auto found = project->second.integrations.find(*wanted.integration);
    if (found == project->second.integrations.end()) return no_integration();
    value = found->second.value;
  }
  if (is_hook(wanted))
    return links_.take_hook(wanted.project, *wanted.integration, request.authorization,
                            request.body);
  return links_.validate(wanted.project, *wanted.integration, value);
}

reply_ptr sandbox_api::read_log(const sandbox_logs::name& of, std::string_view query) {
  if (auto stream = logs_.open(of, query))
    return std::make_shared<const reply>(make_stream(std::move(stream)));
  const auto activity = activities_.find(of[0], of[1], of[2], clock_.now());
  if (!activity)
    return fixed_reply(404, "application/json",
                       R"({"code":404,"message":"The activity does not exist."})");
  return fixed_reply(200, "application/x-ndjson",
                     log_of_text(activity->log.value_or(""),
                                 activity->created_at.value_or(timestamp()), activity->done()));
}

reply_ptr sandbox_api::change(const resource& wanted, const api_request& request) {
  static const reply_ptr not_json = fixed_reply(
      415, "application/json", R"({"code":415,"message":"The body must be application/json."})");
  const bool creates = !wanted.integration && request.method == "POST";
  const bool updates = wanted.integration && request.method == "PATCH";
  const bool removes = wanted.integration && request.method == "DELETE";
  if (!creates && !updates && !removes) {
    return no_such_method(wanted.integration ? "GET, HEAD, PATCH, DELETE" : "GET, HEAD, POST");
  }
  const auto project = projects_.find(wanted.project);
  if (project == projects_.end()) return no_project();
  if (project->second.forbidden) return forbidden();
  if (removes) return remove(wanted, project->second);
  if (!request.content_type.starts_with("application/json")) return not_json;
  return creates ? create(wanted, project->second, request.body)
                 : update(wanted, project->second, request.body);
}

reply_ptr sandbox_api::create(const resource& wanted, project_entry& project,
                              std::string_view body) {
  std::string id;
  do id = "created-" + std::to_string(++created_);
  while (project.integrations.contains(id));
  requested_change change = created_integration(body, id, clock_.now());
  if (const auto* complaints = std::get_if<std::string>(&change))
    return refuse(400, "The integration is not valid.", *complaints);
  return store({wanted.project, id, {}}, project, std::get<upsun::integration>(std::move(change)),
               "created");
}

reply_ptr sandbox_api::update(const resource& wanted, project_entry& project,
                              std::string_view body) {
  const auto found = project.integrations.find(*wanted.integration);
  if (found == project.integrations.end()) return no_integration();
  const auto& current = found->second.value;
  if (!current || std::holds_alternative<unknown_settings>(current->settings))
    return refuse(400, "The integration cannot be changed.", "{}");
  requested_change change = changed_integration(*current, body, clock_.now());
  if (const auto* complaints = std::get_if<std::string>(&change))
    return refuse(400, "The integration is not valid.", *complaints);
  return store(wanted, project, std::get<upsun::integration>(std::move(change)), "updated");
}

reply_ptr sandbox_api::store(const resource& wanted, project_entry& project,
                             upsun::integration value, std::string_view verb) {
  const std::string source = source_of(value);
  for (const auto& [id, other] : project.integrations) {
    if (!source.empty() && id != *wanted.integration && other.value &&
        source_of(*other.value) == source) {
      return refuse(409, "The project has an integration with this repository already.", "{}");
    }
  }
  const bool fresh = verb == "created";
  integration_entry& entry =
      project.integrations
          .insert_or_assign(*wanted.integration,
                            make_entry(wanted.project, *wanted.integration, std::move(value)))
          .first->second;
  return accept(fresh ? 201 : 200, verb, body_of(*entry.response),
                activities_.add(wanted.project, *wanted.integration,
                                fresh ? "integration.add" : "integration.update", clock_.now()));
}

reply_ptr sandbox_api::remove(const resource& wanted, project_entry& project) {
  if (project.integrations.erase(*wanted.integration) == 0) return no_integration();
  const std::string activity =
      activities_.add(wanted.project, *wanted.integration, "integration.delete", clock_.now());
  activities_.forget(wanted.project, *wanted.integration);
  return accept(200, "deleted", {}, activity);
}

}  // namespace upsun::testing
