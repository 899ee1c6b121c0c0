#include "describe.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <concepts>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/codec.hpp>

#include "raw_object.hpp"
#include "read_member.hpp"

namespace upsun::tool {
namespace {

namespace json = boost::json;

/// The members of an integration of a known kind.
json::object members_of(const integration& value) {
  error_code failure;
  auto document = json::parse(encode_integration(value), failure);
  return failure || !document.is_object() ? json::object() : std::move(document.get_object());
}

template <class T>
json::value member_to_json(const T& value) {
  if constexpr (std::same_as<T, timestamp>) {
    return json::value(format_timestamp(value));
  } else if constexpr (std::same_as<T, raw_json>) {
    error_code failure;
    json::value parsed = value.empty() ? json::value() : json::parse(value.text(), failure);
    return failure ? json::value() : parsed;
  } else if constexpr (detail::described<T>) {
    json::object members;
    detail::for_each_member(value, [&](std::string_view name, const auto& member) {
      if (name.ends_with('_')) name.remove_suffix(1);  // as in namespace_
      members[name] = member_to_json(member);
    });
    return members;
  } else if constexpr (requires { typename T::mapped_type; }) {
    json::object members;
    for (const auto& [name, member] : value) members.emplace(name, member_to_json(member));
    return members;
  } else if constexpr (is_enum<T>) {
    return json::value(value.str());
  } else if constexpr (is_list<T>) {
    json::array items;
    for (const auto& item : value) items.push_back(member_to_json(item));
    return items;
  } else if constexpr (requires { value.has_value(); }) {
    return value ? member_to_json(*value) : json::value();
  } else {
    return json::value(value);
  }
}

std::string text_of(const json::value& value);

std::string joined(const json::array& items) {
  std::string text;
  for (const auto& item : items) text.append(text.empty() ? "" : ", ").append(text_of(item));
  return text;
}

/// A line for each member.
std::string lines(const json::object& members) {
  std::string text;
  for (const auto& [name, value] : members) {
    text.append(text.empty() ? "" : "\n").append(name.data(), name.size()).append(": ");
    text += value.is_object() ? json::serialize(value) : text_of(value);
  }
  return text;
}

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  if (const auto* items = value.if_array()) return joined(*items);
  if (const auto* members = value.if_object()) return lines(*members);
  return value.is_null() ? "-" : json::serialize(value);
}

/// Messages about one field are joined, so that none is lost.
json::object fields_to_json(const std::vector<field_error>& fields) {
  json::object out;
  for (const auto& [field, message] : fields) {
    json::value& text = out[field];
    text = text.is_string() ? std::string(text.get_string()) + "; " + message : message;
  }
  return out;
}

json::object server_to_json(const server_message& server) {
  json::object out{{"message", server.message}};
  if (!server.code.empty()) out["code"] = server.code;
  if (!server.fields.empty()) out["fields"] = fields_to_json(server.fields);
  return out;
}

/// What to do about it; empty when there is nothing to say.
std::string_view advice(const error& failure) {
  constexpr std::pair<condition, std::string_view> table[] = {
      {condition::unauthorized,
       "check the token in UPSUN_CLI_TOKEN (an API token) or UPSUN_ACCESS_TOKEN (an access token)"},
      {condition::forbidden, "this token may not do that; ask for the role of a project's admin"},
      {condition::not_found,
       "check the project and the id; `upsun-integrations projects` and `list` show what there is"},
      {condition::conflict,
       "the project has an integration with that repository already; see `upsun-integrations "
       "list`"},
      {condition::rate_limited, "wait, then try again"},
      {condition::timeout, "try again, or give it more time with --timeout"},
      {condition::tls, "check the certificate and --ca-file"},
      {condition::connection, "check the network, --url and the proxy's variables"},
  };
  for (const auto& [met, words] : table) {
    if (failure == met) return words;
  }
  return {};
}

}  // namespace

std::string to_json(const integration& value) { return encode_integration(value); }

