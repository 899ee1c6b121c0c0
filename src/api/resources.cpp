#include "api/resources.hpp"

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "api/links.hpp"
#include "api/query.hpp"
#include "model/make_error.hpp"
#include "util/ascii.hpp"

namespace upsun::api {
namespace {

/// "project id" of "projectId" and of "project_id".
std::string words_of(std::string_view parameter) {
  std::string words;
  for (const char c : parameter) {
    if (c >= 'A' && c <= 'Z') words += ' ';
    words += c == '_' ? ' ' : util::to_lower(c);
  }
  return words;
}

/// The template's parameter of that index, in words.
std::string name_of_parameter(std::string_view path_template, std::size_t index) {
  std::size_t begin = path_template.find('{');
  for (; index > 0; --index) begin = path_template.find('{', begin + 1);
  const std::string_view from = path_template.substr(begin + 1);
  return words_of(from.substr(0, from.find('}')));
}

/// The query of a filter. It keeps the first problem.
class filter_query {
 public:
  explicit filter_query(std::int64_t page_size) {
    if (page_size < 1 || page_size > 100) {
      problem_ =
          "the filter's page_size is " + std::to_string(page_size) + ", and must be from 1 to 100";
    }
    query_.add("page[size]", std::to_string(page_size));
  }

  /// Of any of the values; nothing without values.
  void any_of(std::string_view member, const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) {
      check(member, value, value.find(',') != std::string::npos ? "holds a comma" : "");
      all.append(all.empty() ? "" : ",").append(value);
    }
    if (!values.empty()) add(member, values.size() == 1 ? "eq" : "in", all);
  }
  void contains(std::string_view member, const std::string& text) {
    if (!text.empty()) add(member, "contains", text);
  }
  void sort(const std::string& by) {
    if (!by.empty()) query_.add("sort", by);
  }

  [[nodiscard]] result<operation> of(result<operation>&& list) && {
    if (!list) return std::move(list);
    if (!problem_.empty()) return refuse(*list, problem_);
    list->query = std::move(query_).finish();
    return std::move(list);
  }

 private:
  void check(std::string_view member, const std::string& value, std::string_view what) {
    if (value.empty()) what = "is empty";
    if (!what.empty() && problem_.empty())
      problem_ = "the filter's " + std::string(member) + " " + std::string(what);
  }
  void add(std::string_view member, std::string_view how, std::string_view value) {
    query_.add("filter[" + std::string(member) + "][" + std::string(how) + "]", value);
  }

  query_writer query_;
  std::string problem_;
};

}  // namespace

error refuse(const operation& what, std::string cause) {
  error_details details = model::refused_argument(std::move(cause)).details();
  details.method = what.method;
  details.path_template = what.path_template;
  return {errc::invalid_argument, std::move(details)};
}

bool add_id(result<operation>& made, std::size_t index, std::string&& id) {
  const std::string_view problem = encode_id(id);
  if (problem.empty()) {
    made->ids[index] = std::move(id);
    return true;
  }
  made = refuse(
      *made, "the " + name_of_parameter(made->path_template, index) + " " + std::string(problem));
  return false;
}

result<operation> fetch(const detail::resource_path& of) {
  result<operation> made = make({.method = "GET", .path_template = of.path_template()});
  for (std::size_t i = 0; i < of.count(); ++i) {
    if (!add_id(made, i, std::string(of.id(i)))) break;
  }
  return made;
}

result<operation> list_organizations(const organization_filter& filter) {
  filter_query query(filter.page_size());
  query.any_of("id", filter.ids());
  query.any_of("name", filter.names());
  query.any_of("status", filter.statuses());
  query.any_of("type", filter.types());
  query.any_of("owner_id", filter.owners());
  query.sort(filter.sort());
  return std::move(query).of(fetch({"/organizations"}));
}

result<operation> list_projects(const organization_id& of, const project_filter& filter) {
  filter_query query(filter.page_size());
  query.any_of("id", filter.ids());
  query.contains("title", filter.title_contains());
  query.any_of("status", filter.statuses());
  query.sort(filter.sort());
  return std::move(query).of(fetch({"/organizations/{organization_id}/projects", of}));
}

result<operation> list_shared_projects(const user_id& of) {
  auto made = fetch({"/users/{user_id}/extended-access", of});
  if (!made) return made;
  query_writer query;
  query.add("filter[resource_type]", "project");
  made->query = std::move(query).finish();
  return made;
}

operation follow(std::string_view path_template, std::string target) {
  operation made{.method = "GET", .path_template = path_template, .follows_link = true};
  made.ids[0] = std::move(target);
  return made;
}

result<operation> follow_own(std::string_view path_template, const std::string& link,
                             const util::origin& api) {
  auto target = own_target_of(link, api.prefix + "/", api);
  operation made = follow(path_template, target ? std::move(*target) : std::string());
  if (target) return made;
  error_details details = target.error().details();
  details.method = made.method;
  details.path_template = made.path_template;
  details.cause.insert(0, "the link ");
  return error(target.error().code(), std::move(details));
}

}  // namespace upsun::api
