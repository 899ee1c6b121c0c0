#include "testing/account_api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t ids_in_a_reference = 25;

constexpr std::string_view organization_filters[] = {
    "id", "type", "owner_id", "name", "label", "billing_profile_id", "vendor", "status"};
constexpr std::string_view project_filters[] = {"id", "title", "status"};
constexpr std::string_view access_filters[] = {"resource_type", "organization_id"};

reply_ptr ok(const json::object& body) { return json_reply(200, json::serialize(body)); }

reply_ptr no_organization() {
  return problem(404, "Not Found", "The organization does not exist.");
}

}  // namespace

reply_ptr problem(int status, std::string_view title, std::string_view detail) {
  const auto text = [](std::string_view t) { return json::string_view(t.data(), t.size()); };
  const json::object body{{"title", text(title)},
                          {"type", "https://docs.upsun.com/problems"},
                          {"detail", text(detail)},
                          {"status", status}};
  return fixed_reply(status, "application/problem+json", json::serialize(body));
}

account_api::account_api(const fleet_model& fleet, std::string_view path_prefix,
                         std::string_view origin)
    : fleet_(fleet),
      documents_(fleet, path_prefix),
      start_(std::string(origin).append(path_prefix)) {}

reply_ptr account_api::respond(path_segments path, std::string_view query) const {
  if (path[0] == "users") return of_user(path, query);
  if (path[0] == "ref" && path.size() == 2) return references(path[1], query);
  if (path[0] != "organizations") return nullptr;
  return path.size() == 1 ? organizations("/organizations", query) : of_organization(path, query);
}

reply_ptr account_api::of_user(path_segments path, std::string_view query) const {
  if (path.size() == 2 && path[1] == "me") return ok(documents_.user());
  if (path.size() != 3 || (path[2] != "organizations" && path[2] != "extended-access"))
    return nullptr;
  if (path[1] != fleet_.user_id())
    return problem(403, "Forbidden", "You may not see what another user has.");
  const std::string target = "/users/" + path[1] + '/' + path[2];
  return path[2] == "organizations" ? organizations(target, query) : access(target, query);
}

reply_ptr account_api::of_organization(path_segments path, std::string_view query) const {
  if (path.size() > 4 || (path.size() > 2 && path[2] != "projects")) return nullptr;
  const auto found = fleet_.find_organization(path[1]);
  if (!found) return no_organization();
  if (fleet_.is_foreign(*found))
    return problem(403, "Forbidden", "You may not see this organization.");
  if (path.size() == 2) return ok(documents_.organization(*found));
  if (fleet_.hides_projects(*found))
    return problem(403, "Forbidden", "You may not list the projects of this organization.");
  if (path.size() == 3)
    return projects(*found, "/organizations/" + percent_encoded(path[1]) + "/projects", query);
  const auto project = fleet_.find_project(path[3]);
  if (!project || fleet_.organization_of(*project) != *found)
    return problem(404, "Not Found", "The organization has no such project.");
  return ok(documents_.listed_project(*project));
}

template <class Source, class Finish>
reply_ptr account_api::list(const std::string& path, std::string_view query,
                            std::span<const std::string_view> filterable, Source source_for,
                            Finish finish) const {
  const opaque_ids cursors(mixed(fleet_.options().seed, std::hash<std::string>()(path)));
  const auto wanted = read_page_request(query, fleet_.options().page_size, filterable, cursors);
  if (const auto* wrong = std::get_if<std::string>(&wanted))
    return problem(400, "Bad Request", *wrong);
  const auto& request = std::get<page_request>(wanted);
  const page_source source = source_for(request);
  for (const auto& cursor : {request.after, request.before}) {
    if (cursor && (*cursor < source.first || *cursor >= source.last))
      return problem(400, "Bad Request", "The cursor is none of this list");
  }
  item_page page = make_page(source, request, start_ + path, cursors);
  finish(page);
  return ok(page.body);
}

/// Without a filter for the status, the deleted one is left out.
reply_ptr account_api::organizations(const std::string& path, std::string_view query) const {
  const auto source = [this](const page_request& wanted) {
    const std::size_t deleted = wanted.filter_of("status") != nullptr ? 1 : 0;
    return page_source{0, fleet_.own_organizations() + deleted,
                       [this](std::size_t i) { return documents_.organization(i); }};
  };
  const bool of_user = path.starts_with("/users");
  return list(path, query, organization_filters, source, [&](item_page& page) {
    if (!of_user) page.body["count"] = page.count;
  });
}

