#pragma once

#include <memory>
#include <string>

#include <upsun/codec_options.hpp>
#include <upsun/config_error.hpp>
#include <upsun/credentials.hpp>
#include <upsun/export.hpp>
#include <upsun/network_options.hpp>
#include <upsun/observer.hpp>
#include <upsun/retry_options.hpp>

namespace upsun {

class transport;

/// Every setting of a client. The defaults are what a service should run with.
///
/// An aggregate: `{.credentials = upsun::bearer_token{token}}`. g++ 12 destroys such a temporary
/// twice when `co_await` stands in the same expression: fetch the executor on a line of its own,
/// not `client(co_await this_coro::executor, {...})`.
///
/// The constructor of `client` copies and checks it. Changes made afterwards have no effect.
struct UPSUN_EXPORT client_config {
  /// Where the API is: scheme `https`, host, optional port, optional path prefix. User info, query
  /// and fragment are refused, as is `http` to a host that is not a loopback address (see
  /// `allow_plain_http`, `unix_socket`).
  ///
  /// Default: "https://api.upsun.com".
  std::string base_url = "https://api.upsun.com";
  /// How calls prove who makes them. See doc/tokens.md.
  ///
  /// Default: `std::monostate`, no `Authorization` header is sent.
  upsun::credentials credentials{};
  /// Certificates, keys and sessions. See doc/tls.md.
  tls_options tls{};
  /// Connections. See doc/pool.md.
  pool_options pool{};
  /// The version of HTTP. See doc/http2.md.
  http_options http{};
  /// Time limits. See doc/deadlines.md.
  timeout_options timeouts{};
  /// What is accepted from a server.
  limit_options limits{};
  /// Retries, and the budget for them. See doc/retries.md.
  retry_options retry{};
  /// Second requests for slow ones. See doc/retries.md.
  hedge_options hedge{};
  /// An HTTP proxy. See doc/proxy.md.
  proxy_options proxy{};
  /// Name lookup. See doc/pool.md.
  dns_options dns{};
  /// Whether concurrent GET requests for the same share one fetch. See doc/caching.md.
  ///
  /// Default: off.
  bool coalesce = false;
  /// A cache of responses. See doc/caching.md.
  cache_options cache{};
  /// Path of a Unix-domain socket to connect to instead of the host of `base_url`, such as that of
  /// a sidecar. With `https` the certificate is still checked for that host. Plain `http` to any
  /// host is allowed on it, with a token, since nothing leaves the machine.
  ///
  /// Range: up to 107 bytes, without NUL. Excludes a proxy. Default: empty, none.
  std::string unix_socket{};
  /// The `User-Agent` header. Control characters are refused.
  ///
  /// Default: empty, which stands for "upsun-cpp/<version>".
  std::string user_agent{};
  /// What decoding does with an integration that differs from what this version expects of its
  /// kind.
  ///
  /// Default: `tolerant`, it comes as `unknown_settings` with its text; a fetch does not fail.
  upsun::decode_policy decode_policy = upsun::decode_policy::tolerant;
  /// Whether `base_url` may be `http` on a host that is not a loopback address, or through a proxy.
  /// Credentials are refused then: no token is sent there.
  ///
  /// Default: off.
  bool allow_plain_http = false;
  /// Is notified of what the client does. See doc/observability.md.
  ///
  /// Default: null, nothing is.
  std::shared_ptr<upsun::observer> observer{};
  /// Replaces the network, for all requests to the API and for the exchange of an `api_token`. A
  /// `bearer_token` is known to the client's own transport only. See transport.hpp.
  ///
  /// Default: null, which stands for HTTP over pooled connections.
  std::shared_ptr<upsun::transport> transport{};

  /// The settings that users of the Upsun command line have made already. A variable that is empty
  /// counts as not set. Line breaks at the end of a value are ignored.
  ///
  /// - `UPSUN_API_URL`: `base_url`.
  /// - `UPSUN_DEFAULT_TIMEOUT`: `timeouts.total`, in seconds, 0.001 to 86,400.
  /// - `UPSUN_ACCESS_TOKEN`: `credentials`, a `bearer_token`.
  /// - `UPSUN_CLI_TOKEN`: `credentials`, an `api_token`, when there is no access token;
  ///   `UPSUN_AUTH_URL`: its `auth_url`.
  /// - `HTTPS_PROXY`, `https_proxy`, `ALL_PROXY`, `all_proxy`, the first that is set: `proxy.url`,
  ///   where "http://" may be left out.
  /// - `NO_PROXY`, `no_proxy`, with a proxy: `proxy.bypass`, a list by commas or blanks.
  ///
  /// Where a variable that begins with `UPSUN_` is not set, the same with `PLATFORMSH_` counts.
  /// With a proxy, "localhost", "127.0.0.0/8" and "::1" are always bypassed. Entries of `NO_PROXY`
  /// that have no known form are ignored. `HTTP_PROXY` is not read: in a CGI program a request's
  /// `Proxy` header sets it, and base URLs are `https`.
  ///
  /// Thread safety: reads the environment, which no other thread may change meanwhile.
  ///
  /// \throws config_error for the value of `UPSUN_DEFAULT_TIMEOUT` or of a token that cannot be
  /// used, with the variable's name; the others are checked by `client`, a proxy only where it is
  /// used
  [[nodiscard]] static client_config from_environment();

  /// Checks every setting but those of `tls`, whose files and texts are read when a client is made.
  /// The constructor of `client` does the same.
  ///
  /// \throws config_error for the first that cannot be used, which it names
  void validate() const;
};

}  // namespace upsun
