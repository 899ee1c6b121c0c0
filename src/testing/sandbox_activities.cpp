#include "testing/sandbox_activities.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "testing/reply.hpp"
#include "testing/url_text.hpp"

namespace upsun::testing {
namespace {

namespace json = boost::json;

constexpr std::size_t usual_page = 25;

const reply_ptr& no_activity() {
  static const reply_ptr made = fixed_reply(
      404, "application/json", R"({"code":404,"message":"The activity does not exist."})");
  return made;
}

reply_ptr respond_with(std::string_view body) {
  return fixed_reply(200, "application/hal+json; charset=utf-8", body);
}

json::value value_of(std::int64_t number) { return number; }
json::value value_of(const std::string& text) { return json::value(text); }
json::value value_of(timestamp moment) { return json::value(format_timestamp(moment)); }
json::value value_of(double number) { return number; }
json::value value_of(const raw_json& raw) {
  return raw.empty() ? json::value() : json::parse(raw.text());
}
template <class Described>
requires detail::described<Described> json::value value_of(const Described& value);
template <class T>
json::value value_of(const std::vector<T>& values) {
  json::array all;
  for (const T& each : values) all.push_back(value_of(each));
  return all;
}
template <class T>
json::value value_of(const std::map<std::string, T>& values) {
  json::object all;
  for (const auto& [name, each] : values) all.emplace(name, value_of(each));
  return all;
}
template <class E>
json::value value_of(const open_enum<E>& value) {
  return json::value(value.str());
}
template <class T>
json::value value_of(const std::optional<T>& value) {
  return value ? value_of(*value) : json::value();
}

template <class Described>
requires detail::described<Described> json::value value_of(const Described& value) {
  json::object members;
  detail::for_each_member(value, [&](std::string_view name, const auto& each) {
    members.emplace(name, value_of(each));
  });
  return members;
}

/// What a list is asked for.
struct wanted_activities {
  std::vector<std::string> types;
  std::vector<std::string> states;
  std::optional<std::string> result;
  std::size_t count = usual_page;
  std::optional<timestamp> starts_at;

  [[nodiscard]] bool matches(const upsun::activity& each) const {
    const auto among = [](const std::vector<std::string>& names, std::string_view name) {
      return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    };
    return among(types, each.type) && among(states, each.state.str()) &&
           (!result || (each.result && each.result->str() == *result)) &&
           (!starts_at || (each.created_at && *each.created_at <= *starts_at));
  }
};

/// Whether `name` is `wanted`, alone or with an index as in `state[0]`.
bool is_named(std::string_view name, std::string_view wanted) {
  return name.starts_with(wanted) &&
         (name.size() == wanted.size() || (name[wanted.size()] == '[' && name.ends_with(']')));
}

/// Reads a query; else the name of what is wrong with it.
std::optional<std::string_view> read_query(std::string_view query, wanted_activities& wanted) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decoded(pair.substr(0, equals));
    auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return "query";
    if (is_named(*name, "type")) {
      wanted.types.push_back(std::move(*value));
    } else if (is_named(*name, "state")) {
      wanted.states.push_back(std::move(*value));
    } else if (*name == "result") {
      wanted.result = std::move(*value);
    } else if (*name == "count") {
      const auto [end, failure] =
          std::from_chars(value->data(), value->data() + value->size(), wanted.count);
      if (failure != std::errc() || end != value->data() + value->size() || wanted.count == 0)
        return "count";
    } else if (*name == "starts_at") {
      wanted.starts_at = parse_timestamp(*value);
      if (!wanted.starts_at) return "starts_at";
    }
  }
  return std::nullopt;
}

}  // namespace

std::string path_of(const activity_scope& of) {
  std::string path = "/projects/" + percent_encoded(of.project().str());
  switch (of.kind()) {
    case activity_scope::owner::project: return path;
    case activity_scope::owner::environment: path += "/environments/"; break;
    case activity_scope::owner::integration: path += "/integrations/"; break;
  }
  return path + percent_encoded(of.id());
}

std::string sandbox_activities::add(const integration_ref& of, std::string_view type,
                                    timestamp now) {
  entry made;
  made.value.id = "activity-" + std::to_string(++made_);
  made.value.type = type;
  made.value.text = made.value.description = std::string(type);
  made.value.integration = of.id().str();
  made.value.project = of.project().str();
  made.value.payload =
      raw_json(json::serialize(json::object{{"integration", json::object{{"id", of.id().str()}}}}));
  made.value.created_at = now;
  made.progresses = true;
  made.fails = to_fail_ > 0;
  if (made.fails) --to_fail_;
  std::string text = json_of(of, made, now);
  store(of, std::move(made));
  return text;
}

void sandbox_activities::put(const activity_scope& of, upsun::activity value) {
  entry made;
  made.value = std::move(value);
  if (!made.value.project) made.value.project = of.project().str();
  store(of, std::move(made));
}

