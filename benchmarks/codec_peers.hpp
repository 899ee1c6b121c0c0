#pragma once

// Decodes the Bitbucket document into the value type with other JSON libraries. None of them checks
// as much: repeated members are not noticed.

#include <boost/json.hpp>
#ifdef UPSUN_BENCH_NLOHMANN
#include <nlohmann/json.hpp>
#endif
#ifdef UPSUN_BENCH_SIMDJSON
#include <simdjson.h>
#endif

#include <string>
#include <string_view>

#include <upsun/model/integration.hpp>

namespace upsun::benchmarks {

inline integration by_boost_json(std::string_view document) {
  const auto text = [](const boost::json::value& v) {
    return boost::json::value_to<std::string>(v);
  };
  const boost::json::value parsed = boost::json::parse({document.data(), document.size()});
  const boost::json::object& object = parsed.as_object();
  integration value{.id = text(object.at("id")),
                    .created_at = parse_timestamp(text(object.at("created_at"))),
                    .updated_at = parse_timestamp(text(object.at("updated_at"))),
                    .type = text(object.at("type")),
                    .role = text(object.at("role"))};
  auto& settings = value.settings.emplace<bitbucket_settings>();
  settings.fetch_branches = object.at("fetch_branches").as_bool();
  settings.prune_branches = object.at("prune_branches").as_bool();
  settings.environment_init_resources =
      open_enum<init_resources>(text(object.at("environment_init_resources")));
  settings.app_credentials = {text(object.at("app_credentials").at("key"))};
  settings.addon_credentials = {text(object.at("addon_credentials").at("addon_key")),
                                text(object.at("addon_credentials").at("client_key"))};
  settings.repository = text(object.at("repository"));
  settings.build_pull_requests = object.at("build_pull_requests").as_bool();
  settings.pull_requests_clone_parent_data = object.at("pull_requests_clone_parent_data").as_bool();
  settings.resync_pull_requests = object.at("resync_pull_requests").as_bool();
  return value;
}

#ifdef UPSUN_BENCH_NLOHMANN
inline integration by_nlohmann(std::string_view document) {
  const auto parsed = nlohmann::json::parse(document);
  const auto text = [&parsed](const char* name) -> const std::string& {
    return parsed.at(name).get_ref<const std::string&>();
  };
  integration value{.id = text("id"),
                    .created_at = parse_timestamp(text("created_at")),
                    .updated_at = parse_timestamp(text("updated_at")),
                    .type = text("type"),
                    .role = text("role")};
  auto& settings = value.settings.emplace<bitbucket_settings>();
  settings.fetch_branches = parsed.at("fetch_branches").get<bool>();
  settings.prune_branches = parsed.at("prune_branches").get<bool>();
  settings.environment_init_resources =
      open_enum<init_resources>(text("environment_init_resources"));
  settings.app_credentials = {parsed.at("app_credentials").at("key").get<std::string>()};
  const auto& addon = parsed.at("addon_credentials");
  settings.addon_credentials = {addon.at("addon_key").get<std::string>(),
                                addon.at("client_key").get<std::string>()};
  settings.repository = text("repository");
  settings.build_pull_requests = parsed.at("build_pull_requests").get<bool>();
  settings.pull_requests_clone_parent_data =
      parsed.at("pull_requests_clone_parent_data").get<bool>();
  settings.resync_pull_requests = parsed.at("resync_pull_requests").get<bool>();
  return value;
}
#endif

#ifdef UPSUN_BENCH_SIMDJSON
/// On-demand, as its authors advise: parser and padded input are reused.
class simdjson_decoder {
 public:
  explicit simdjson_decoder(std::string_view document) : input_(document) {}

  /// Its fastest use: members are asked for in the order of this document, though any order is
  /// read.
  integration in_order_of_the_document() {
    auto parsed = parser_.iterate(input_);
    auto object = parsed.get_object().value();
    const auto text = [](auto&& holder, std::string_view name) {
      return holder[name].get_string().value();
    };
    const auto flag = [&object](std::string_view name) { return object[name].get_bool().value(); };
    integration value;
    value.created_at = parse_timestamp(text(object, "created_at"));
    value.updated_at = parse_timestamp(text(object, "updated_at"));
    value.type = text(object, "type");
    value.role.emplace(text(object, "role"));
    auto& settings = value.settings.emplace<bitbucket_settings>();
    settings.fetch_branches = flag("fetch_branches");
    settings.prune_branches = flag("prune_branches");
    settings.environment_init_resources =
        open_enum<init_resources>(std::string(text(object, "environment_init_resources")));
    settings.repository = text(object, "repository");
    settings.build_pull_requests = flag("build_pull_requests");
    settings.pull_requests_clone_parent_data = flag("pull_requests_clone_parent_data");
    settings.resync_pull_requests = flag("resync_pull_requests");
    value.id.emplace(text(object, "id"));
    auto app = object["app_credentials"].get_object().value();
    settings.app_credentials.emplace().key = text(app, "key");
    auto addon = object["addon_credentials"].get_object().value();
    auto& credentials = settings.addon_credentials.emplace();
    credentials.addon_key = text(addon, "addon_key");
    credentials.client_key = text(addon, "client_key");
    return value;
  }

  /// As the others do it, in the order of the value type.
  integration in_order_of_the_type() {
    auto parsed = parser_.iterate(input_);
    auto object = parsed.get_object().value();
    const auto text = [](auto&& holder, std::string_view name) {
      return holder[name].get_string().value();
    };
    const auto flag = [&object](std::string_view name) { return object[name].get_bool().value(); };
    integration value;
    value.type = text(object, "type");
    value.id.emplace(text(object, "id"));
    value.created_at = parse_timestamp(text(object, "created_at"));
    value.updated_at = parse_timestamp(text(object, "updated_at"));
    value.role.emplace(text(object, "role"));
    auto& settings = value.settings.emplace<bitbucket_settings>();
    settings.fetch_branches = flag("fetch_branches");
    settings.prune_branches = flag("prune_branches");
    settings.environment_init_resources =
        open_enum<init_resources>(std::string(text(object, "environment_init_resources")));
    auto app = object["app_credentials"].get_object().value();
    settings.app_credentials.emplace().key = text(app, "key");
    auto addon = object["addon_credentials"].get_object().value();
    auto& credentials = settings.addon_credentials.emplace();
    credentials.addon_key = text(addon, "addon_key");
    credentials.client_key = text(addon, "client_key");
    settings.repository = text(object, "repository");
    settings.build_pull_requests = flag("build_pull_requests");
    settings.pull_requests_clone_parent_data = flag("pull_requests_clone_parent_data");
    settings.resync_pull_requests = flag("resync_pull_requests");
    return value;
  }

 private:
  simdjson::padded_string input_;
  simdjson::ondemand::parser parser_;
};
#endif

}  // namespace upsun::benchmarks
