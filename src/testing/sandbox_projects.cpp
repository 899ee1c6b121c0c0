#include "testing/sandbox_projects.hpp"

#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include <upsun/codec.hpp>

#include "testing/hal_links.hpp"
#include "testing/requested_change.hpp"
#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

constexpr std::string_view hal_json = "application/hal+json; charset=utf-8";

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
const reply_ptr& suspended() {
  static const reply_ptr made = fixed_reply(
      403, "application/problem+json",
      R"({"title":"Forbidden","type":"about:blank","detail":"The project is suspended.","status":403})");
  return made;
}
const reply_ptr& no_integration() {
  static const reply_ptr made = fixed_reply(
      404, "application/json", R"({"code":404,"message":"The integration does not exist."})");
  return made;
}

}  // namespace

sandbox_projects::sandbox_projects(const fleet_model& fleet, sandbox_activities& activities,
                                   std::string path_prefix, bool etags)
    : fleet_(fleet), activities_(activities), path_prefix_(std::move(path_prefix)), etags_(etags) {
  set_region({});
}

void sandbox_projects::set_region(std::string region) {
  region_ = std::move(region);
  fleet_json_.emplace(fleet_, path_prefix_, region_);
}

void sandbox_projects::put(const std::string& project, const std::string& id,
                           upsun::integration value) {
  stored(project).integrations.insert_or_assign(id, make_entry(project, id, std::move(value)));
}

void sandbox_projects::put_raw(const std::string& project, const std::string& id,
                               std::string_view json) {
  stored(project).integrations.insert_or_assign(id,
                                                entry_of(std::nullopt, "application/json", json));
}

upsun::integration sandbox_projects::get(const std::string& project, const std::string& id) const {
  const integration_ref of{project_id(project), integration_id(id)};
  if (const integration_entry* entry = find(of)) {
    if (!entry->value) throw std::out_of_range("the integration is stored as a raw text");
    return *entry->value;
  }
  const auto number = find_in_fleet(of);
  if (!number) throw std::out_of_range("there is no such integration");
  return decode_integration(fleet_json_->integration(*fleet_.find_project(project), *number))
      .value();
}

std::shared_ptr<const fleet_model> sandbox_projects::directory(const std::string* project) const {
  if (project != nullptr ? fleet_.find_project(*project).has_value()
                         : fleet_.own_organizations() != 0)
    return {std::shared_ptr<const fleet_model>(), &fleet_};  // which outlives it
  std::vector<std::string> ids;
  for (const auto& each : projects_) ids.push_back(each.first);
  return std::make_shared<const fleet_model>(std::move(ids), fleet_.options(), timestamp());
}

sandbox_projects::project_entry& sandbox_projects::stored(const std::string& project) {
  const auto [at, fresh] = projects_.try_emplace(project);
  auto& integrations = at->second.integrations;
  const auto number = fresh ? fleet_.find_project(project) : std::nullopt;
  if (!number) return at->second;
  for (std::size_t i = 0; i < fleet_.integrations(*number); ++i) {
    const std::string text = fleet_json_->integration(*number, i);
    integrations.emplace(fleet_.integration_id(*number, i),
                         entry_of(decode_integration(text).value(), hal_json, text));
  }
  if (fleet_.is_broken(*number))
    integrations.emplace("", entry_of(std::nullopt, hal_json, fleet_integrations::broken_element));
  return at->second;
}

const sandbox_projects::project_entry* sandbox_projects::find(const std::string& project) const {
  const auto found = projects_.find(project);
  return found == projects_.end() ? nullptr : &found->second;
}

const sandbox_projects::integration_entry* sandbox_projects::find(const integration_ref& of) const {
  const project_entry* project = find(of.project().str());
  if (project == nullptr) return nullptr;
  const auto found = project->integrations.find(of.id().str());
  return found == project->integrations.end() ? nullptr : &found->second;
}

std::optional<std::size_t> sandbox_projects::find_in_fleet(const integration_ref& of) const {
  if (find(of.project().str()) != nullptr) return std::nullopt;
  const auto project = fleet_.find_project(of.project().str());
  if (!project) return std::nullopt;
  return fleet_.find_integration(*project, of.id().str());
}

reply_ptr sandbox_projects::refuse(const std::string& project) const {
  const project_entry* const entry = find(project);
  if (entry != nullptr && entry->forbidden) return forbidden();
  const auto number = fleet_.find_project(project);
  if (number && fleet_.state(*number) == project_state::missing) return no_project();
  return entry != nullptr || number ? nullptr : no_project();
}

reply_ptr sandbox_projects::refuse_integrations(const std::string& project) const {
  if (reply_ptr refusal = refuse(project)) return refusal;
  const auto number = fleet_.find_project(project);
  if (!number) return nullptr;
  const project_state state = fleet_.state(*number);
  if (state == project_state::suspended) return suspended();
  return state == project_state::forbidden ? forbidden() : nullptr;
}

