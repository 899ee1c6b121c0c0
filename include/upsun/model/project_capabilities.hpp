#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <upsun/model/described.hpp>

namespace upsun {

/// Whether a project may use a feature.
struct feature {
  bool enabled = false;
};
BOOST_DESCRIBE_STRUCT(feature, (), (enabled))

/// Domains of a project's own.
struct custom_domains_capability {
  bool enabled = false;
  std::int64_t environments_with_domains_limit = 0;
};
BOOST_DESCRIBE_STRUCT(custom_domains_capability, (), (enabled, environments_with_domains_limit))

/// How far back metrics reach.
struct metrics_capability {
  std::string max_range{};
};
BOOST_DESCRIBE_STRUCT(metrics_capability, (), (max_range))

/// Log integrations: how large their member `extra` may be, in bytes.
struct logs_forwarding_capability {
  std::int64_t max_extra_payload_size = 0;
};
BOOST_DESCRIBE_STRUCT(logs_forwarding_capability, (), (max_extra_payload_size))

struct guaranteed_resources_capability {
  bool enabled = false;
  std::int64_t instance_limit = 0;
};
BOOST_DESCRIBE_STRUCT(guaranteed_resources_capability, (), (enabled, instance_limit))

struct build_resources_capability {
  bool enabled = false;
  std::optional<double> max_cpu{};
  std::optional<std::int64_t> max_memory{};
};
BOOST_DESCRIBE_STRUCT(build_resources_capability, (), (enabled, max_cpu, max_memory))

struct object_storage_capability {
  bool enabled = false;
  std::optional<std::int64_t> min_storage{};
  std::optional<std::int64_t> max_storage{};
  std::optional<std::int64_t> storage_step{};
  std::optional<double> cpu_per_step{};
  std::optional<std::int64_t> memory_per_step{};
  std::optional<double> max_cpu{};
  std::optional<std::int64_t> max_memory{};
};
BOOST_DESCRIBE_STRUCT(object_storage_capability, (),
                      (enabled, min_storage, max_storage, storage_step, cpu_per_step,
                       memory_per_step, max_cpu, max_memory))

struct autoscaling_capability {
  bool enabled = false;
  bool supports_horizontal_scaling_services = false;
};
BOOST_DESCRIBE_STRUCT(autoscaling_capability, (), (enabled, supports_horizontal_scaling_services))

/// Whether integrations of a kind may be created.
struct integration_kind_capability {
  std::optional<bool> enabled{};
  std::optional<std::string> role{};
};
BOOST_DESCRIBE_STRUCT(integration_kind_capability, (), (enabled, role))

/// Which integrations a project may have.
struct integrations_capability {
  bool enabled = false;
  /// By the kind's name, such as "cdn.fastly".
  std::map<std::string, integration_kind_capability> config{};
  std::vector<std::string> allowed_integrations{};

  /// Whether the project may have integrations of this kind, such as "webhook".
  [[nodiscard]] bool allows(const std::string& kind) const {
    const auto found = config.find(kind);
    return enabled && found != config.end() && found->second.enabled.value_or(false);
  }
};
BOOST_DESCRIBE_STRUCT(integrations_capability, (), (enabled, config, allowed_integrations))

/// What a project may use. Members have the API's names. The set of features grows and differs
/// between regions, so any of them may be missing: empty.
struct project_capabilities {
  std::optional<custom_domains_capability> custom_domains{};
  std::optional<feature> source_operations{};
  std::optional<feature> runtime_operations{};
  std::optional<feature> tasks{};
  std::optional<feature> outbound_firewall{};
  std::optional<feature> egress_proxy{};
  std::optional<metrics_capability> metrics{};
  std::optional<logs_forwarding_capability> logs_forwarding{};
  std::optional<guaranteed_resources_capability> guaranteed_resources{};
  /// Which versions of which images there are.
  raw_json images{};
  std::optional<std::int64_t> instance_limit{};
  std::optional<build_resources_capability> build_resources{};
  std::optional<object_storage_capability> object_storage{};
  std::optional<feature> data_retention{};
  std::optional<autoscaling_capability> autoscaling{};
  std::optional<integrations_capability> integrations{};
};
BOOST_DESCRIBE_STRUCT(project_capabilities, (),
                      (custom_domains, source_operations, runtime_operations, tasks,
                       outbound_firewall, egress_proxy, metrics, logs_forwarding,
                       guaranteed_resources, images, instance_limit, build_resources,
                       object_storage, data_retention, autoscaling, integrations))

}  // namespace upsun
