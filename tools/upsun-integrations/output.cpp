#include "output.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <ostream>
#include <utility>

#include <upsun/model/kinds.hpp>

#include "describe.hpp"
#include "inputs.hpp"
#include "secrets.hpp"
#include "table.hpp"

namespace upsun::tool {

namespace json = boost::json;

namespace {

void print_document(std::ostream& to, const json::value& document) { to << json::serialize(document) << '\n'; }

}  // namespace

integration output::shown(const integration& value) const { return show_secrets_ ? value : hide_secrets(value); }

exit_status output::print(const integration& value) {
  if (json_) {
    print_document(results_, to_json(shown(value)));
  } else {
    table rows;
    for (auto& [name, text] : properties_of(shown(value))) rows.add({std::move(name), std::move(text)});
    rows.print(results_);
  }
  return exit_status::fine;
}

exit_status output::print(const std::vector<result<integration>>& values, const std::vector<std::string>& names) {
  json::array document;
  table rows;
  rows.add({"ID", "KIND", "TARGET", "UPDATED"});
  exit_status status = exit_status::fine;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& each = values[i];
    if (each) {
      const integration value = shown(*each);
      if (json_)
        document.push_back(to_json(value));
      else
        rows.add({value.id.value_or("-"), value.type, target_of(value), short_time(value.updated_at)});
    } else {
      if (json_) document.emplace_back(json::object{{"error", to_json(each.error())}});
      const exit_status failed = fail(each.error(), names.empty() ? "element " + std::to_string(i) : names[i]);
      if (status == exit_status::fine) status = failed;
    }
  }
  json_ ? print_document(results_, document) : rows.print(results_);
  return status;
}

exit_status output::print(const accepted_change& change, const std::string& verb, const std::string& id) {
  if (json_) {
    accepted_change copy = change;
    if (copy.entity) copy.entity = shown(*copy.entity);
    print_document(results_, to_json(copy));
    return exit_status::fine;
  }
  const std::string known = change.entity ? change.entity->id.value_or(id) : id;
  results_ << verb << ' ' << (change.entity ? printable(change.entity->type) + ' ' : "") << printable(known) << '\n';
  table rows;
  for (const activity& each : change.activities) rows.add({"activity", each.id, each.type, std::string(each.state.str())});
  rows.print(results_);
  for (const error& each : change.unread) note("a part of the answer could not be read: " + each.message());
  return exit_status::fine;
}

exit_status output::print_kinds() {
  json::array document;
  for (const std::string_view name : kind_names) {
    if (json_)
      document.emplace_back(name);
    else
      results_ << name << '\n';
  }
  if (json_) print_document(results_, document);
  return exit_status::fine;
}

exit_status output::print_members(std::size_t kind) {
  json::array document;
  table rows;
  rows.add({"MEMBER", "TYPE", ""});
  for (auto& [name, type, required] : describe_members(kind)) {
    if (json_)
      document.emplace_back(json::object{{"name", name}, {"type", type}, {"required", required}});
    else
      rows.add({std::move(name), std::move(type), required ? "required" : ""});
  }
  json_ ? print_document(results_, document) : rows.print(results_);
  return exit_status::fine;
}

exit_status output::fail(const error& failure, const std::string& what) {
  if (json_)
    print_document(errors_, {{"error", to_json(failure)}});
  else
    errors_ << "upsun-integrations: " << printable((what.empty() ? "" : what + ": ") + describe(failure)) << '\n';
  return exit_status_of(failure);
}

exit_status output::fail(const usage_error& failure) {
  if (json_)
    print_document(errors_, {{"error", to_json(failure)}});
  else
    errors_ << "upsun-integrations: " << printable(failure.what()) << '\n';
  return exit_status::usage;
}

exit_status output::fail(exit_status status, const std::string& message) {
  if (json_)
    print_document(errors_, {{"error", {{"code", "failed"}, {"message", message}, {"exit_status", static_cast<int>(status)}}}});
  else
    errors_ << "upsun-integrations: " << printable(message) << '\n';
  return status;
}

void output::note(const std::string& text) {
  if (!json_) errors_ << printable(text) << '\n';
}

}  // namespace upsun::tool
