#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <upsun/model/secret.hpp>

namespace upsun {

/// How the server proves who it is, and the client to the server. Files are read once, at
/// construction; one that cannot be used is refused by `config_error`. TLS 1.2 is the least, and
/// OpenSSL's security level 2, both whatever the system's defaults are. See doc/tls.md.
struct tls_options {
  /// PEM file with the certificate authorities to trust, instead of the system's. Empty: none.
  std::string ca_file{};
  /// The same as PEM text. Both may be given.
  std::string ca_pem{};
  /// Accepts any certificate for any host: whoever sits on the path reads the token. For a
  /// debugging session, never for a service. Revocation lists are not looked at then; pins are,
  /// against the server's own certificate.
  bool dangerous_accept_any_certificate = false;
  /// PEM file with certificate revocation lists. Given, each certificate of the chain is looked up
  /// in the list of its issuer, and one without a current list is refused. Empty: none.
  std::string crl_file{};
  /// The same as PEM text. Both may be given.
  std::string crl_pem{};
  /// Public keys to insist on, beside the checks above: base64 of the SHA-256 of a certificate's
  /// SubjectPublicKeyInfo (RFC 7469 section 2.4), 44 characters. One of them has to be in the
  /// verified chain. Empty: no pinning.
  std::vector<std::string> pinned_keys{};
  /// PEM file with the client's certificate, then its issuers (mutual TLS). Empty: none. Needs a
  /// key, and excludes `client_certificate_pem`.
  std::string client_certificate_file{};
  /// PEM file with its private key; not encrypted. Excludes `client_key_pem`.
  std::string client_key_file{};
  /// The same two as PEM text.
  std::string client_certificate_pem{};
  secret client_key_pem{};
  /// Resumes sessions by tickets, each used once: a reconnect costs a fraction of a full handshake.
  /// A resumed handshake shows no certificate, so that the server's is looked at again only by the
  /// next full one: at most an hour later, and never beyond the end of a certificate of its chain.
  bool session_tickets = true;
};

/// An HTTP proxy, used by `CONNECT` (RFC 9110 section 9.3.6) for every connection: the proxy sees
/// host and port, never a token or a request. See doc/proxy.md.
struct proxy_options {
  /// `http://[user[:password]@]host[:port]`, user and password percent-encoded, port 80 when there
  /// is none. Empty: no proxy. The credentials go to the proxy only, as `Proxy-Authorization:
  /// Basic`. Its host is looked up, the API's is left to the proxy. Plain `http://` base URLs count
  /// as exposed behind it, even those of a loopback address.
  secret url{};
  /// Hosts reached without it: names, which also cover their subdomains ("example.com",
  /// ".example.com" and "*.example.com" are the same), IP addresses, CIDR blocks, or "*" for all;
  /// each may end in ":port". Compared with the host as the base URL has it, never with what it
  /// resolves to.
  std::vector<std::string> bypass{};
};

/// Name lookup. Answers of the system's resolver are kept by the client, since they carry no
/// lifetime; failures are not. See doc/pool.md.
struct dns_options {
  /// How long an answer is used without asking again. Zero: every dial asks. At most 24 h.
  std::chrono::milliseconds fresh{30'000};
  /// How long after that it may still be used when asking again fails or takes long. At most 24 h.
  std::chrono::milliseconds stale{300'000};
};

/// Responses to GETs cached for a moment, and given again to calls for the same. Off by default.
/// See doc/caching.md.
struct cache_options {
  /// The most responses cached; the least recently used goes when there are more. Zero: no cache,
  /// and nothing of this costs anything. At most 1,000,000.
  std::size_t max_entries = 0;
  /// The most memory they take, in bytes; the least recently used goes when it is more, and a
  /// larger response is not cached. At least 1. An integration takes a kilobyte or two, a page of
  /// activities or a list a hundred.
  std::size_t max_bytes = std::size_t{64} << 20;
  /// How long a response is given again without asking the server, from its arrival. Zero: never,
  /// so that each use is revalidated. At most 24 h. A second takes the load of a burst, and is too
  /// short for people to see.
  std::chrono::milliseconds ttl{1'000};
};

/// The connections of one client to its one host. All are checked at construction.
struct pool_options {
  /// The most connections at once, dials included. 1 to 65,535. 64 saturate a core on HTTP/1.1;
  /// more only add latency.
  std::size_t max_connections = 64;
  /// The most calls that wait for a connection; one more ends at once in `errc::queue_full`. Zero:
  /// nobody waits. Bounds memory when the server stalls.
  std::size_t max_waiters = 4096;
  /// The longest wait for a connection, dialling included. Zero: no limit but the call's deadline.
  /// Ends in `errc::acquire_timeout`, with the last dial error as its cause.
  std::chrono::milliseconds acquire_timeout{10'000};
  /// How long an unused connection is kept; the server's `Keep-Alive: timeout=N` minus 2 s when
  /// that is less. At least 1 ms. 55 s stays under the 60 s common among load balancers.
  std::chrono::milliseconds idle_timeout{55'000};
  /// How old a connection may become, with up to 10 % taken off at random so that they do not all
  /// end together. Zero: no limit. Lets DNS changes take effect.
  std::chrono::milliseconds max_lifetime{600'000};
  /// Connections dialled ahead of need, and kept so. At most `max_connections`.
  std::size_t min_connections = 0;
};

/// See doc/deadlines.md. Each at least 1 ms and at most 24 h.
struct timeout_options {
  std::chrono::milliseconds total{
      30'000};  ///< One call, everything included; `call_options::timeout` overrides it.
  std::chrono::milliseconds attempt{
      10'000};  ///< One exchange: from the lease of a connection to the response's last byte.
  std::chrono::milliseconds connect{
      5'000};  ///< One dial: name lookup, TCP, the tunnel through a proxy and the TLS handshake.
};

/// What the client accepts from a server. Going over one is `condition::limit_exceeded`, and closes
/// the connection.
struct limit_options {
  std::size_t header_bytes = 64 * 1024;  ///< The head of a response, trailers too. 1 KiB to 16 MiB.
  std::size_t header_fields = 256;       ///< 1 to 65,535.
  std::size_t informational_responses = 16;   ///< 1xx before the final response.
  std::size_t body_bytes = 16 * 1024 * 1024;  ///< At least 1.
  std::size_t json_depth = 64;                ///< Nesting of arrays and objects. 4 to 1,000.
};

}  // namespace upsun
