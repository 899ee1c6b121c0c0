#include "output.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <ostream>
#include <type_traits>
#include <utility>

#include <upsun/model/kinds.hpp>

#include "describe.hpp"
#include "fleet_rows.hpp"
#include "inputs.hpp"
#include "secrets.hpp"
#include "table.hpp"

namespace upsun::tool {

namespace json = boost::json;

namespace {

void print_document(std::ostream& to, const json::value& document) {
  to << json::serialize(document) << '\n';
}

/// The array of these documents.
std::string array_of(const std::vector<std::string>& documents) {
  std::string text;
  for (const std::string& each : documents) text.append(text.empty() ? "" : ",").append(each);
  return '[' + text + ']';
}

std::string error_document(const error& failure) {
  return json::serialize(json::object{{"error", to_json(failure)}});
}

std::vector<std::string> row_of_activity(const activity& value) {
  return {value.id,
          value.type,
          std::string(value.state.str()),
          value.result ? std::string(value.result->str()) : "-",
          std::to_string(value.completion_percent) + " %",
          short_time(value.created_at),
          value.text.value_or("")};
}

}  // namespace

integration output::shown(const integration& value) const {
  return how_.show_secrets ? value : hide_secrets(value);
}

exit_status output::print(const integration& value) {
  if (how_.json) {
    results_ << to_json(shown(value)) << '\n';
  } else {
    table rows;
    for (auto& [name, text] : properties_of(shown(value)))
      rows.add({std::move(name), std::move(text)});
    rows.print(results_);
  }
  if (const std::string why = why_unknown(value); !why.empty()) note(why);
  return exit_status::fine;
}

template <class T, class ToRow>
exit_status output::print_list(const std::vector<result<T>>& values,
                               const std::vector<std::string>& names,
                               std::vector<std::string> heads, ToRow to_row) {
  std::vector<std::string> documents;
  table rows;
  rows.add(std::move(heads));
  exit_status status = exit_status::fine;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& each = values[i];
    if (!each) {
      if (how_.json) documents.push_back(error_document(each.error()));
      const exit_status failed =
          fail(each.error(), names.empty() ? "element " + std::to_string(i) : names[i]);
      if (status == exit_status::fine) status = failed;
    } else if (how_.json) {
      if constexpr (std::is_same_v<T, integration>)
        documents.push_back(to_json(shown(*each)));
      else
        documents.push_back(json::serialize(to_json(*each)));
    } else {
      rows.add(to_row(*each));
    }
  }
  if (how_.json)
    results_ << array_of(documents) << '\n';
  else
    rows.print(results_);
  return status;
}

exit_status output::print(const std::vector<result<integration>>& values,
                          const std::vector<std::string>& names) {
  return print_list(values, names, {"ID", "KIND", "TARGET", "UPDATED"},
                    [](const integration& value) {
                      return std::vector{value.id.value_or("-"), value.type, target_of(value),
                                         short_time(value.updated_at)};
                    });
}

exit_status output::print(const std::vector<result<activity>>& values) {
  return print_list(values, {}, {"ID", "TYPE", "STATE", "RESULT", "DONE", "CREATED", "TEXT"},
                    row_of_activity);
}

exit_status output::print(const validation& verdict, const std::string& id) {
  if (how_.json) {
    print_document(results_, to_json(verdict));
  } else {
    results_ << printable(id) << (verdict.valid ? " is valid" : " is not valid") << '\n';
    if (!verdict.message.empty()) results_ << "  " << printable(verdict.message) << '\n';
    for (const auto& [field, message] : verdict.problems) {
      results_ << "  " << printable(field) << (field.empty() ? "" : ": ") << printable(message)
               << '\n';
    }
  }
  return verdict.valid ? exit_status::fine : exit_status::invalid;
}

exit_status output::print(const accepted_change& change) {
  if (how_.json) {
    accepted_change copy = change;
    if (copy.entity) copy.entity = shown(*copy.entity);
    results_ << to_json(copy) << '\n';
    return exit_status::fine;
  }
  table rows;
  for (const activity& each : change.activities) rows.add(row_of_activity(each));
  rows.print(results_);
  for (const error& each : change.unread)
    note("a part of the response could not be read: " + each.message());
  return exit_status::fine;
}

void output::print(const log_line& line) {
  if (how_.json)
    print_document(results_, to_json(line));
  else
    results_ << (how_.to_terminal ? printable_log(line.message) : line.message);
  if (!results_.flush()) throw write_error();
}

exit_status output::print_unread(const error& failure) {
  if (how_.json) results_ << error_document(failure) << '\n';
  if (!results_.flush()) throw write_error();
  return fail(failure, "an item of the log");
}

exit_status output::print_url(const std::string& url) {
  if (how_.json)
    print_document(results_, {{"url", url}});
  else
    results_ << printable(url) << '\n';
  return exit_status::fine;
}

exit_status output::print_done(const std::string& what, const std::string& id) {
  if (how_.json)
    print_document(results_, {{"status", what}});
  else
    results_ << what << ' ' << printable(id) << '\n';
  return exit_status::fine;
}

