#include <upsun/client_config.hpp>

#include <upsun/version.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>

#include "config/config_checks.hpp"
#include "config/header_field.hpp"
#include "config/proxy.hpp"
#include "config/route.hpp"
#include "util/b64token.hpp"
#include "util/origin.hpp"

namespace upsun {
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

void check_bearer(const secret& token) {
  if (token.empty()) throw config_error("credentials", "the bearer token is empty");
  if (!util::is_b64token(token.reveal()))
    throw config_error("credentials",
                       "the bearer token holds a character that RFC 6750 does not allow");
}

void check_api_token(const client_config& config, const api_token& credentials) {
  const std::string& token = credentials.token().reveal();
  if (token.empty()) throw config_error("credentials", "the API token is empty");
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; })) {
    throw config_error("credentials",
                       "the API token holds a space, a control character or one outside ASCII");
  }
  util::origin origin;
  if (const auto problem = util::parse_origin(credentials.auth_url(), origin))
    throw config_error("credentials", "auth_url " + *problem);
  client_config way = config;
  way.unix_socket.clear();  // it leads to the API only
  if (!origin.tls && !config::stays_local(config::make_route(way, origin), origin)) {
    throw config_error("credentials",
                       "auth_url is http:// to a host that is not a loopback address, or through a "
                       "proxy: an API token is never sent there");
  }
}

void check_source(const token_source& source) {
  if (std::visit([](const auto& function) { return !function; }, source.function()))
    throw config_error("credentials", "the token source is an empty function");
}

void check_credentials(const client_config& config, bool exposed) {
  if (exposed && !std::holds_alternative<std::monostate>(config.credentials)) {
    throw config_error("credentials",
                       "a token is never sent over http:// to a host that is not a loopback "
                       "address, nor through a proxy");
  }
  if (const auto* bearer = std::get_if<bearer_token>(&config.credentials))
    check_bearer(bearer->token());
  if (const auto* token = std::get_if<api_token>(&config.credentials))
    check_api_token(config, *token);
  if (const auto* source = std::get_if<token_source>(&config.credentials)) check_source(*source);
}

/// The first of the variables that is set, and its name; set but empty counts as not set.
std::optional<std::string> read_first(std::initializer_list<std::string> names, std::string& name) {
  for (const std::string& each : names) {
    name = each;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): documented
    if (const char* value = std::getenv(each.c_str()); value != nullptr && *value != '\0')
      return value;
  }
  return std::nullopt;
}

/// A variable by either prefix.
std::optional<std::string> read_variable(const std::string& name, std::string& full_name) {
  return read_first({"UPSUN_" + name, "PLATFORMSH_" + name}, full_name);
}

/// The rules of a `NO_PROXY` that can be understood; it was written for other programs too.
void append_bypass(std::vector<std::string>& rules, std::string_view list) {
  constexpr std::string_view separators = ", \t";
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(separators), list.size()));
    if (list.empty()) return;
    const std::string_view rule = list.substr(0, list.find_first_of(separators));
    if (!config::refuse_bypass_rule(rule)) rules.emplace_back(rule);
    list.remove_prefix(rule.size());
  }
}

proxy_options proxy_of_environment() {
  proxy_options proxy;
  std::string name;
  auto url = read_first({"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"}, name);
  if (!url) return proxy;
  if (url->find("://") == std::string::npos) url->insert(0, "http://");
  config::proxy_address parsed;
  if (const auto problem = config::parse_proxy(*url, parsed))
    throw config_error("proxy.url", "the value of " + name + " " + *problem);
  proxy.url = secret(std::move(*url));
  proxy.bypass = {"localhost", "127.0.0.0/8", "::1"};
  if (const auto list = read_first({"NO_PROXY", "no_proxy"}, name))
    append_bypass(proxy.bypass, *list);
  return proxy;
}

}  // namespace

config_error::config_error(std::string field, const std::string& problem)
    : std::invalid_argument(field + ": " + problem), field_(std::move(field)) {}

void config::check_retry(const retry_options& retry) {
  check_range<unsigned>("retry.max_attempts", retry.max_attempts, 1, 100);
  check_range<std::int64_t>("retry.base", retry.base.count(), 0, 20'000, " ms");
  check_range<std::int64_t>("retry.throttled_base", retry.throttled_base.count(), 0, 20'000, " ms");
  check_duration("retry.max_delay", retry.max_delay, milliseconds(0));
}

void config::check_hedge(const hedge_options& hedge) {
  check_duration("hedge.delay", hedge.delay, milliseconds(0));
  check_range<unsigned>("hedge.max_extra_percent", hedge.max_extra_percent, 1, 100);
}

void client_config::validate() const {
  util::origin origin;
  if (const auto problem = util::parse_origin(base_url, origin))
    throw config_error("base_url", *problem);
  const config::route way = config::make_route(*this, origin);
  const bool exposed = !origin.tls && !config::stays_local(way, origin);
  if (exposed && !allow_plain_http) {
    throw config_error("base_url",
                       "http:// is for loopback addresses without a proxy, and for Unix-domain "
                       "sockets; set allow_plain_http to send requests unprotected");
  }
  check_credentials(*this, exposed);
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
  config::check_retry(retry);
  config::check_hedge(hedge);
  check_range<std::size_t>("cache.max_entries", cache.max_entries, 0, 1'000'000);
  check_range<std::size_t>("cache.max_bytes", cache.max_bytes, 1,
                           std::numeric_limits<std::size_t>::max());
  check_duration("cache.ttl", cache.ttl, milliseconds(0));
  check_duration("dns.fresh", dns.fresh, milliseconds(0));
  check_duration("dns.stale", dns.stale, milliseconds(0));
  if (config::refuse_header("user-agent-value", user_agent))
    throw config_error("user_agent", "holds a control character");
}

client_config client_config::from_environment() {
  client_config config;
  std::string name;
  if (auto url = read_variable("API_URL", name)) config.base_url = std::move(*url);
  if (const auto seconds = read_variable("DEFAULT_TIMEOUT", name)) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(seconds->data(), seconds->data() + seconds->size(), value);
    if (error != std::errc{} || end != seconds->data() + seconds->size() || !(value >= 0.001) ||
        value > 86'400) {
      throw config_error("timeouts.total",
                         name + " must be a number of seconds from 0.001 to 86400");
    }
    config.timeouts.total = milliseconds(static_cast<std::int64_t>(value * 1000));
  }
  if (auto token = read_variable("ACCESS_TOKEN", name)) {
    config.credentials = bearer_token(std::move(*token));
  } else if (auto exchanged = read_variable("CLI_TOKEN", name)) {
    auto url = read_variable("AUTH_URL", name);
    config.credentials =
        url ? api_token(std::move(*exchanged), std::move(*url)) : api_token(std::move(*exchanged));
  }
  config.proxy = proxy_of_environment();
  return config;
}

}  // namespace upsun
