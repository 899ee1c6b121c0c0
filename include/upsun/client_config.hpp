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

/// Every setting of a client. An aggregate: `{.credentials = upsun::bearer_token{token}}`. The
/// default of each is what a service should run with. Beware of g++ 12, which destroys such a
/// temporary twice when `co_await` stands in the same expression: not `client(co_await
/// this_coro::executor, {...})`, but the executor in a line of its own first.
struct UPSUN_EXPORT client_config {
  /// Where the API is: scheme `https`, host, optional port, optional path prefix. No user info,
  /// query or fragment.
  std::string base_url = "https://api.upsun.com";
  upsun::credentials credentials{};
  tls_options tls{};
  pool_options pool{};
  timeout_options timeouts{};
  limit_options limits{};
  retry_options retry{};
  hedge_options hedge{};
  proxy_options proxy{};
  dns_options dns{};
  /// Lets concurrent calls that `GET` the same share one fetch. See doc/caching.md.
  bool coalesce = false;
  cache_options cache{};
  /// Path of a Unix-domain socket to connect to instead of the host of `base_url`, for a sidecar.
  /// TLS, if the URL says so, still checks the URL's host. Empty: none. At most 107 bytes. Excludes
  /// a proxy. Plain `http://` with any host is allowed on it, and a token too, since nothing leaves
  /// the machine.
  std::string unix_socket{};
  /// The `User-Agent` header. Empty: "upsun-cpp/<version>".
  std::string user_agent{};
  upsun::decode_policy decode_policy = upsun::decode_policy::strict;
  /// Lets `base_url` be `http://` on a host that is not a loopback address. Even then no token is
  /// sent there: credentials are refused.
  bool allow_plain_http = false;
  /// Told about calls; null: nobody.
  std::shared_ptr<upsun::observer> observer{};
  /// Replaces the network; null: HTTP/1.1 over pooled TLS connections. See transport.hpp.
  std::shared_ptr<upsun::transport> transport{};

  /// The settings users of the Upsun command line have set already: `UPSUN_API_URL` (base_url),
  /// `UPSUN_DEFAULT_TIMEOUT` (timeouts.total, in seconds), and for the credentials
  /// `UPSUN_ACCESS_TOKEN` (a bearer token), else `UPSUN_CLI_TOKEN` (an API token) with
  /// `UPSUN_AUTH_URL` (its auth_url). Each also with the prefix `PLATFORMSH_`, which counts only
  /// where the first is not set. \throws config_error for a variable that cannot be used.
  ///
  /// Also the first that is set of `HTTPS_PROXY`, `https_proxy`, `ALL_PROXY` and `all_proxy`
  /// (proxy.url; "http://" may be left out), and with it `NO_PROXY` or `no_proxy` (proxy.bypass; a
  /// list by commas or spaces, entries of no known form are passed over) after the loopback names
  /// and addresses. `HTTP_PROXY` is not read: in a CGI program a request's `Proxy` header sets it,
  /// and base URLs are https.
  [[nodiscard]] static client_config from_environment();

  /// Checks every field. The constructor of `client` calls it.
  /// \throws config_error for the first that cannot be used.
  void validate() const;
};

}  // namespace upsun