void sandbox_activities::put_raw(const activity_scope& of, const std::string& id, timestamp created,
                                 std::string json) {
  entry made;
  made.value.id = id;
  made.value.created_at = created;
  made.raw = std::move(json);
  store(of, std::move(made));
}

void sandbox_activities::store(const activity_scope& of, entry&& made) {
  entries& list = all_[path_of(of)];
  const auto same = std::find_if(list.begin(), list.end(),
                                 [&](const entry& each) { return each.value.id == made.value.id; });
  if (same != list.end()) list.erase(same);
  list.push_back(std::move(made));
}

reply_ptr sandbox_activities::list(const activity_scope& of, std::string_view query,
                                   timestamp now) const {
  wanted_activities wanted;
  if (const auto wrong = read_query(query, wanted))
    return refuse(400, "The query is not valid.",
                  json::serialize(json::object{{*wrong, "Invalid value"}}));
  std::vector<const entry*> found;
  const auto owned = all_.find(path_of(of));
  if (owned != all_.end()) {
    for (const entry& each : owned->second) {
      if (wanted.matches(at(each, now))) found.push_back(&each);
    }
  }
  std::reverse(found.begin(), found.end());
  std::stable_sort(found.begin(), found.end(), [](const entry* a, const entry* b) {
    return a->value.created_at > b->value.created_at;
  });
  if (found.size() > wanted.count) found.resize(wanted.count);
  std::string list = "[";
  for (const entry* each : found)
    list.append(list.size() > 1 ? "," : "").append(json_of(of, *each, now));
  return respond_with(list + "]");
}

reply_ptr sandbox_activities::read(const activity_scope& of, const std::string& id,
                                   timestamp now) const {
  const entry* found = find_entry(of, id);
  return found == nullptr ? no_activity() : respond_with(json_of(of, *found, now));
}

reply_ptr sandbox_activities::cancel(const activity_scope& of, const std::string& id,
                                     timestamp now) {
  const auto owned = all_.find(path_of(of));
  if (owned == all_.end()) return no_activity();
  const auto found = std::find_if(owned->second.begin(), owned->second.end(),
                                  [&](const entry& each) { return each.value.id == id; });
  if (found == owned->second.end()) return no_activity();
  upsun::activity as_it_is = at(*found, now);
  if (found->raw || as_it_is.done()) return refuse(400, "The activity cannot be cancelled.", "{}");
  found->value = std::move(as_it_is);
  found->value.state = activity_state::cancelled;
  found->value.cancelled_at = found->value.updated_at = now;
  found->progresses = false;
  return accept(200, "cancelled", {}, json_of(of, *found, now));
}

std::optional<upsun::activity> sandbox_activities::find(const activity_scope& of,
                                                        const std::string& id,
                                                        timestamp now) const {
  const entry* found = find_entry(of, id);
  if (found == nullptr || found->raw) return std::nullopt;
  return at(*found, now);
}

const sandbox_activities::entry* sandbox_activities::find_entry(const activity_scope& of,
                                                                std::string_view id) const {
  const auto owned = all_.find(path_of(of));
  if (owned == all_.end()) return nullptr;
  const auto found = std::find_if(owned->second.begin(), owned->second.end(),
                                  [&](const entry& each) { return each.value.id == id; });
  return found == owned->second.end() ? nullptr : &*found;
}

/// It waits, works, and ends.
upsun::activity sandbox_activities::at(const entry& of, timestamp now) const {
  upsun::activity seen = of.value;
  if (!of.progresses) return seen;
  const timestamp begins = *seen.created_at + pace_.pending;
  const timestamp ends = begins + pace_.running;
  seen.log = "";
  seen.updated_at = seen.created_at;
  if (now < begins) return seen;
  seen.started_at = begins;
  seen.log = "Started.\n";
  if (now < ends) {
    seen.state = activity_state::in_progress;
    seen.completion_percent =
        std::max<std::int64_t>(1, 100 * (now - begins) / std::chrono::microseconds(pace_.running));
    seen.updated_at = now;
    return seen;
  }
  seen.state = activity_state::complete;
  seen.result = of.fails ? activity_result::failure : activity_result::success;
  seen.completion_percent = 100;
  seen.completed_at = seen.updated_at = ends;
  seen.log->append(of.fails ? "Failed.\n" : "Done.\n");
  return seen;
}

std::string sandbox_activities::json_of(const activity_scope& of, const entry& which,
                                        timestamp now) const {
  if (which.raw) return *which.raw;
  const upsun::activity seen = at(which, now);
  json::object made = value_of(seen).as_object();
  const std::string path = path_prefix_ + path_of(of) + "/activities/" + percent_encoded(seen.id);
  json::object links{{"self", json::object{{"href", "https://region-1.sandbox.invalid" + path}}}};
  links["log"] = json::object{{"href", path + "/log"}};
  if (!seen.done()) links["#cancel"] = json::object{{"href", path + "/cancel"}};
  made["_links"] = std::move(links);
  return json::serialize(made);
}

}  // namespace upsun::testing
