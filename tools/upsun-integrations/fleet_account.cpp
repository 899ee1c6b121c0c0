#include "fleet_account.hpp"

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
  std::string text =
      counted(report.organizations, "organization") + ", " + counted(report.projects, "project");
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
  const auto add = [&rows](const unread_part& part, std::string_view reason) {
    if (rows.empty()) rows.add({"NOT READ", "ORGANIZATION", "PROJECT", "TITLE", "WHY"});
    const bool is_list = part.project_id.empty();
    rows.add({std::string(reason),
              part.organization_name.empty() ? part.organization_id : part.organization_name,
              part.project_id, is_list ? "(the list of projects)" : part.project_title,
              part.why.message()});
  };
  for (const unread_part& part : account.report.unread) add(part, to_string(part.reason));
  for (const unread_part& part : account.broken) add(part, "broken");
  const std::size_t named = account.report.unread.size() + account.broken.size();
  const std::size_t all = unread_count(account.report) + account.report.broken;
  if (all > named) rows.add({"and " + std::to_string(all - named) + " more", "", "", "", ""});
  return rows;
}

json::value to_json(const unread_part& part) {
  json::object out = to_json(part.why).as_object();
  out["reason"] = to_string(part.reason);
  out["organization"] = named(part.organization_id, "name", part.organization_name);
  out["project"] = named(part.project_id, "title", part.project_title);
  return out;
}

json::value to_json(const fleet_account& account) {
  const fleet_report& report = account.report;
  return json::object{{"complete", !report.stopped_by.code()},
                      {"organizations", report.organizations},
                      {"projects", report.projects},
                      {"shared", report.shared},
                      {"projects_left_out", report.projects_left_out},
                      {"integrations", report.integrations},
                      {"integrations_left_out", report.integrations_left_out},
                      {"forbidden", report.forbidden},
                      {"not_found", report.not_found},
                      {"suspended", report.suspended},
                      {"failed", report.failed},
                      {"broken", report.broken},
                      {"seconds", account.took.count()}};
}

}  // namespace upsun::tool
