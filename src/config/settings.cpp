#include "config/settings.hpp"

#include <upsun/client_config.hpp>
#include <upsun/version.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "config/header_field.hpp"
#include "util/ascii.hpp"

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

/// Everything that is checked by itself: numbers, durations, and what goes into a header field.
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
  constexpr std::size_t least_window = 64 * 1024;
  constexpr std::size_t largest_window = 1024 * 1024 * 1024;
  check_range<std::size_t>("http.streams", config.http.streams, 1, 65'535);
  check_range("http.stream_window", config.http.stream_window, least_window, largest_window);
  check_range("http.connection_window", config.http.connection_window, least_window,
              largest_window);
#if !UPSUN_HTTP2
  if (config.http.version == http_version::http2)
    throw config_error("http.version", "is http2, and this library was built without HTTP/2");
#endif
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

transport_settings network_of(const client_config& config) {
  transport_settings made{.tls = config.tls,
                          .proxy = config.proxy,
                          .unix_socket = config.unix_socket,
                          .pool = config.pool,
                          .http = config.http,
                          .timeouts = config.timeouts,
                          .limits = config.limits,
                          .dns = config.dns,
                          .user_agent = config.user_agent.empty()
                                            ? "upsun-cpp/" UPSUN_VERSION_STRING
                                            : config.user_agent,
                          .reads_validators = config.cache.max_entries > 0,
                          .observer = config.observer};
  if (const auto problem = util::parse_origin(config.base_url, made.where))
    throw config_error("base_url", *problem);
  made.way = make_route(config.proxy, config.unix_socket, made.where);
  return made;
}

secret authorization_of(const bearer_token& credentials) {
  const std::string& token = credentials.token().reveal();
  if (const auto problem = refuse_bearer_token(token))
    throw config_error("credentials", "the bearer token " + *problem);
  return secret("Bearer " + token);
}

auth_settings auth_of(const api_token& credentials, const transport_settings& network) {
  if (const auto problem = refuse_api_token(credentials.token().reveal()))
    throw config_error("credentials", "the API token " + *problem);
  auth_settings made{.from = credentials.token(),
                     .attempt_timeout = network.timeouts.attempt,
                     .total_timeout = network.timeouts.total};
  if (const auto problem = util::parse_origin(credentials.auth_url(), made.server))
    throw config_error("credentials", "auth_url " + *problem);
  if (!made.server.tls &&
      !stays_local(for_peer(network, made.server, peer_kind::token_server).way, made.server)) {
    throw config_error("credentials",
                       "auth_url is http:// to a host that is not a loopback address, or through a "
                       "proxy: an API token is never sent there");
  }
  return made;
}

auth_settings auth_of(const token_source& source, const transport_settings& network) {
  if (std::visit([](const auto& function) { return !function; }, source.function()))
    throw config_error("credentials", "the token source is an empty function");
  return {.from = source,
          .attempt_timeout = network.timeouts.attempt,
          .total_timeout = network.timeouts.total};
}

void set_credentials(client_settings& out, const credentials& given) {
  if (const auto* bearer = std::get_if<bearer_token>(&given))
    out.network.authorization = authorization_of(*bearer);
  if (const auto* token = std::get_if<api_token>(&given)) out.auth = auth_of(*token, out.network);
  if (const auto* source = std::get_if<token_source>(&given))
    out.auth = auth_of(*source, out.network);
}

}  // namespace

std::optional<std::string> refuse_bearer_token(std::string_view token) {
  if (token.empty()) return "is empty";
  if (!util::is_b64token(token)) return "holds a character that RFC 6750 does not allow";
  return std::nullopt;
}

std::optional<std::string> refuse_api_token(std::string_view token) {
  if (token.empty()) return "is empty";
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; }))
    return "holds a space, a control character or one outside ASCII";
  return std::nullopt;
}

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

client_settings make_settings(const client_config& config) {
  client_settings made{.network = network_of(config),
                       .sharing = {.coalesce = config.coalesce, .cache = config.cache},
                       .timeouts = config.timeouts,
                       .retry = config.retry,
                       .hedge = config.hedge,
                       .decoding = {.policy = config.decode_policy,
                                    .max_depth = config.limits.json_depth,
                                    .max_bytes = config.limits.body_bytes},
                       .allow_plain_http = config.allow_plain_http,
                       .observer = config.observer,
                       .transport = config.transport};
  const util::origin& where = made.network.where;
  if (!where.tls && !stays_local(made.network.way, where)) {
    if (!config.allow_plain_http)
      throw config_error("base_url",
                         "http:// is for loopback addresses without a proxy, and for Unix-domain "
                         "sockets; set allow_plain_http to send requests unprotected");
    if (!std::holds_alternative<std::monostate>(config.credentials))
      throw config_error("credentials",
                         "a token is never sent over http:// to a host that is not a loopback "
                         "address, nor through a proxy");
  }
  set_credentials(made, config.credentials);
  check_ranges(config);
  return made;
}

transport_settings for_peer(const transport_settings& of, const util::origin& where,
                            peer_kind who) {
  transport_settings made = of;
  made.where = where;
  made.authorization = {};
  made.pool.min_connections = 0;
  if (who != peer_kind::api) made.unix_socket.clear();
  if (who == peer_kind::token_server) made.observer.reset();
  if (who == peer_kind::stranger) {
    made.tls.client_certificate_file.clear();
    made.tls.client_key_file.clear();
    made.tls.client_certificate_pem.clear();
    made.tls.client_key_pem = {};
  }
  made.way = make_route(made.proxy, made.unix_socket, where);
  return made;
}

client_settings for_peer(const client_settings& of, const util::origin& where, peer_kind who) {
  client_settings made = of;
  made.network = for_peer(of.network, where, who);
  made.auth.reset();
  return made;
}

}  // namespace upsun::config
