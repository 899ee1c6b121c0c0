#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include <upsun/codec_options.hpp>
#include <upsun/credentials.hpp>
#include <upsun/export.hpp>
#include <upsun/observer.hpp>

namespace upsun {

class transport;

/// How the server proves who it is.
struct tls_options {
  /// PEM file with the certificate authorities to trust, instead of the system's. Empty: none.
  std::string ca_file{};
  /// The same as PEM text. Both may be given.
  std::string ca_pem{};
  /// Accepts any certificate for any host: whoever sits on the path reads the token. For a debugging session, never for a service.
  bool dangerous_accept_any_certificate = false;
};

/// The connections of one client to its one host. All are checked at construction.
struct pool_options {
  /// The most connections at once, dials included. 1 to 65,535. 64 saturate a core on HTTP/1.1; more only add latency.
  std::size_t max_connections = 64;
  /// The most calls that wait for a connection; one more ends at once in `errc::queue_full`. Zero: nobody waits. Bounds memory when the server stalls.
  std::size_t max_waiters = 4096;
  /// The longest wait for a connection, dialling included. Zero: no limit but the call's deadline. Ends in `errc::acquire_timeout`, with the last dial error as
  /// its cause.
  std::chrono::milliseconds acquire_timeout{10'000};
  /// How long an unused connection is kept; the server's `Keep-Alive: timeout=N` minus 2 s when that is less. At least 1 ms. 55 s stays under the 60 s common
  /// among load balancers.
  std::chrono::milliseconds idle_timeout{55'000};
  /// How old a connection may become, with up to 10 % taken off at random so that they do not all end together. Zero: no limit. Lets DNS changes take effect.
  std::chrono::milliseconds max_lifetime{600'000};
  /// Connections dialled ahead of need, and kept so. At most `max_connections`.
  std::size_t min_connections = 0;
};

/// See doc/deadlines.md. Each at least 1 ms and at most 24 h.
struct timeout_options {
  std::chrono::milliseconds total{30'000};    ///< One call, everything included; `call_options::timeout` overrides it.
  std::chrono::milliseconds attempt{10'000};  ///< One exchange: from the lease of a connection to the response's last byte.
  std::chrono::milliseconds connect{5'000};   ///< One dial: name lookup, TCP and the TLS handshake.
};

/// What the client accepts from a server. Going over one is `condition::limit_exceeded`, and closes the connection.
struct limit_options {
  std::size_t header_bytes = 64 * 1024;       ///< The head of a response, trailers too. 1 KiB to 16 MiB.
  std::size_t header_fields = 256;            ///< 1 to 65,535.
  std::size_t informational_responses = 16;   ///< 1xx before the final response.
  std::size_t body_bytes = 16 * 1024 * 1024;  ///< At least 1.
  std::size_t json_depth = 64;                ///< Nesting of arrays and objects. 4 to 1,000.
};

/// Thrown for a setting that cannot be used. `field()` names it, as in "pool.max_connections".
class UPSUN_EXPORT config_error : public std::invalid_argument {
 public:
  config_error(std::string field, const std::string& problem);
  [[nodiscard]] const std::string& field() const noexcept { return field_; }

 private:
  std::string field_;
};

/// Every setting of a client. An aggregate: `{.credentials = upsun::bearer_token{token}}`. The default of each is what a service should run with.
/// Beware of g++ 12, which destroys such a temporary twice when `co_await` stands in the same expression: not `client(co_await this_coro::executor, {...})`,
/// but the executor in a line of its own first.
struct UPSUN_EXPORT client_config {
  /// Where the API is: scheme `https`, host, optional port, optional path prefix. No user info, query or fragment.
  std::string base_url = "https://api.upsun.com";
  upsun::credentials credentials{};
  tls_options tls{};
  pool_options pool{};
  timeout_options timeouts{};
  limit_options limits{};
  /// The `User-Agent` header. Empty: "upsun-cpp/<version>".
  std::string user_agent{};
  upsun::decode_policy decode_policy = upsun::decode_policy::strict;
  /// Lets `base_url` be `http://` on a host that is not a loopback address. Even then no token is sent there: credentials are refused.
  bool allow_plain_http = false;
  /// Told about calls; null: nobody.
  std::shared_ptr<upsun::observer> observer{};
  /// Replaces the network; null: HTTP/1.1 over pooled TLS connections. See transport.hpp.
  std::shared_ptr<upsun::transport> transport{};

  /// The settings users of the Upsun command line have set already: `UPSUN_API_URL` (base_url), `UPSUN_DEFAULT_TIMEOUT` (timeouts.total, in seconds) and
  /// `UPSUN_ACCESS_TOKEN` (a bearer token), each also with the prefix `PLATFORMSH_`, which counts only where the first is not set.
  /// \throws config_error for a variable that cannot be used, and for a `UPSUN_CLI_TOKEN` alone: that is an API token, which has to be exchanged for an access
  /// token first.
  [[nodiscard]] static client_config from_environment();

  /// Checks every field. The constructor of `client` calls it.
  /// \throws config_error for the first that cannot be used.
  void validate() const;
};

}  // namespace upsun