json::value to_json(const activity& value) { return member_to_json(value); }
json::value to_json(const organization& value) { return member_to_json(value); }
json::value to_json(const organization_project& value) { return member_to_json(value); }

std::string to_json(const accepted_change& value) {
  json::object out{{"status", value.status}, {"code", value.code}};
  auto& activities = out["activities"].emplace_array();
  for (const activity& each : value.activities) activities.push_back(to_json(each));
  if (!value.unread.empty()) {
    auto& unread = out["unread"].emplace_array();
    for (const error& each : value.unread) unread.push_back(to_json(each));
  }
  std::string text = json::serialize(out);
  text.insert(1, R"("entity":)" + (value.entity ? to_json(*value.entity) : "null") + ',');
  return text;
}

json::value to_json(const log_line& value) {
  return json::object{
      {"id", value.id}, {"timestamp", member_to_json(value.timestamp)}, {"message", value.message}};
}

json::value to_json(const validation& value) {
  return json::object{{"valid", value.valid},
                      {"message", value.message},
                      {"problems", fields_to_json(value.problems)}};
}

json::value to_json(const error& value) {
  json::object out{{"code", value.code().category() == error_category()
                                ? std::string(to_string(static_cast<errc>(value.code().value())))
                                : value.code().message()},
                   {"message", value.message()},
                   {"exit_status", static_cast<int>(exit_status_of(value))}};
  if (value.status() != 0) out["status"] = value.status();
  if (!value.details().request_id.empty()) out["request_id"] = value.details().request_id;
  if (const auto* server = value.server()) out["server"] = server_to_json(*server);
  if (const auto* mismatch = value.decode()) out["pointer"] = mismatch->pointer;
  return out;
}

json::value to_json(const usage_error& value) {
  return json::object{{"code", "usage"},
                      {"message", value.what()},
                      {"exit_status", static_cast<int>(exit_status::usage)}};
}

std::string describe(const error& value) {
  std::string text = value.message();
  if (const auto* server = value.server()) {
    if (!server->message.empty()) text.append("\n  the server says: ").append(server->message);
    for (const auto& [field, message] : server->fields)
      text.append("\n  ").append(field.empty() ? "" : field + ": ").append(message);
  }
  if (const auto words = advice(value); !words.empty()) text.append("\n  ").append(words);
  return text;
}

std::string why_unknown(const integration& value) {
  const auto* unknown = std::get_if<unknown_settings>(&value.settings);
  if (unknown == nullptr) return "";
  if (!unknown->mismatch) return "this version does not know the kind '" + value.type + "'";
  const decode_mismatch& m = *unknown->mismatch;
  return "this version cannot read the settings: " + m.pointer + ": expected " + m.expected +
         ", found " + m.found;
}

properties properties_of(const integration& value) {
  properties out;
  if (const auto* unknown = std::get_if<unknown_settings>(&value.settings)) {
    for (const raw_member& each : split_object(unknown->raw)) {
      if (each.name() != "_links") out.emplace_back(shown_text(each.key), shown_text(each.value));
    }
    return out;
  }
  for (const auto& [name, member] : members_of(value))
    out.emplace_back(std::string(name.data(), name.size()), text_of(member));
  return out;
}

std::string target_of(const integration& value) {
  constexpr std::string_view names[] = {"repository", "project", "url",       "host",
                                        "service_id", "channel", "recipients"};
  if (std::holds_alternative<unknown_settings>(value.settings)) return "";
  const json::object members = members_of(value);
  if (value.type == bitbucket_server_settings::kind)
    return text_of(members.at("project")) + '/' + text_of(members.at("repository"));
  for (const std::string_view name : names) {
    if (const json::value* member = members.if_contains(name)) return text_of(*member);
  }
  return "";
}

std::string short_time(const std::optional<timestamp>& time) {
  return time ? format_timestamp(*time).substr(0, 19) + 'Z' : "-";
}

}  // namespace upsun::tool
