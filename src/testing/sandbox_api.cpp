#include "testing/sandbox_api.hpp"

#include <mutex>
#include <stdexcept>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>

#include "testing/hal_links.hpp"
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

struct resource {
  std::string project, integration;
};
/// Reads `/projects/{projectId}/integrations/{integrationId}`.
std::optional<resource> find_resource(std::string_view path) {
  if (take_segment(path) != "projects") return std::nullopt;
  std::optional<std::string> project = take_segment(path);
  if (!project || take_segment(path) != "integrations") return std::nullopt;
  std::optional<std::string> integration = take_segment(path);
  if (!integration || !path.empty()) return std::nullopt;
  return resource{std::move(*project), std::move(*integration)};
}

}  // namespace

sandbox_api::sandbox_api(const sandbox_auth& auth, std::string path_prefix) : auth_(auth), path_prefix_(std::move(path_prefix)) {}

void sandbox_api::put(const std::string& project, const std::string& id, upsun::integration value) {
  const std::string path = path_prefix_ + "/projects/" + percent_encoded(project) + "/integrations/" + percent_encoded(id);
  const std::string json = encode_integration(value);
  const std::string body = std::holds_alternative<unknown_settings>(value.settings) ? json : with_links(json, path);
  integration_entry entry{std::move(value), fixed_reply(200, "application/hal+json; charset=utf-8", body)};
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

reply_ptr sandbox_api::answer(std::string_view method, std::string_view target, std::string_view authorization) const {
  static const reply_ptr forbidden =
      fixed_reply(403, "application/problem+json", R"({"title":"Forbidden","type":"about:blank","detail":"You may not see this project.","status":403})");
  static const reply_ptr no_project = fixed_reply(404, "application/json", R"({"code":404,"message":"The project does not exist."})");
  static const reply_ptr no_integration = fixed_reply(404, "application/json", R"({"code":404,"message":"The integration does not exist."})");
  static const reply_ptr no_resource = fixed_reply(404, "application/json", R"({"error":"No such resource."})");
  static const reply_ptr wrong_method =
      fixed_reply(405, "application/json", R"({"code":405,"message":"The sandbox only answers GET here."})", {{"Allow", "GET"}});

  if (auto refusal = auth_.refuse(authorization)) return refusal;
  const std::shared_lock lock(mutex_);
  if (!target.starts_with(path_prefix_)) return no_resource;
  const std::optional<resource> wanted = find_resource(target.substr(path_prefix_.size(), target.find('?') - path_prefix_.size()));
  if (!wanted) return no_resource;
  if (method != "GET") return wrong_method;
  const auto project = projects_.find(wanted->project);
  if (project == projects_.end()) return no_project;
  if (project->second.forbidden) return forbidden;
  const auto found = project->second.integrations.find(wanted->integration);
  return found == project->second.integrations.end() ? no_integration : found->second.answer;
}

}  // namespace upsun::testing
