#include "survey.hpp"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <tuple>
#include <utility>
#include <variant>

#include "describe.hpp"
#include "fleet_rows.hpp"

namespace upsun::tool {
namespace {

namespace json = boost::json;

named_integration name_of(const fleet_project& of, const integration& value) {
  return {organization_of(of),   of.id,      of.title,
          value.id.value_or(""), value.type, target_of(value)};
}

auto place_of(const named_integration& one) {
  return std::tie(one.organization, one.title, one.project, one.id);
}

void print_part(std::ostream& out, const std::string& title, table& rows, std::size_t width,
                const std::vector<std::size_t>& shortened) {
  out << '\n' << title << '\n';
  rows.fit(width, shortened);
  rows.print(out);
}

std::string enumerated(const std::map<std::string, std::size_t>& counts) {
  std::string text;
  for (const auto& [name, count] : largest_first(counts))
    text.append(text.empty() ? "" : ", ").append(name + ' ' + std::to_string(count));
  return text;
}

json::object to_json(const named_integration& one) {
  return {{"organization", one.organization},
          {"project", one.project},
          {"title", one.title},
          {"id", one.id},
          {"kind", one.kind},
          {"target", one.target}};
}

json::object to_json(const std::map<std::string, std::size_t>& counts) {
  json::object out;
  for (const auto& [name, count] : largest_first(counts)) out[name] = count;
  return out;
}

}  // namespace

std::vector<std::pair<std::string, std::size_t>> largest_first(
    const std::map<std::string, std::size_t>& counts) {
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

void survey::count(const fleet_project& of, const upsun::integration& value) {
  organization& at = organizations[of.organization_id];
  at.name = organization_of(of);
  at.label = of.organization_label;
  ++at.integrations;
  ++at.kinds[value.type];
  ++kinds[value.type];
  const auto* gitlab = std::get_if<gitlab_settings>(&value.settings);
  if (gitlab == nullptr || !gitlab->token_expires_at) return;
  if (*gitlab->token_expires_at > now + std::chrono::hours(24) * days) return;
  tokens.push_back(
      {name_of(of, value), *gitlab->token_expires_at, gitlab->rotate_token.value_or(false)});
}

void survey::add_invalid(const fleet_project& of, const upsun::integration& value,
                         const validation& verdict) {
  invalids.push_back({name_of(of, value), complaint_of(verdict)});
}

void survey::finish() {
  std::sort(tokens.begin(), tokens.end(), [](const token& a, const token& b) {
    return std::pair(a.expires, place_of(a.of)) < std::pair(b.expires, place_of(b.of));
  });
  std::sort(invalids.begin(), invalids.end(),
            [](const invalid& a, const invalid& b) { return place_of(a.of) < place_of(b.of); });
}

std::string complaint_of(const validation& verdict) {
  std::string text = verdict.message;
  for (const auto& [field, message] : verdict.problems)
    text.append(text.empty() ? "" : "; ").append(field.empty() ? "" : field + ": ").append(message);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void print(const survey& seen, std::ostream& out, std::size_t width) {
  table kinds;
  kinds.add({"KIND", "INTEGRATIONS"});
  for (const auto& [kind, count] : largest_first(seen.kinds))
    kinds.add({kind, std::to_string(count)});
  kinds.print(out);

  table organizations;
  organizations.add({"ORGANIZATION", "LABEL", "INTEGRATIONS", "KINDS"});
  for (const auto& [id, each] : seen.organizations)
    organizations.add(
        {each.name, each.label, std::to_string(each.integrations), enumerated(each.kinds)});
  organizations.sort({0});
  print_part(out, "By organization", organizations, width, {1, 3});

  const std::string within = "Tokens that expire within " + std::to_string(seen.days) + " days";
  table tokens;
  tokens.add({"EXPIRES", "RENEWED", "ORGANIZATION", "PROJECT", "TITLE", "ID", "TARGET"});
  for (const survey::token& each : seen.tokens)
    tokens.add({short_time(each.expires), each.renewed ? "yes" : "no", each.of.organization,
                each.of.project, each.of.title, each.of.id, each.of.target});
  if (seen.tokens.empty())
    out << '\n' << within << ": none\n";
  else
    print_part(out, within, tokens, width, {4, 6});

  if (!seen.validated) return;
  table invalids;
  invalids.add({"ORGANIZATION", "PROJECT", "TITLE", "ID", "KIND", "WHY"});
  for (const survey::invalid& each : seen.invalids)
    invalids.add(
        {each.of.organization, each.of.project, each.of.title, each.of.id, each.of.kind, each.why});
  if (seen.invalids.empty())
    out << "\nIntegrations that fail validation: none\n";
  else
    print_part(out, "Integrations that fail validation", invalids, width, {2, 5});
}

json::value to_json(const survey& seen, const fleet_account& account) {
  json::object out{{"generated_at", format_timestamp(seen.now)},
                   {"account", to_json(account)},
                   {"days", seen.days},
                   {"kinds", to_json(seen.kinds)}};
  json::array& organizations = out["organizations"].emplace_array();
  for (const auto& [id, each] : seen.organizations)
    organizations.push_back(json::object{{"id", id},
                                         {"name", each.name},
                                         {"label", each.label},
                                         {"integrations", each.integrations},
                                         {"kinds", to_json(each.kinds)}});
  json::array& tokens = out["expiring_tokens"].emplace_array();
  for (const survey::token& each : seen.tokens) {
    json::object one = to_json(each.of);
    one["expires_at"] = format_timestamp(each.expires);
    one["renewed"] = each.renewed;
    tokens.push_back(std::move(one));
  }
  if (seen.validated) {
    json::array& invalids = out["invalid"].emplace_array();
    for (const survey::invalid& each : seen.invalids) {
      json::object one = to_json(each.of);
      one["why"] = each.why;
      invalids.push_back(std::move(one));
    }
    out["not_validated"] = seen.not_validated;
  }
  out["unread"] = unread_to_json(account);
  return out;
}

}  // namespace upsun::tool
