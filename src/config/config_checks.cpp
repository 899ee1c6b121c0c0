#include "config/config_checks.hpp"

#include <upsun/client_config.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "config/header_field.hpp"

namespace upsun::config {
namespace {

using std::chrono::milliseconds;

template <class T>
void check_range(const char* field, T value, T least, T most, std::string_view unit = "") {
  if (value >= least && value <= most) return;
  const auto text = [&](T v) { return std::to_string(v) + std::string(unit); };
  throw config_error(field,
                     "is " + text(value) + ", must be from " + text(least) + " to " + text(most));
}

constexpr milliseconds longest = std::chrono::hours(24);

void check_duration(const char* field, milliseconds value, milliseconds least) {
  check_range(field, value.count(), least.count(), longest.count(), " ms");
}

}  // namespace

void check_retry(const retry_options& retry) {
  check_range<unsigned>("retry.max_attempts", retry.max_attempts, 1, 100);
  check_range<std::int64_t>("retry.base", retry.base.count(), 0, 20'000, " ms");
  check_range<std::int64_t>("retry.throttled_base", retry.throttled_base.count(), 0, 20'000, " ms");
  check_duration("retry.max_delay", retry.max_delay, milliseconds(0));
}

void check_hedge(const hedge_options& hedge) {
  check_duration("hedge.delay", hedge.delay, milliseconds(0));
  check_range<unsigned>("hedge.max_extra_percent", hedge.max_extra_percent, 1, 100);
}

void check_ranges(const client_config& config) {
  const auto& pool = config.pool;
  const auto& timeouts = config.timeouts;
  const auto& limits = config.limits;
  check_range<std::size_t>("pool.max_connections", pool.max_connections, 1, 65'535);
  check_range<std::size_t>("pool.min_connections", pool.min_connections, 0, pool.max_connections);
  check_range<std::size_t>("pool.max_waiters", pool.max_waiters, 0, 100'000'000);
  check_duration("pool.acquire_timeout", pool.acquire_timeout, milliseconds(0));
  check_duration("pool.idle_timeout", pool.idle_timeout, milliseconds(1));
  check_duration("pool.max_lifetime", pool.max_lifetime, milliseconds(0));
  check_duration("timeouts.total", timeouts.total, milliseconds(1));
  check_duration("timeouts.attempt", timeouts.attempt, milliseconds(1));
  check_duration("timeouts.connect", timeouts.connect, milliseconds(1));
  check_range<std::size_t>("limits.header_bytes", limits.header_bytes, 1024, 16 * 1024 * 1024);
  check_range<std::size_t>("limits.header_fields", limits.header_fields, 1, 65'535);
  check_range<std::size_t>("limits.informational_responses", limits.informational_responses, 0,
                           1'000);
  check_range<std::size_t>("limits.body_bytes", limits.body_bytes, 1,
                           std::numeric_limits<std::size_t>::max() / 2);
  check_range<std::size_t>("limits.json_depth", limits.json_depth, 4, 1'000);
  check_retry(config.retry);
  check_hedge(config.hedge);
  check_range<std::size_t>("cache.max_entries", config.cache.max_entries, 0, 1'000'000);
  check_range<std::size_t>("cache.max_bytes", config.cache.max_bytes, 1,
                           std::numeric_limits<std::size_t>::max());
  check_duration("cache.ttl", config.cache.ttl, milliseconds(0));
  check_duration("dns.fresh", config.dns.fresh, milliseconds(0));
  check_duration("dns.stale", config.dns.stale, milliseconds(0));
  if (refuse_header("user-agent-value", config.user_agent))
    throw config_error("user_agent", "holds a control character");
}

}  // namespace upsun::config
