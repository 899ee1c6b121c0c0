#include "fleet_rows.hpp"

#include <boost/json/serialize.hpp>

#include <optional>
#include <string_view>

#include "describe.hpp"

namespace upsun::tool {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value() : json::value(text);
}

template <class E>
std::string text_of_status(const std::optional<open_enum<E>>& value) {
  return value ? std::string(value->str()) : "";
}

/// Empty where there is none, as a program expects it in CSV.
std::string time_of(const std::optional<timestamp>& time) { return time ? short_time(time) : ""; }

json::object organization_object(std::string_view id, std::string_view name,
                                 std::string_view label) {
  return {{"id", text_or_null(id)}, {"name", text_or_null(name)}, {"label", text_or_null(label)}};
}

}  // namespace

std::vector<column> organization_columns() {
  return {{"ID"}, {"NAME"}, {"LABEL", true}, {"STATUS"}, {"TYPE"}};
}

std::vector<std::string> row_of(const organization& value) {
  return {value.id, value.name.value_or(""), value.label.value_or(""), text_of_status(value.status),
          text_of_status(value.type)};
}

std::vector<column> project_columns() {
  return {{"ID"}, {"TITLE", true}, {"REGION"}, {"STATUS"}, {"ORGANIZATION"}};
}

std::vector<std::string> row_of(const organization_project& value, const organization& of) {
  return {value.id, value.title.value_or(""), value.region.value_or(""),
          text_of_status(value.status), of.name.value_or(of.id)};
}

json::value to_json(const organization_project& value, const organization& of) {
  return json::object{
      {"organization", organization_object(of.id, of.name.value_or(""), of.label.value_or(""))},
      {"project", to_json(value)}};
}

std::vector<column> integration_columns() {
  return {{"ORGANIZATION"}, {"PROJECT"},      {"TITLE", true}, {"ID"},
          {"KIND"},         {"TARGET", true}, {"UPDATED"}};
}

std::vector<std::string> row_of(const fleet_project& of, const integration& value) {
  return {organization_of(of),      of.id,      of.title,
          value.id.value_or(""),    value.type, target_of(value),
          time_of(value.updated_at)};
}

std::string to_json(const fleet_project& of, const std::string& name, const std::string& document) {
  const json::object where{
      {"organization",
       organization_object(of.organization_id, of.organization_name, of.organization_label)},
      {"project",
       {{"id", text_or_null(of.id)},
        {"title", text_or_null(of.title)},
        {"region", text_or_null(of.region)},
        {"status", text_or_null(of.status ? of.status->str() : "")},
        {"shared", of.shared}}}};
  std::string text = json::serialize(where);
  text.pop_back();
  return text.append(",\"").append(name).append("\":").append(document).append("}");
}

std::string organization_of(const fleet_project& of) {
  return of.organization_name.empty() ? of.organization_id : of.organization_name;
}

}  // namespace upsun::tool
