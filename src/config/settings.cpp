#include "config/settings.hpp"

#include <upsun/client_config.hpp>
#include <upsun/version.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "config/config_checks.hpp"
#include "util/b64token.hpp"

namespace upsun::config {
namespace {

transport_settings network_of(const client_config& config) {
  transport_settings made{.where = {},
                          .way = {},
                          .tls = config.tls,
                          .proxy = config.proxy,
                          .unix_socket = config.unix_socket,
                          .pool = config.pool,
                          .timeouts = config.timeouts,
                          .limits = config.limits,
                          .dns = config.dns,
                          .user_agent = config.user_agent.empty()
                                            ? "upsun-cpp/" UPSUN_VERSION_STRING
                                            : config.user_agent,
                          .authorization = {},
                          .reads_validators = config.cache.max_entries > 0,
                          .observer = config.observer};
  if (const auto problem = util::parse_origin(config.base_url, made.where))
    throw config_error("base_url", *problem);
  made.way = make_route(config.proxy, config.unix_socket, made.where);
  return made;
}

secret authorization_of(const bearer_token& credentials) {
  const secret& token = credentials.token();
  if (token.empty()) throw config_error("credentials", "the bearer token is empty");
  if (!util::is_b64token(token.reveal()))
    throw config_error("credentials",
                       "the bearer token holds a character that RFC 6750 does not allow");
  return secret("Bearer " + token.reveal());
}

void check_api_token(const std::string& token) {
  if (token.empty()) throw config_error("credentials", "the API token is empty");
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; })) {
    throw config_error("credentials",
                       "the API token holds a space, a control character or one outside ASCII");
  }
}

auth_settings auth_of(const api_token& credentials, const transport_settings& network) {
  check_api_token(credentials.token().reveal());
  auth_settings made{.from = credentials.token(),
                     .server = {},
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
          .server = {},
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

client_settings make_settings(const client_config& config) {
  client_settings made{.network = network_of(config),
                       .auth = {},
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
