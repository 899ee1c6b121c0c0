#include "testing/sandbox_api.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>

#include "testing/hal_links.hpp"
#include "testing/requested_change.hpp"
#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

reply_ptr fixed_reply(int status, std::string_view content_type, std::string_view body, const header_list& headers = {}) {
  return std::make_shared<const reply>(make_reply(status, content_type, body, headers));
}

/// Takes the next `/segment` off the path. \return nothing when there is none or it is badly encoded.
std::optional<std::string> take_segment(std::string_view& path) {
  if (!path.starts_with('/')) return std::nullopt;
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, end - 1);
  path.remove_prefix(end);
  return percent_decoded(segment);
}

std::string item_path(const std::string& prefix, const std::string& project, const std::string& id) {
  return prefix + "/projects/" + percent_encoded(project) + "/integrations/" + percent_encoded(id);
}

std::string_view body_of(const reply& whole) { return std::string_view(whole.text).substr(whole.body_at); }

/// `complaints`: a JSON object, by member.
reply_ptr refuse(int status, std::string_view message, std::string_view complaints) {
  std::string body = R"({"status":"error","code":)" + std::to_string(status);
  body.append(R"(,"message":")").append(message).append(R"(","detail":)").append(complaints).append("}");
  return fixed_reply(status, "application/json", body);
}

timestamp now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

/// `entity`: JSON, or empty when there is none any more.
reply_ptr accept(int status, std::string_view verb, std::string_view entity, std::string_view activity) {
  std::string body(R"({"status":")");
  body.append(verb).append(R"(","code":)").append(std::to_string(status)).append(R"(,"_embedded":{)");
  if (!entity.empty()) body.append(R"("entity":)").append(entity).append(",");
  body.append(R"("activities":[)").append(activity).append("]}}");
  return fixed_reply(status, "application/hal+json; charset=utf-8", body);
}

const reply_ptr& no_project() {
  static const reply_ptr made = fixed_reply(404, "application/json", R"({"code":404,"message":"The project does not exist."})");
  return made;
}
const reply_ptr& forbidden() {
  static const reply_ptr made =
      fixed_reply(403, "application/problem+json", R"({"title":"Forbidden","type":"about:blank","detail":"You may not see this project.","status":403})");
  return made;
}
const reply_ptr& no_integration() {
  static const reply_ptr made = fixed_reply(404, "application/json", R"({"code":404,"message":"The integration does not exist."})");
  return made;
}

}  // namespace

sandbox_api::sandbox_api(const sandbox_auth& auth, std::string path_prefix) : auth_(auth), path_prefix_(std::move(path_prefix)) {}

void sandbox_api::put(const std::string& project, const std::string& id, upsun::integration value) {
  integration_entry entry = make_entry(project, id, std::move(value));
  const std::unique_lock lock(mutex_);
  projects_[project].integrations.insert_or_assign(id, std::move(entry));
}