reply_ptr sandbox_projects::refuse(const integration_ref& of) const {
  if (reply_ptr refusal = refuse_integrations(of.project().str())) return refusal;
  return find(of) != nullptr || find_in_fleet(of) ? nullptr : no_integration();
}

reply_ptr sandbox_projects::list(const std::string& project) const {
  const project_entry* const entry = find(project);
  if (entry == nullptr)
    return fixed_reply(200, hal_json, fleet_json_->list(*fleet_.find_project(project)));
  std::string list = "[";
  for (const auto& [id, each] : entry->integrations)
    list.append(list.size() > 1 ? "," : "").append(body_of(*each.response));
  return fixed_reply(200, hal_json, list + "]");
}

reply_ptr sandbox_projects::read(const integration_ref& of, std::string_view if_none_match) const {
  if (reply_ptr refusal = refuse(of)) return refusal;
  integration_entry made;
  const integration_entry* entry = find(of);
  if (entry == nullptr) {
    const std::size_t project = *fleet_.find_project(of.project().str());
    made = entry_of(std::nullopt, hal_json, fleet_json_->integration(project, *find_in_fleet(of)));
    entry = &made;
  }
  const bool unchanged =
      !entry->etag.empty() && if_none_match.find(entry->etag) != std::string_view::npos;
  return unchanged ? fixed_reply(304, {}, {}, {{"ETag", entry->etag}}) : entry->response;
}

std::string sandbox_projects::complaints(const integration_ref& of) const {
  if (const auto project = fleet_.find_project(of.project().str())) {
    const auto number = fleet_.find_integration(*project, of.id().str());
    if (number && fleet_.is_invalid(*project, *number)) return R"({"url":"Cannot be reached"})";
  }
  const integration_entry* const entry = find(of);
  const bool checked = entry != nullptr && entry->value &&
                       !std::holds_alternative<unknown_settings>(entry->value->settings);
  return checked ? complaints_about(*entry->value) : std::string();
}

sandbox_projects::integration_entry sandbox_projects::entry_of(
    std::optional<upsun::integration> value, std::string_view content_type,
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

sandbox_projects::integration_entry sandbox_projects::make_entry(const std::string& project,
                                                                 const std::string& id,
                                                                 upsun::integration value) const {
  const std::string json = encode_integration(value);
  const bool known = !std::holds_alternative<unknown_settings>(value.settings);
  const std::string body =
      known ? with_links(json, item_path(path_prefix_, project, id), region_) : json;
  return entry_of(std::move(value), hal_json, body);
}

reply_ptr sandbox_projects::create(const std::string& project, std::string_view body,
                                   timestamp now) {
  if (reply_ptr refusal = refuse_integrations(project)) return refusal;
  const auto& taken = stored(project).integrations;
  std::string id;
  do id = "created-" + std::to_string(++created_);
  while (taken.contains(id));
  requested_change change = created_integration(body, id, now);
  if (const auto* complaints = std::get_if<std::string>(&change))
    return testing::refuse(400, "The integration is not valid.", *complaints);
  return store({project_id(project), integration_id(id)},
               std::get<upsun::integration>(std::move(change)), "created", now);
}

reply_ptr sandbox_projects::update(const integration_ref& of, std::string_view body,
                                   timestamp now) {
  if (reply_ptr refusal = refuse(of)) return refusal;
  const auto& current = stored(of.project().str()).integrations.find(of.id().str())->second.value;
  if (!current || std::holds_alternative<unknown_settings>(current->settings))
    return testing::refuse(400, "The integration cannot be changed.", "{}");
  requested_change change = changed_integration(*current, body, now);
  if (const auto* complaints = std::get_if<std::string>(&change))
    return testing::refuse(400, "The integration is not valid.", *complaints);
  return store(of, std::get<upsun::integration>(std::move(change)), "updated", now);
}

reply_ptr sandbox_projects::store(const integration_ref& of, upsun::integration value,
                                  std::string_view verb, timestamp now) {
  auto& integrations = stored(of.project().str()).integrations;
  const std::string source = source_of(value);
  for (const auto& [id, other] : integrations) {
    if (!source.empty() && id != of.id().str() && other.value && source_of(*other.value) == source)
      return testing::refuse(409, "The project has an integration with this repository already.",
                             "{}");
  }
  const bool fresh = verb == "created";
  const integration_entry& entry =
      integrations
          .insert_or_assign(of.id().str(),
                            make_entry(of.project().str(), of.id().str(), std::move(value)))
          .first->second;
  return accept(fresh ? 201 : 200, verb, body_of(*entry.response),
                activities_.add(of, fresh ? "integration.add" : "integration.update", now));
}

reply_ptr sandbox_projects::remove(const integration_ref& of, timestamp now) {
  if (reply_ptr refusal = refuse(of)) return refusal;
  stored(of.project().str()).integrations.erase(of.id().str());
  const std::string activity = activities_.add(of, "integration.delete", now);
  activities_.forget(of);
  return accept(200, "deleted", {}, activity);
}

}  // namespace upsun::testing
