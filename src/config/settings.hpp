#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <upsun/codec_options.hpp>
#include <upsun/credentials.hpp>
#include <upsun/network_options.hpp>
#include <upsun/observer.hpp>
#include <upsun/retry_options.hpp>

#include "config/route.hpp"
#include "util/origin.hpp"

namespace upsun {
struct client_config;
class transport;
}  // namespace upsun

namespace upsun::config {

/// What a transport to one origin needs to know. Made from a `client_config` that was checked, so
/// nothing of it is checked again.
struct transport_settings {
  util::origin where{};
  route way{};
  tls_options tls;
  proxy_options proxy;      ///< `way` follows from it; kept for the ways to other origins.
  std::string unix_socket;  ///< Likewise.
  pool_options pool;
  http_options http;
  timeout_options timeouts;
  limit_options limits;
  dns_options dns;
  std::string user_agent;         ///< The field's value.
  secret authorization{};         ///< The field's value, of each request that has none of its own.
  bool reads_validators = false;  ///< Whether responses keep `ETag` and `no-store`.
  std::shared_ptr<upsun::observer> observer;  ///< Of connections and attempts; null: none.
};

/// Credentials that renew.
struct auth_settings {
  std::variant<secret, token_source> from;  ///< An API token, or the user's function.
  util::origin server{};                    ///< Where API tokens are exchanged.
  std::chrono::milliseconds attempt_timeout{};
  std::chrono::milliseconds total_timeout{};
};

/// What calls for the same resource share.
struct sharing_settings {
  bool coalesce = false;
  cache_options cache;
};

/// All settings of a client, checked, with every URL taken apart.
struct client_settings {
  transport_settings network;           ///< To the API.
  std::optional<auth_settings> auth{};  ///< None: the credentials never change.
  sharing_settings sharing;
  timeout_options timeouts;
  retry_options retry;
  hedge_options hedge;
  decode_options decoding;
  bool allow_plain_http = false;
  std::shared_ptr<upsun::observer> observer;
  std::shared_ptr<upsun::transport> transport;  ///< The user's own; null: the pooled one.
};

/// \throws config_error for the first setting that cannot be used.
[[nodiscard]] client_settings make_settings(const client_config& config);

/// Settings that calls have, too. \throws config_error likewise
void check_retry(const retry_options& retry);
void check_hedge(const hedge_options& hedge);

/// What is wrong with a token, if anything, as the rest of a sentence without the token.
[[nodiscard]] std::optional<std::string> refuse_bearer_token(std::string_view token);
[[nodiscard]] std::optional<std::string> refuse_api_token(std::string_view token);

/// Who requests to another URL reach.
enum class peer_kind {
  api,           ///< The API itself: its Unix-domain socket leads there.
  token_server,  ///< May ask for the client's certificate. Its exchanges are not reported.
  stranger,      ///< Must not see the client's certificate.
};

/// The same settings for requests to `where`, without a token and without connections dialled
/// ahead.
[[nodiscard]] transport_settings for_peer(const transport_settings& of, const util::origin& where,
                                          peer_kind who);
[[nodiscard]] client_settings for_peer(const client_settings& of, const util::origin& where,
                                       peer_kind who);

}  // namespace upsun::config