void sandbox_api::put_raw(const std::string& project, const std::string& id, std::string_view json) {
  integration_entry entry{std::nullopt, fixed_reply(200, "application/json", json)};
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

void sandbox_api::forbid(const std::string& project) {
  const std::unique_lock lock(mutex_);
  projects_[project].forbidden = true;
}

sandbox_api::integration_entry sandbox_api::make_entry(const std::string& project, const std::string& id, upsun::integration value) const {
  const std::string json = encode_integration(value);
  const bool known = !std::holds_alternative<unknown_settings>(value.settings);
  const std::string body = known ? with_links(json, item_path(path_prefix_, project, id)) : json;
  return {std::move(value), fixed_reply(200, "application/hal+json; charset=utf-8", body)};
}

/// Reads `/projects/{projectId}/integrations` and `/projects/{projectId}/integrations/{integrationId}`.
std::optional<sandbox_api::resource> sandbox_api::find_resource(std::string_view target) const {
  if (!target.starts_with(path_prefix_)) return std::nullopt;
  std::string_view path = target.substr(path_prefix_.size(), target.find('?') - path_prefix_.size());
  if (take_segment(path) != "projects") return std::nullopt;
  std::optional<std::string> project = take_segment(path);
  if (!project || take_segment(path) != "integrations") return std::nullopt;
  if (path.empty()) return resource{std::move(*project), std::nullopt};
  std::optional<std::string> integration = take_segment(path);
  if (!integration || !path.empty()) return std::nullopt;
  return resource{std::move(*project), std::move(integration)};
}

reply_ptr sandbox_api::answer(const api_request& request) {
  static const reply_ptr no_resource = fixed_reply(404, "application/json", R"({"error":"No such resource."})");

  if (auto refusal = auth_.refuse(request.authorization)) return refusal;
  const std::optional<resource> wanted = find_resource(request.target);
  if (!wanted) return no_resource;
  if (request.method == "GET") {
    const std::shared_lock lock(mutex_);
    return read(*wanted);
  }
  const std::unique_lock lock(mutex_);
  return change(*wanted, request);
}

reply_ptr sandbox_api::read(const resource& wanted) const {
  const auto project = projects_.find(wanted.project);
  if (project == projects_.end()) return no_project();
  if (project->second.forbidden) return forbidden();
  if (wanted.integration) {
    const auto found = project->second.integrations.find(*wanted.integration);
    return found == project->second.integrations.end() ? no_integration() : found->second.answer;
  }
  std::string list = "[";
  for (const auto& [id, entry] : project->second.integrations) list.append(list.size() > 1 ? "," : "").append(body_of(*entry.answer));
  return fixed_reply(200, "application/hal+json; charset=utf-8", list + "]");
}

reply_ptr sandbox_api::change(const resource& wanted, const api_request& request) {
  static const reply_ptr not_json = fixed_reply(415, "application/json", R"({"code":415,"message":"The body must be application/json."})");
  const bool creates = !wanted.integration && request.method == "POST";
  const bool updates = wanted.integration && request.method == "PATCH";
  const bool removes = wanted.integration && request.method == "DELETE";
  if (!creates && !updates && !removes) {
    const char* allowed = wanted.integration ? "GET, PATCH, DELETE" : "GET, POST";
    return fixed_reply(405, "application/json", R"({"code":405,"message":"The resource has no such method."})", {{"Allow", allowed}});
  }
  const auto project = projects_.find(wanted.project);
  if (project == projects_.end()) return no_project();
  if (project->second.forbidden) return forbidden();
  if (removes) return remove(wanted, project->second);
  if (!request.content_type.starts_with("application/json")) return not_json;
  return creates ? create(wanted, project->second, request.body) : update(wanted, project->second, request.body);
}

reply_ptr sandbox_api::create(const resource& wanted, project_entry& project, std::string_view body) {
  std::string id;
  do id = "created-" + std::to_string(++created_);
  while (project.integrations.contains(id));
  requested_change change = created_integration(body, id, now());
  if (const auto* complaints = std::get_if<std::string>(&change)) return refuse(400, "The integration is not valid.", *complaints);
  return store({wanted.project, id}, project, std::get<upsun::integration>(std::move(change)), "created");
}

reply_ptr sandbox_api::update(const resource& wanted, project_entry& project, std::string_view body) {
  const auto found = project.integrations.find(*wanted.integration);
  if (found == project.integrations.end()) return no_integration();
  const auto& current = found->second.value;
  if (!current || std::holds_alternative<unknown_settings>(current->settings)) return refuse(400, "The integration cannot be changed.", "{}");
  requested_change change = changed_integration(*current, body, now());
  if (const auto* complaints = std::get_if<std::string>(&change)) return refuse(400, "The integration is not valid.", *complaints);
  return store(wanted, project, std::get<upsun::integration>(std::move(change)), "updated");
}

reply_ptr sandbox_api::store(const resource& wanted, project_entry& project, upsun::integration value, std::string_view verb) {
  const std::string source = source_of(value);
  for (const auto& [id, other] : project.integrations) {
    if (!source.empty() && id != *wanted.integration && other.value && source_of(*other.value) == source) {
      return refuse(409, "The project has an integration with this repository already.", "{}");
    }
  }
  const bool fresh = verb == "created";
  integration_entry& entry =
      project.integrations.insert_or_assign(*wanted.integration, make_entry(wanted.project, *wanted.integration, std::move(value))).first->second;
  return accept(fresh ? 201 : 200, verb, body_of(*entry.answer), activity(fresh ? "integration.add" : "integration.update", *wanted.integration));
}

reply_ptr sandbox_api::remove(const resource& wanted, project_entry& project) {
  if (project.integrations.erase(*wanted.integration) == 0) return no_integration();
  return accept(200, "deleted", {}, activity("integration.delete", *wanted.integration));
}

std::string sandbox_api::activity(std::string_view type, const std::string& integration) {
  namespace json = boost::json;
  const std::string moment = format_timestamp(now());
  json::object made{{"id", "activity-" + std::to_string(++activities_)}, {"type", type}, {"integration", integration}, {"environments", json::array()}};
  made.insert({{"state", "pending"}, {"result", nullptr}, {"completion_percent", 0}, {"log", ""}, {"text", type}, {"payload", json::object()}});
  made.insert({{"created_at", moment}, {"updated_at", moment}, {"started_at", nullptr}, {"completed_at", nullptr}, {"cancelled_at", nullptr}});
  return json::serialize(made);
}

}  // namespace upsun::testing
