#include "testing/fleet_integrations.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

#include "testing/hal_links.hpp"
#include "testing/sample_integrations.hpp"
#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

using namespace std::chrono_literals;

// Stand in the encoded samples where values differ. Timestamps are replaced with their quotes,
// since a project may have null instead.
constexpr std::string_view organization_mark = "{{organization}}";
constexpr std::string_view slug_mark = "{{slug}}";
constexpr std::string_view id_mark = "{{id}}";
constexpr std::string_view path_mark = "{{path}}";
constexpr std::string_view region_mark = "{{region}}";
constexpr timestamp created_mark = std::chrono::sys_days(2001y / 1 / 1);
constexpr timestamp updated_mark = std::chrono::sys_days(2001y / 1 / 2);
constexpr timestamp expiry_mark = std::chrono::sys_days(2001y / 1 / 3);

std::string quoted(timestamp moment) { return '"' + format_timestamp(moment) + '"'; }

/// Gives members the values that people give them.
struct realism {
  const std::string repository = std::string(organization_mark).append("/").append(slug_mark);

  template <class Settings>
  void operator()(Settings& s) const {
    if constexpr (requires { s.repository; }) s.repository = repository;
    if constexpr (requires { s.fetch_branches; }) s.fetch_branches = true;
    if constexpr (requires { s.url; })
      s.url = "https://" + std::string(Settings::kind) + ".example.com/" + std::string(slug_mark);
    if constexpr (requires { s.events; }) {
      s.events = {"environment.push", "environment.branch"};
      s.environments = {"*"};
      s.excluded_environments = {};
      s.states = {"complete"};
    }
    if constexpr (std::is_same_v<Settings, gitlab_settings>) {
      s.base_url = "https://gitlab.example.com";
      s.project = repository;
      s.token_expires_at = expiry_mark;
    }
    if constexpr (std::is_same_v<Settings, email_settings>)
      s.recipients = {"ops@example.com", "#admins"};
    if constexpr (std::is_same_v<Settings, slack_settings>)
      s.channel = '#' + std::string(organization_mark) + "-ops";
    if constexpr (std::is_same_v<Settings, syslog_settings>) {
      s.host = "syslog.example.com";
      s.port = 6514;
    }
    if constexpr (std::is_same_v<Settings, script_settings>)
      s.script = "const body = {\"text\": \"Deployed \\\"" + std::string(slug_mark) +
                 "\\\"\"};\nfetch(\"https://chat.example.com/\", {body});\n";
  }
  void operator()(unknown_settings&) const {}
};

/// A whole integration with marks in the place of what differs. \param index of `fleet_kinds`
std::string marked_integration(std::size_t index) {
  const std::size_t kind = find_kind(fleet_kinds[index]).value();
  upsun::integration made =
      sample_integration(std::string(id_mark), kind + kind_count * (index % 4));
  made.created_at = created_mark;
  made.updated_at = updated_mark;
  std::visit(realism(), made.settings);
  std::string json = encode_integration(made);
  if (index % 3 == 0) {  // the API has members that no document names
    json.pop_back();
    json += R"(,"labels":{"team":"web","tier":[1,2]},"legacy_id":null})";
  }
  return with_links(std::move(json), path_mark, region_mark);
}

}  // namespace

fleet_integrations::fleet_integrations(const fleet_model& fleet, std::string path_prefix,
                                       std::string region)
    : fleet_(fleet), path_prefix_(std::move(path_prefix)), region_(std::move(region)) {
  if (fleet.own_organizations() == 0) return;
  for (std::size_t index = 0; index < std::size(fleet_kinds); ++index)
    kinds_.push_back(parted(marked_integration(index)));
}

fleet_integrations::parts fleet_integrations::parted(std::string_view text) {
  const std::pair<std::string, slot> marks[] = {
      {std::string(organization_mark), slot::organization},
      {std::string(slug_mark), slot::slug},
      {std::string(id_mark), slot::id},
      {std::string(path_mark), slot::path},
      {std::string(region_mark), slot::region},
      {quoted(created_mark), slot::created},
      {quoted(updated_mark), slot::updated},
      {quoted(expiry_mark), slot::expiry},
  };
  parts made;
  for (;;) {
    std::size_t at = std::string_view::npos;
    const std::pair<std::string, slot>* next = nullptr;
    for (const auto& mark : marks) {
      const std::size_t found = text.find(mark.first);
      if (found < at) {
        at = found;
        next = &mark;
      }
    }
    if (next == nullptr) break;
    made.push_back({std::string(text.substr(0, at)), next->second});
    text.remove_prefix(at + next->first.size());
  }
  made.push_back({std::string(text)});
  return made;
}

fleet_integrations::of_project fleet_integrations::project_values(std::size_t project) const {
  return {
      path_prefix_ + "/projects/" + percent_encoded(fleet_.project_id(project)) + "/integrations/",
      fleet_.organization_name(fleet_.organization_of(project)), fleet_.slug(project)};
}

void fleet_integrations::append(std::string& to, const of_project& of, std::size_t project,
                                std::size_t number) const {
  const std::string id = fleet_.integration_id(project, number);
  const timestamp created = fleet_.created(project) + std::chrono::minutes(number);
  for (const part& each : kinds_[fleet_.kind(project, number)]) {
    to += each.text;
    switch (each.then) {
      case slot::none: break;
      case slot::path: to.append(of.path).append(id); break;
      case slot::id: to += id; break;
      case slot::region: to += region_; break;
      case slot::organization: to += of.organization; break;
      // A project has several of some kinds, but a repository once.
      case slot::slug: to.append(of.slug).append("-").append(std::to_string(number)); break;
      case slot::created: to += quoted(created); break;
      case slot::updated: to += quoted(created + std::chrono::hours(24 * (1 + number))); break;
      case slot::expiry: {
        const auto expiry = fleet_.token_expiry(project, number);
        to += expiry ? quoted(*expiry) : "null";
        break;
      }
    }
  }
}

std::string fleet_integrations::integration(std::size_t project, std::size_t number) const {
  std::string made;
  append(made, project_values(project), project, number);
  return made;
}

std::string fleet_integrations::list(std::size_t project) const {
  const of_project common = project_values(project);
  const std::size_t count = fleet_.integrations(project);
  std::string made = "[";
  for (std::size_t number = 0; number < count; ++number) {
    append(made, common, project, number);
    made += ',';
  }
  if (fleet_.is_broken(project)) made.append(broken_element).append(",");
  if (made.size() > 1) made.pop_back();
  return made + "]";
}

}  // namespace upsun::testing
