#include "inputs.hpp"

#include <boost/json/object.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/model/kinds.hpp>

#include "read_member.hpp"

namespace upsun::tool {
namespace {

namespace json = boost::json;

/// The members that the constructor of an input takes, in its order.
template <class Input>
constexpr std::tuple required_members{};
template <>
constexpr std::tuple required_members<bitbucket_input>{&bitbucket_fields::repository};
template <>
constexpr std::tuple required_members<bitbucket_server_input>{
    &bitbucket_server_fields::url, &bitbucket_server_fields::username,
    &bitbucket_server_fields::token, &bitbucket_server_fields::project,
    &bitbucket_server_fields::repository};
template <>
constexpr std::tuple required_members<fastly_input>{&fastly_fields::token,
                                                    &fastly_fields::service_id};
template <>
constexpr std::tuple required_members<github_input>{&github_fields::token,
                                                    &github_fields::repository};
template <>
constexpr std::tuple required_members<gitlab_input>{&gitlab_fields::token, &gitlab_fields::project};
template <>
constexpr std::tuple required_members<email_input>{&email_fields::recipients};
template <>
constexpr std::tuple required_members<pagerduty_input>{&pagerduty_fields::routing_key};
template <>
constexpr std::tuple required_members<slack_input>{&slack_fields::token, &slack_fields::channel};
template <>
constexpr std::tuple required_members<health_webhook_input>{&health_webhook_fields::url};
template <>
constexpr std::tuple required_members<httplog_input>{&httplog_fields::url};
template <>
constexpr std::tuple required_members<newrelic_input>{&newrelic_fields::url,
                                                      &newrelic_fields::license_key};
template <>
constexpr std::tuple required_members<otlplog_input>{&otlplog_fields::url};
template <>
constexpr std::tuple required_members<script_input>{&script_fields::script};
template <>
constexpr std::tuple required_members<splunk_input>{&splunk_fields::url, &splunk_fields::index,
                                                    &splunk_fields::token};
template <>
constexpr std::tuple required_members<sumologic_input>{&sumologic_fields::url};
template <>
constexpr std::tuple required_members<webhook_input>{&webhook_fields::url};

/// Members of every integration that only the server sets.
constexpr std::array<std::string_view, 6> server_members{"id",         "type",       "role",
                                                         "created_at", "updated_at", "_links"};

template <class T>
struct field_value;
template <class T>
struct field_value<field<T>> {
  using type = T;
};

template <class Object, class Member>
using member_type = typename field_value<
    std::decay_t<decltype(std::declval<const Object&>().fields().*Member::pointer)>>::type;

/// Calls `f(member)` for each member that an input or a patch describes.
template <class Object, class F>
void for_each_field(F&& f) {
  boost::mp11::mp_for_each<detail::members_of<typename Object::fields_type>>(std::forward<F>(f));
}

template <class Fields, class Pointer>
std::string name_of(Pointer wanted) {
  std::string name;
  boost::mp11::mp_for_each<detail::members_of<Fields>>([&](auto member) {
    if constexpr (std::is_same_v<decltype(member.pointer), const Pointer>) {
      if (member.pointer == wanted) name = member.name;
    }
  });
  return name;
}

template <class Object>
bool has_field(std::string_view name) {
  bool found = false;
  for_each_field<Object>([&](auto member) { found = found || name == member.name; });
  return found;
}

/// Whether a value of that type is a secret, or holds one.
template <class T>
constexpr bool holds_secret() {
  if constexpr (is_map<T>) {
    return holds_secret<typename T::mapped_type>();
  } else if constexpr (is_list<T>) {
    return holds_secret<typename T::value_type>();
  } else if constexpr (detail::described<T>) {
    bool any = false;
    boost::mp11::mp_for_each<detail::members_of<T>>([&](auto member) {
      any = any || holds_secret<std::decay_t<decltype(std::declval<T&>().*member.pointer)>>();
    });
    return any;
  } else {
    return std::same_as<T, secret>;
  }
}

/// Whether a member, or one entry of it, may not be seen by others. Of an object with parts that
/// may and parts that may not, each part counts for itself.
template <class Object>
bool is_secret(std::string_view name, std::string_view entry) {
  bool found = false;
  for_each_field<Object>([&](auto member) {
    using type = member_type<Object, decltype(member)>;
    if (name != member.name) return;
    if constexpr (detail::described<type>) {
      boost::mp11::mp_for_each<detail::members_of<type>>([&](auto part) {
        using part_type = std::decay_t<decltype(std::declval<type&>().*part.pointer)>;
        found = found || ((entry.empty() || entry == part.name) && holds_secret<part_type>());
      });
    } else {
      found = holds_secret<type>();
    }
  });
  return found;
}

/// Whether the server sends a member with this name that cannot be set.
bool is_read_only(std::size_t kind, std::string_view name) {
  if (std::find(server_members.begin(), server_members.end(), name) != server_members.end())
    return true;
  return std::visit(
      [name](const auto& settings) {
        bool found = false;
        detail::for_each_member(settings, [&](std::string_view member, const auto&) {
          found = found || member == name;
        });
        return found;
      },
      make_settings(kind));
}

/// \throws usage_error for anything but a JSON object
json::object parse_document(const std::string& text) {
  if (text.empty()) return {};
  error_code failure;
  json::value document = json::parse(text, failure);
  if (failure) throw usage_error("--from: not JSON: " + failure.message());
  if (!document.is_object()) throw usage_error("--from: not a JSON object");
  return std::move(document.get_object());
}

/// The members to send: those of the document that can be set, then the changes.
template <class Object>
json::object settable_members(std::size_t kind, const given_members& given) {
  const std::string kind_name(kind_names[kind]);
  const auto check = [&](std::string_view name) {
    if (has_field<Object>(name)) return;
    throw usage_error(kind_name + " has no member '" + std::string(name) +
                      "' to set; see: upsun-integrations kinds " + kind_name);
  };
  json::object members;
  for (const auto& [key, value] : parse_document(given.document)) {
    const std::string_view name(key.data(), key.size());
    if (name == "type" && value != json::value(kind_name))
      throw usage_error("--from: its type is not " + kind_name);
    if (!has_field<Object>(name) && is_read_only(kind, name)) continue;
    check(name);
    members[name] = value;
  }
  for (const auto& [name, text, on_command_line] : given.changes) {
    const json::value value = text ? json::value(*text) : json::value();
    const std::size_t dot = name.find('.');
    const std::string outer = name.substr(0, dot);
    check(outer);
    const std::string entry = dot == std::string::npos ? "" : name.substr(dot + 1);
    if (on_command_line && is_secret<Object>(outer, entry)) {
      std::string problem(name);
      problem.append(" is a secret, which others could see on the command line; give it by ")
          .append("--set-env ")
          .append(name)
          .append("=VARIABLE or --set-file ")
          .append(name)
          .append("=FILE");
      throw usage_error(problem);
    }
    json::value& member = members[outer];
    if (dot == std::string::npos) {
      member = value;
    } else {
      if (!member.is_object()) member.emplace_object();
      member.get_object()[entry] = value;
    }
  }
  return members;
}

template <class Object>
void set_members(Object& object, const json::object& members) {
  for_each_field<Object>([&](auto member) {
    using type = member_type<Object, decltype(member)>;
    const json::value* given = members.if_contains(member.name);
    if (given == nullptr) return;
    if (given->is_null()) {
      object.set(member.pointer, field<type>(nullptr));
    } else {
      object.set(member.pointer, field<type>(read_member<type>(member.name, *given)));
    }
  });
}

template <class Input>
Input construct(std::size_t kind, const json::object& members) {
  using fields = typename Input::fields_type;
  return std::apply(
      [&](auto... pointer) {
        std::string missing;
        [[maybe_unused]] const auto need = [&](const std::string& name) {
          const json::value* given = members.if_contains(name);
          if (given == nullptr || given->is_null())
            missing.append(missing.empty() ? "" : ", ").append(name);
        };
        (need(name_of<fields>(pointer)), ...);
        if (!missing.empty())
          throw usage_error(std::string(kind_names[kind]) + " needs " + missing);
        [[maybe_unused]] const auto read = [&]<class T>(field<T> fields::*,
                                                        const std::string& name) {
          return read_member<T>(name, members.at(name));
        };
        return Input(read(pointer, name_of<fields>(pointer))...);
      },
      required_members<Input>);
}

/// For people.
template <class T>
std::string type_name() {
  if constexpr (std::same_as<T, bool>) {
    return "true or false";
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return "integer";
  } else if constexpr (std::same_as<T, secret>) {
    return "secret";
  } else if constexpr (is_list<T>) {
    return "list";
  } else if constexpr (is_map<T>) {
    return std::same_as<typename T::mapped_type, secret> ? "object of secrets" : "object";
  } else if constexpr (detail::described<T>) {
    std::string names;
    boost::mp11::mp_for_each<detail::members_of<T>>(
        [&](auto member) { names.append(names.empty() ? "object: " : ", ").append(member.name); });
    return names;
  } else {
    return "text";
  }
}
template <class T>
requires is_enum<T> std::string type_name() {
  std::string names;
  const auto append = [&]<class E>(std::type_identity<open_enum<E>>) {
    for (const std::string_view each : wire_names<E>)
      names.append(names.empty() ? "" : ", ").append(each);
  };
  append(std::type_identity<T>());
  return names;
}

/// Calls `f` with the index as a constant.
template <class F>
auto with_kind(std::size_t kind, F&& f) {
  return boost::mp11::mp_with_index<kind_count>(kind, std::forward<F>(f));
}

}  // namespace

std::size_t kind_of(const std::string& name, const given_members& given) {
  std::string wanted = name;
  if (wanted.empty()) {
    const json::object document = parse_document(given.document);
    const json::value* type = document.if_contains("type");
    if (type == nullptr || !type->is_string())
      throw usage_error("which KIND? See: upsun-integrations kinds");
    wanted.assign(type->get_string().data(), type->get_string().size());
  }
  const auto kind = find_kind(wanted);
  if (!kind) throw usage_error("there is no kind '" + wanted + "'; see: upsun-integrations kinds");
  return *kind;
}

integration_input make_input(std::size_t kind, const given_members& given) {
  return with_kind(kind, [&](auto index) -> integration_input {
    using input = std::variant_alternative_t<index, integration_input>;
    const json::object members = settable_members<input>(kind, given);
    auto made = construct<input>(kind, members);
    set_members(made, members);
    return made;
  });
}

integration_patch make_patch(std::size_t kind, const given_members& given) {
  return with_kind(kind, [&](auto index) -> integration_patch {
    using patch = std::variant_alternative_t<index, integration_patch>;
    patch made;
    set_members(made, settable_members<patch>(kind, given));
    if (made == patch()) throw usage_error("nothing to change; see --set");
    return made;
  });
}

std::vector<member_description> describe_members(std::size_t kind) {
  return with_kind(kind, [](auto index) {
    using input = std::variant_alternative_t<index, integration_input>;
    using fields = typename input::fields_type;
    std::vector<member_description> described;
    for_each_field<input>([&](auto member) {
      const bool required = std::apply(
          [&](auto... pointer) { return ((name_of<fields>(pointer) == member.name) || ...); },
          required_members<input>);
      described.push_back(
          {member.name, type_name<member_type<input, decltype(member)>>(), required});
    });
    return described;
  });
}

}  // namespace upsun::tool
