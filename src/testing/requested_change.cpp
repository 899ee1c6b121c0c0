#include "testing/requested_change.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <concepts>
#include <iterator>
#include <optional>
#include <type_traits>

#include <upsun/codec.hpp>
#include <upsun/model/kinds.hpp>

namespace upsun::testing {
namespace {

namespace json = boost::json;

/// What the API demands of a new integration beside its type, and takes but never shows; names
/// parted by spaces.
struct kind_rules {
  std::string_view kind;
  std::string_view required;
  std::string_view write_only;
};
constexpr kind_rules rules[] = {
    {"bitbucket", "repository", ""},
    {"bitbucket_server", "url username token project repository", "token"},
    {"blackfire", "", ""},
    {"cdn.fastly", "token service_id", "token"},
    {"github", "token repository", "token"},
    {"gitlab", "token project", "token"},
    {"health.email", "recipients", ""},
    {"health.pagerduty", "routing_key", ""},
    {"health.slack", "token channel", "token"},
    {"health.webhook", "url", "shared_key"},
    {"httplog", "url", ""},
    {"newrelic", "url license_key", "license_key"},
    {"otlplog", "url", ""},
    {"script", "script", ""},
    {"splunk", "url index token", "token"},
    {"sumologic", "url", ""},
    {"syslog", "", "auth_token auth_mode"},
    {"webhook", "url", ""},
};
static_assert(std::size(rules) == kind_count);

const kind_rules& rules_of(std::string_view kind) {
  return *std::find_if(std::begin(rules), std::end(rules),
                       [kind](const kind_rules& each) { return each.kind == kind; });
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    found.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

bool holds_word(std::string_view text, std::string_view word) {
  const auto all = words(text);
  return std::find(all.begin(), all.end(), word) != all.end();
}

json::value parsed(std::string_view text) {
  error_code failure;
  json::value value = json::parse({text.data(), text.size()}, failure);
  return failure ? json::value() : value;
}

/// The settings of a new integration before its request is looked at.
integration_settings default_settings(std::size_t kind) {
  integration_settings settings = make_settings(kind);
  std::visit(
      [](auto& s) {
        using type = std::decay_t<decltype(s)>;
        if constexpr (std::derived_from<type, source_settings>)
          s.environment_init_resources = init_resources::parent;
        if constexpr (std::derived_from<type, hook_settings>)
          s.events = s.environments = {"*"}, s.states = {"complete"};
        if constexpr (std::same_as<type, fastly_settings>) s.tls_certificates = false;
        if constexpr (std::same_as<type, gitlab_settings>)
          s.rotate_token = false, s.rotate_token_validity_in_weeks = 0;
        if constexpr (std::derived_from<type, log_settings>) s.tls_verify = true;
        if constexpr (std::same_as<type, syslog_settings>) {
          s.protocol = syslog_protocol::tls;
          s.facility = 1;
          s.message_format = syslog_format::rfc5424;
        }
      },
      settings);
  return settings;
}

bool is_shown(const integration_settings& settings, std::string_view name) {
  return std::visit(
      [name](const auto& s) {
        bool found = false;
        detail::for_each_member(
            s, [&](std::string_view member, const auto&) { found = found || member == name; });
        return found;
      },
      settings);
}

/// Puts what a request sends over the document of what was there before.
class merge {
 public:
  explicit merge(upsun::integration before)
      : before_(std::move(before)),
        rules_(rules_of(before_.type)),
        document_(parsed(encode_integration(before_)).as_object()) {}

  void put(std::string_view name, const json::value& value) {
    if (holds_word(rules_.write_only, name)) {
      if (!value.is_string() && !(name == "shared_key" && value.is_null()))
        complain(name, "Must be a string");
    } else if (is_shown(before_.settings, name)) {
      document_[name] = value;
    } else {
      complain(name, name == "type" ? "Read-only" : "Extra field not permitted");
    }
  }
  void complain(std::string_view name, std::string_view complaint) {
    complaints_.emplace(name, complaint);
  }

  [[nodiscard]] requested_change finish() {
    auto after = decode_integration(json::serialize(document_), {.policy = decode_policy::strict});
    if (!after) {
      const decode_mismatch& m = *after.error().decode();
      complain(member_of(m.pointer), "Expected " + m.expected + ", found " + m.found);
    } else {
      check(*after);
    }
    if (!complaints_.empty()) return json::serialize(complaints_);
    return std::move(*after);
  }

  /// Of what was there before, and nothing put over it.
  [[nodiscard]] std::string review() {
    for (const std::string& name : words(rules_.required)) {
      const auto* value = document_.if_contains(name);
      if (value != nullptr && (value->is_null() || *value == "" || *value == json::array()))
        complain(name, "Required");
    }
    check(before_);
    return complaints_.empty() ? std::string() : json::serialize(complaints_);
  }

  [[nodiscard]] const kind_rules& of_kind() const noexcept { return rules_; }

 private:
  /// The member a JSON pointer leads into.
  static std::string member_of(std::string_view pointer) {
    return std::string(pointer.substr(1, pointer.find('/', 1) - 1));
  }

  void check(const upsun::integration& after) {
    std::visit(
        [this](const auto& s) {
          using type = std::decay_t<decltype(s)>;
          detail::for_each_member(s, [this](std::string_view name, const auto& value) {
            if constexpr (requires { value.known(); }) {
              if (!value.known()) complain(name, "Not one of the allowed values");
            }
          });
          if constexpr (std::derived_from<type, source_settings>) {
            if (!s.fetch_branches && s.prune_branches)
              complain("prune_branches", "Branches that are not fetched cannot be pruned");
          }
          if constexpr (std::same_as<type, syslog_settings>) {
            if (s.port < 0 || s.port > 65535) complain("port", "Must be between 0 and 65535");
            if (s.facility < 0 || s.facility > 23) complain("facility", "Must be between 0 and 23");
          }
        },
        after.settings);
  }

  upsun::integration before_;
  const kind_rules& rules_;
  json::object document_;
  json::object complaints_;
};

std::string complaint(std::string_view member, std::string_view text) {
  return json::serialize(json::object{{member, text}});
}

}  // namespace

requested_change created_integration(std::string_view body, const std::string& id, timestamp now) {
  const json::value request = parsed(body);
  const auto* members = request.if_object();
  if (members == nullptr) return complaint("body", "Must be a JSON object");
  const auto* type = members->if_contains("type");
  if (type == nullptr) return complaint("type", "Required");
  const auto kind = type->is_string()
                        ? find_kind({type->get_string().data(), type->get_string().size()})
                        : std::nullopt;
  if (!kind) return complaint("type", "Not one of the allowed values");

  merge change({.id = id,
                .created_at = now,
                .updated_at = now,
                .type = std::string(kind_names[*kind]),
                .role = "",
                .settings = default_settings(*kind)});
  for (const std::string& name : words(change.of_kind().required)) {
    if (!members->contains(name)) change.complain(name, "Required");
  }
  for (const auto& member : *members) {
    if (member.key() != "type")
      change.put({member.key().data(), member.key().size()}, member.value());
  }
  return change.finish();
}

requested_change changed_integration(const upsun::integration& current, std::string_view body,
                                     timestamp now) {
  const json::value request = parsed(body);
  const auto* members = request.if_object();
  if (members == nullptr) return complaint("body", "Must be a JSON object");
  upsun::integration before = current;
  before.updated_at = now;
  merge change(std::move(before));
  for (const auto& member : *members)
    change.put({member.key().data(), member.key().size()}, member.value());
  return change.finish();
}

std::string complaints_about(const upsun::integration& value) { return merge(value).review(); }

std::string source_of(const upsun::integration& value) {
  return std::visit(
      [](const auto& s) -> std::string {
        using type = std::decay_t<decltype(s)>;
        if constexpr (std::same_as<type, gitlab_settings>) {
          return std::string(type::kind).append(" ").append(s.project);
        } else if constexpr (std::same_as<type, bitbucket_server_settings>) {
          return std::string(type::kind)
              .append(" ")
              .append(s.project)
              .append("/")
              .append(s.repository);
        } else if constexpr (std::derived_from<type, source_settings>) {
          return std::string(type::kind).append(" ").append(s.repository);
        } else {
          return {};
        }
      },
      value.settings);
}

}  // namespace upsun::testing
