#include "fleet_account.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include "describe.hpp"

namespace upsun::tool {
namespace {

namespace json = boost::json;

std::string counted(std::size_t number, const std::string& one) {
  return std::to_string(number) + ' ' + one + (number == 1 ? "" : "s");
}

std::string seconds(std::chrono::duration<double> time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", time.count());
  return text;
}

json::object named(std::string_view id, std::string_view name_of_name, std::string_view name) {
  const auto value = [](std::string_view text) {
    return text.empty() ? json::value() : json::value(text);
  };
  json::object out{{"id", value(id)}};
  out[name_of_name] = value(name);
  return out;
}

/// In short: where a request went is the same for all.
std::string why(const error& failure) {
  std::string text = failure.code().message();
  if (const std::string& cause = failure.details().cause; !cause.empty()) text += ": " + cause;
  if (failure.status() != 0) text += " (HTTP " + std::to_string(failure.status()) + ')';
  return text;
}

/// Calls a function with each part and the reason's name.
template <class F>
void for_each_unread(const fleet_account& account, F f) {
  for (const unread_part& part : account.report.unread)
    f(part, std::string(to_string(part.reason)));
  for (const unread_part& part : account.broken) f(part, std::string("broken"));
}

std::size_t unread_count(const fleet_report& report) {
  return report.forbidden + report.not_found + report.suspended + report.failed;
}

}  // namespace

exit_status exit_status_of(const fleet_account& account) {
  const fleet_report& report = account.report;
  if (report.stopped_by.code()) return exit_status_of(report.stopped_by);
  for (const unread_part& part : report.unread) {
    if (part.reason == unread_reason::failed) return exit_status_of(part.why);
  }
  if (report.failed > 0 || report.broken > 0) return exit_status::failed;
  return unread_count(report) > 0 ? exit_status::incomplete : exit_status::fine;
}

std::string summary_of(const fleet_account& account) {
  const fleet_report& report = account.report;
  std::string text = counted(report.organizations, "organization") + ", ";
  if (report.stopped_by.code() && account.projects_found > report.projects)
    text += std::to_string(report.projects) + " of " + counted(account.projects_found, "project");
  else
    text += counted(report.projects, "project");
  if (report.shared > 0) text += " (" + std::to_string(report.shared) + " shared)";
  text += ", " + counted(report.integrations, "integration") + " in " + seconds(account.took);
  if (report.projects_left_out + report.integrations_left_out > 0)
    text += "; left out: " + counted(report.projects_left_out, "project") + ", " +
            counted(report.integrations_left_out, "integration");
  const std::pair<std::size_t, std::string_view> unread[] = {
      {report.forbidden, "forbidden"}, {report.not_found, "not found"},
      {report.suspended, "suspended"}, {report.failed, "failed"},
      {report.broken, "broken"},
  };
  std::string parts;
  for (const auto& [count, what] : unread) {
    if (count > 0)
      parts.append(parts.empty() ? "" : ", ")
          .append(std::to_string(count))
          .append(" ")
          .append(what);
  }
  if (!parts.empty()) text += "; not read: " + parts;
  return text;
}

table unread_of(const fleet_account& account) {
  table rows;
  for_each_unread(account, [&rows](const unread_part& part, std::string reason) {
    if (rows.empty()) rows.add({"NOT READ", "ORGANIZATION", "PROJECT", "TITLE", "WHY"});
    const bool is_list = part.project_id.empty();
    rows.add({std::move(reason),
              part.organization_name.empty() ? part.organization_id : part.organization_name,
              part.project_id, is_list ? "(the list of projects)" : part.project_title,
              why(part.why)});
  });
  const std::size_t named = account.report.unread.size() + account.broken.size();
  const std::size_t all = unread_count(account.report) + account.report.broken;
  if (all > named) rows.add({"and " + std::to_string(all - named) + " more", "", "", "", ""});
  return rows;
}

json::array unread_to_json(const fleet_account& account) {
  json::array out;
  for_each_unread(account, [&out](const unread_part& part, std::string reason) {
    std::replace(reason.begin(), reason.end(), ' ', '_');
    json::object& one = out.emplace_back(to_json(part.why)).as_object();
    one["reason"] = reason;
    one["organization"] = named(part.organization_id, "name", part.organization_name);
    one["project"] = named(part.project_id, "title", part.project_title);
  });
  return out;
}

json::value to_json(const fleet_account& account) {
  const fleet_report& report = account.report;
  const bool complete = !report.stopped_by.code();
  // What the API counts twice is known at the end only.
  const std::size_t found = complete ? report.projects : account.projects_found;
  return json::object{{"complete", complete},
                      {"organizations", report.organizations},
                      {"projects", report.projects},
                      {"projects_found", found},
                      {"shared", report.shared},
                      {"projects_left_out", report.projects_left_out},
                      {"integrations", report.integrations},
                      {"integrations_left_out", report.integrations_left_out},
                      {"forbidden", report.forbidden},
                      {"not_found", report.not_found},
                      {"suspended", report.suspended},
                      {"failed", report.failed},
                      {"broken", report.broken},
                      {"milliseconds", static_cast<std::int64_t>(account.took.count() * 1000)}};
}

}  // namespace upsun::tool