reply_ptr account_api::projects(std::size_t organization, const std::string& path,
                                std::string_view query) const {
  const auto source = [&](const page_request&) {
    return page_source{fleet_.first_project(organization), fleet_.first_project(organization + 1),
                       [this](std::size_t i) { return documents_.listed_project(i); }};
  };
  return list(path, query, project_filters, source, [](item_page& page) {
    page.body["count"] = page.count;
    page.body["facets"] = json::object{{"plans", json::object{{"upsun/flexible", "Flexible"}}}};
  });
}

/// The shared projects with some of the user's own among them, then the organizations.
reply_ptr account_api::access(const std::string& path, std::string_view query) const {
  const std::size_t own = fleet_.own_in_access();
  const std::size_t shared = fleet_.options().shared_projects;
  const auto project_at = [&](std::size_t i) {
    // Each fifth is one of the user's own, as long as there are some.
    if (i < 5 * own && i % 5 == 4) return fleet_.access_end() - own + i / 5;
    return fleet_.options().projects + i - std::min(i / 5, own);
  };
  const auto source = [&](const page_request& wanted) {
    const item_filter* types = wanted.filter_of("resource_type");
    const std::size_t organizations =
        types == nullptr || types->values != std::vector<std::string>{"project"}
            ? fleet_.own_organizations()
            : 0;
    return page_source{0, shared + own + organizations, [&, this](std::size_t i) {
                         return i < shared + own ? documents_.project_access(project_at(i))
                                                 : documents_.organization_access(i - shared - own);
                       }};
  };
  return list(path, query, access_filters, source, [&](item_page& page) {
    std::vector<std::string> projects, organizations;
    for (const std::size_t i : page.shown) {
      const bool is_project = i < shared + own;
      const std::size_t organization =
          is_project ? fleet_.organization_of(project_at(i)) : i - shared - own;
      if (is_project) projects.push_back(fleet_.project_id(project_at(i)));
      std::string id = fleet_.organization_id(organization);
      if (std::find(organizations.begin(), organizations.end(), id) == organizations.end())
        organizations.push_back(std::move(id));
    }
    json::object& links = page.body["_links"].as_object();
    add_references(links, "projects", projects);
    add_references(links, "organizations", organizations);
  });
}

std::string account_api::signature(std::string_view of, std::string_view ids) const {
  const std::string text = std::string(of).append("?").append(ids);
  return opaque_ids(fleet_.options().seed)
      .encode(mixed(fleet_.options().seed, std::hash<std::string>()(text)));
}

void account_api::add_references(json::object& links, std::string_view of,
                                 const std::vector<std::string>& ids) const {
  for (std::size_t i = 0; i < ids.size(); i += ids_in_a_reference) {
    std::string plain, encoded;
    for (std::size_t j = i; j < std::min(i + ids_in_a_reference, ids.size()); ++j) {
      plain.append(j == i ? "" : ",").append(ids[j]);
      encoded.append(j == i ? "" : ",").append(percent_encoded(ids[j]));
    }
    std::string href = start_ + "/ref/";
    href.append(of).append("?in=").append(encoded).append("&sig=").append(signature(of, plain));
    const std::string name =
        std::string("ref:").append(of) + ':' + std::to_string(i / ids_in_a_reference);
    links[name] = json::object{{"href", href}};
  }
}

/// A map from each id to what it stands for, null for what is gone.
reply_ptr account_api::references(std::string_view of, std::string_view query) const {
  if (of != "projects" && of != "organizations") return nullptr;
  const auto ids = form_value(query, "in");
  const auto given = form_value(query, "sig");
  if (!ids || !given) return problem(400, "Bad Request", "The parameters in and sig are required");
  if (*given != signature(of, *ids))
    return problem(403, "Forbidden", "The signature does not fit the ids");
  json::object found;
  for (std::string_view rest = *ids; !rest.empty();) {
    const std::string_view id = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(id.size() + 1, rest.size()));
    json::value& entry = found[json::string_view(id.data(), id.size())];
    if (of == "organizations") {
      if (const auto number = fleet_.find_organization(id))
        entry = documents_.organization_reference(*number);
    } else if (const auto number = fleet_.find_project(id)) {
      if (fleet_.state(*number) != project_state::missing)
        entry = documents_.project_reference(*number);
    }
  }
  return ok(found);
}

}  // namespace upsun::testing