void output::print_invalid(const fleet_project& of, const integration& value,
                           const validation& verdict) {
  if (how_.json) {
    const json::value which{{"id", value.id.value_or("")}, {"type", value.type}};
    results_ << to_json(
                    of, "integration",
                    json::serialize(which) + ",\"validation\":" + json::serialize(to_json(verdict)))
             << '\n';
  } else {
    results_ << printable(organization_of(of) + "  " + of.id + "  " + of.title + "  " +
                          value.id.value_or("-") + "  " + value.type + "  " + complaint_of(verdict))
             << '\n';
  }
  if (!results_.flush()) throw write_error();
}

exit_status output::print_found(const fleet_project& of, const integration& value) {
  if (!how_.json) {
    note(of.title + " (" + of.id + ") of " + organization_of(of) + ':');
    return print(value);
  }
  results_ << document_of(of, value) << '\n';
  return exit_status::fine;
}

exit_status output::print(const survey& seen, const fleet_account& account) {
  if (how_.json)
    print_document(results_, to_json(seen, account));
  else
    tool::print(seen, results_, how_.result_columns);
  return results_.flush() ? exit_status::fine : throw write_error();
}

exit_status output::print_kinds() {
  json::array document;
  for (const std::string_view name : kind_names) {
    if (how_.json)
      document.emplace_back(name);
    else
      results_ << name << '\n';
  }
  if (how_.json) print_document(results_, document);
  return exit_status::fine;
}

exit_status output::print_members(std::size_t kind) {
  json::array document;
  table rows;
  rows.add({"MEMBER", "TYPE", ""});
  for (auto& [name, type, required] : describe_members(kind)) {
    if (how_.json)
      document.emplace_back(json::object{{"name", name}, {"type", type}, {"required", required}});
    else
      rows.add({std::move(name), std::move(type), required ? "required" : ""});
  }
  how_.json ? print_document(results_, document) : rows.print(results_);
  return exit_status::fine;
}

void output::announce(const accepted_change& change, const std::string& verb,
                      const std::string& id) {
  if (how_.json) return;
  results_ << verb << ' ' << (change.entity ? printable(change.entity->type) + ' ' : "")
           << printable(id) << std::endl;  // before the wait
}

void output::note(const std::string& text) {
  if (!how_.json) errors_ << printable(text) << '\n';
}

progress output::make_progress() {
  return {errors_, how_.json ? progress_style::none : how_.waiting, how_.columns};
}

fleet_progress output::make_fleet_progress() {
  return {errors_, how_.waiting == progress_style::redrawn, how_.columns};
}

listing output::make_listing(std::vector<column> columns, bool with_head) {
  const auto format = how_.json  ? list_format::json
                      : how_.csv ? list_format::csv
                                 : list_format::table;
  return {results_, format, std::move(columns), how_.result_columns, how_.to_terminal, with_head};
}

std::string output::document_of(const fleet_project& of, const integration& value) const {
  return to_json(of, "integration", to_json(shown(value)));
}

std::string output::document_of(const fleet_project& of, const error& failure) {
  return to_json(of, "error", json::serialize(to_json(failure)));
}

exit_status output::print(const fleet_account& account) {
  if (how_.json) {
    for (json::value& part : unread_to_json(account))
      print_document(errors_, {{"error", std::move(part)}});
    print_document(errors_, {{"summary", to_json(account)}});
  } else {
    table unread = unread_of(account);
    unread.fit(how_.columns, {3, 4});
    unread.print(errors_);
    errors_ << summary_of(account) << '\n';
  }
  return exit_status_of(account);
}

void output::print(const verdict_counts& counts) {
  if (how_.json)
    print_document(errors_, {{"validated",
                              {{"valid", counts.valid},
                               {"invalid", counts.invalid},
                               {"unsupported", counts.unsupported},
                               {"failed", counts.failed}}}});
  else
    errors_ << counts.valid << " valid, " << counts.invalid << " not valid, " << counts.unsupported
            << " of kinds that are not validated, " << counts.failed << " without a verdict\n";
}

exit_status output::fail(const error& failure, const std::string& what) {
  if (how_.json)
    errors_ << error_document(failure) << '\n';
  else
    errors_ << "upsun-integrations: "
            << printable((what.empty() ? "" : what + ": ") + describe(failure)) << '\n';
  return exit_status_of(failure);
}

exit_status output::fail(const usage_error& failure) {
  if (how_.json)
    print_document(errors_, {{"error", to_json(failure)}});
  else
    errors_ << "upsun-integrations: " << printable(failure.what()) << '\n';
  return exit_status::usage;
}

exit_status output::fail(exit_status status, const std::string& message) {
  if (how_.json)
    print_document(
        errors_,
        {{"error",
          {{"code", "failed"}, {"message", message}, {"exit_status", static_cast<int>(status)}}}});
  else
    errors_ << "upsun-integrations: " << printable(message) << '\n';
  return status;
}

}  // namespace upsun::tool
