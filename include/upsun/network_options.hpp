#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <upsun/model/secret.hpp>

namespace upsun {

/// How the server proves who it is, and the client to the server. See doc/tls.md.
///
/// Always on, whatever the defaults of the system are: TLS 1.2 or 1.3, OpenSSL's security level 2
/// (112 bits), the host name checked against the certificate's subject alternative names, SNI, and
/// ALPN for the versions of HTTP that `client_config::http` allows.
///
/// Files are read once, by the constructor of `client`. One that cannot be used is refused there by
/// `config_error`, as is a PEM text.
struct tls_options {
  /// PEM file with the certificate authorities to trust instead of the system's.
  ///
  /// Default: empty. The system's are trusted when `ca_pem` is empty, too.
  std::string ca_file{};
  /// The same as PEM text. Both may be given, and are trusted together.
  ///
  /// Default: empty.
  std::string ca_pem{};
  /// Accepts any certificate for any host: anyone on the path can read the token. For a debugging
  /// session, never for a service. Revocation lists are then ignored. Pinned keys are checked,
  /// against the server's own certificate.
  ///
  /// Default: off.
  bool dangerous_accept_any_certificate = false;
  /// PEM file with certificate revocation lists (RFC 5280). When it is given, every certificate of
  /// the chain is looked up in the list of its issuer, and one without a current list is refused.
  /// Lists are not fetched or read again: make a new client before they expire.
  ///
  /// Default: empty, revocation is not checked.
  std::string crl_file{};
  /// The same as PEM text. Both may be given, and are used together.
  ///
  /// Default: empty.
  std::string crl_pem{};
  /// Public keys of which the verified chain must have one, beside all other checks: each the
  /// base64 of the SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7469 section 2.4), 44
  /// characters.
  ///
  /// Default: empty, no pinning.
  std::vector<std::string> pinned_keys{};
  /// PEM file with the client's certificate, then its issuers (mutual TLS). Needs a key. Excludes
  /// `client_certificate_pem`.
  ///
  /// Default: empty, no client certificate.
  std::string client_certificate_file{};
  /// PEM file with the private key of the client's certificate. An encrypted key is refused.
  /// Excludes `client_key_pem`.
  ///
  /// Default: empty.
  std::string client_key_file{};
  /// `client_certificate_file` as PEM text.
  ///
  /// Default: empty.
  std::string client_certificate_pem{};
  /// `client_key_file` as PEM text.
  ///
  /// Default: empty.
  secret client_key_pem{};
  /// Appends the keys of every TLS connection to the file that the environment variable
  /// `SSLKEYLOGFILE` names when the client is made, for Wireshark and the like: whoever reads the
  /// file can read the token. The variable alone does nothing. For a debugging session, never for a
  /// service. A file that does not exist is made, for its owner only; one that cannot be written is
  /// refused by `config_error`.
  ///
  /// Default: off.
  bool dangerous_log_keys = false;
  /// Whether sessions are resumed by tickets, each used once (RFC 8446 appendix C.4). A resumed
  /// handshake shows no certificate: the server's is verified again by a full handshake at most an
  /// hour after the last one, and never later than the end of any certificate of its chain.
  ///
  /// Default: on, since a reconnect costs half of the CPU time then.
  bool session_tickets = true;
};

/// An HTTP proxy, used by `CONNECT` (RFC 9110 section 9.3.6) for every connection. The proxy sees
/// host and port, never a token or a request. See doc/proxy.md.
struct proxy_options {
  /// `http://[user[:password]@]host[:port]`, with user and password percent-encoded. The port is 80
  /// when there is none. The credentials are sent to the proxy only, as `Proxy-Authorization:
  /// Basic` (RFC 7617). The proxy's host is looked up by the client, the API's by the proxy.
  ///
  /// Behind a proxy, an `http://` base URL counts as exposed even for a loopback address.
  ///
  /// It is checked when the base URL is to be reached through it, not where `bypass` names its
  /// host.
  ///
  /// Default: empty, no proxy.
  secret url{};
  /// Hosts that are reached without the proxy: host names, which cover their subdomains
  /// ("example.com", ".example.com" and "*.example.com" are the same), IP addresses, CIDR blocks,
  /// or "*" for all. Each may end in ":port". An entry is compared with the host in the
  /// base URL, not with what it resolves to.
  ///
  /// Default: empty, none.
  std::vector<std::string> bypass{};
  /// The environment variable that `url` was read from, for the text of an error.
  ///
  /// Default: empty, none.
  std::string variable{};
};

/// Name lookup. The client caches the results of the system's resolver, since they carry no
/// lifetime. Failures are not cached. See doc/pool.md.
struct dns_options {
  /// How long a result is used without another lookup.
  ///
  /// Range: 0 to 24 h. Zero: every dial makes, or joins, a lookup. Default: 30 s.
  std::chrono::milliseconds fresh{30'000};
  /// How long after that a result is still used, while one lookup refreshes it, and when that
  /// fails.
  ///
  /// Range: 0 to 24 h. Zero: dials wait for the refresh. Default: 5 min, so that a failing name
  /// server does not stop a service that knows the address.
  std::chrono::milliseconds stale{300'000};
};

/// A cache of responses to GET requests. See doc/caching.md.
struct cache_options {
  /// The most responses cached. The least recently used is dropped for a new one.
  ///
  /// Range: 0 to 1,000,000. Default: zero, no cache.
  std::size_t max_entries = 0;
  /// The most memory that the cached responses take, in bytes. The least recently used is dropped
  /// for a new one, and a response that is larger is not cached. An integration takes one or two
  /// kilobytes, a page of activities or a list a hundred.
  ///
  /// Range: 1 and more. Default: 64 MiB.
  std::size_t max_bytes = std::size_t{64} << 20;
  /// How long after its arrival a response is used without asking the server.
  ///
  /// Range: 0 to 24 h. Zero: every use is revalidated. Default: 1 s, which takes the load of a
  /// burst and is too short for people to notice.
  std::chrono::milliseconds ttl{1'000};
};

/// The connections of one client to its one host. See doc/pool.md.
struct pool_options {
  /// The most connections at once, those being dialled included. Over HTTP/2 those that take no
  /// more requests, and only finish what they carry, do not count; there are at most as many of
  /// them.
  ///
  /// Range: 1 to 65,535. Default: 64, which saturate a core. More only add latency.
  std::size_t max_connections = 64;
  /// The most calls that wait for a connection, beyond those that a dial in progress will serve.
  /// One more ends at once with `errc::queue_full`.
  ///
  /// Range: 0 to 100,000,000. Zero: no call waits, except for a dial. Default: 4096, which bounds
  /// memory when the server stalls.
  std::size_t max_waiters = 4096;
  /// The longest a call waits for a connection, dialling included. When it passes, the call ends
  /// with `errc::acquire_timeout`, whose cause has the last dial error, if there was one.
  ///
  /// Range: 0 to 24 h. Zero: no limit but the call's deadline. Default: 10 s.
  std::chrono::milliseconds acquire_timeout{10'000};
  /// How long an unused connection is kept open, or less when the server's `Keep-Alive: timeout=N`
  /// is shorter: then N minus 2 s, so that no request crosses the server's close. The option does
  /// not close any of the last `min_connections`.
  ///
  /// Range: 1 ms to 24 h. Default: 55 s, below the 60 s common among load balancers.
  std::chrono::milliseconds idle_timeout{55'000};
  /// How old a connection may become, less up to 10 % at random, so that connections dialled
  /// together do not close together. A request under way is completed first.
  ///
  /// Range: 0 to 24 h. Zero: no limit. Default: 10 min, after which changes in DNS take effect.
  std::chrono::milliseconds max_lifetime{600'000};
  /// Connections that are dialled when the client is made, and kept open. After a failed dial the
  /// next attempt to reach this number is made a second later at the earliest.
  ///
  /// Range: 0 to `max_connections`. Default: zero, connections are dialled when they are needed.
  std::size_t min_connections = 0;
};

/// A version of HTTP, or the choice of one.
enum class http_version {
  automatic,  ///< HTTP/2 where the server offers it in the TLS handshake (ALPN), else HTTP/1.1.
  http1,      ///< HTTP/1.1 only.
  http2,      ///< HTTP/2 only, also without TLS, where it is begun without being negotiated.
};

/// For which responses compression is asked for (`Accept-Encoding`).
enum class response_compression {
  never,   ///< For none.
  lists,   ///< For lists and pages, but not for one resource by its id, which is small.
  always,  ///< For all but logs, which come piece by piece, and tokens.
};

/// Which version of HTTP is spoken, and how. A library that was built without HTTP/2 takes
/// `automatic` for `http1`, and refuses `http2` with `config_error`. See doc/http2.md.
struct http_options {
  /// The version.
  ///
  /// Default: `automatic`.
  http_version version = http_version::automatic;
  /// How many requests an HTTP/2 connection carries at once before another connection is dialled.
  /// When there are `pool.max_connections` it carries more, as many as the server allows.
  ///
  /// Range: 1 to 65,535. Default: 32, with which a few connections share the work of many calls.
  std::size_t streams = 32;
  /// How many bytes of one response the server may send ahead of what was read.
  ///
  /// Range: 64 KiB to 1 GiB. Default: 256 KiB.
  std::size_t stream_window = 256 * 1024;
  /// The same for all responses on one connection together.
  ///
  /// Range: 64 KiB to 1 GiB. Default: 8 MiB.
  std::size_t connection_window = 8 * 1024 * 1024;
  /// For which responses compression is asked for: by gzip, and by zstd and brotli, as far as the
  /// library was built with zlib, libzstd and libbrotli. With none of them it is never asked for.
  /// What comes compressed is decoded in any case, but for logs, and what it decodes to is bounded
  /// by `limits.body_bytes`. See doc/compression.md.
  ///
  /// Default: `lists`.
  response_compression compression = response_compression::lists;
};

/// Time limits. Each ends in a code of `condition::timeout`. See doc/deadlines.md.
struct timeout_options {
  /// The deadline of a call, counted from its start: waiting for a connection, every attempt, every
  /// delay between attempts, decoding. `call_options::timeout` takes precedence. It also limits
  /// each exchange for an access token.
  ///
  /// Range: 1 ms to 24 h. Default: 30 s. Code: `errc::deadline_exceeded`.
  std::chrono::milliseconds total{30'000};
  /// The longest one attempt may take, from the lease of a connection to the last byte of the
  /// response. `call_options::attempt_timeout` takes precedence.
  ///
  /// Range: 1 ms to 24 h. Default: 10 s. Code: `errc::attempt_timeout`.
  std::chrono::milliseconds attempt{10'000};
  /// The longest one dial may take: name lookup, TCP, the tunnel through a proxy, the TLS
  /// handshake.
  ///
  /// Range: 1 ms to 24 h. Default: 5 s. Code: `errc::connect_timeout`.
  std::chrono::milliseconds connect{5'000};
};

/// What the client accepts from a server. A response over a limit ends the call with a code of
/// `condition::limit_exceeded` whose cause names the limit, and its connection is closed.
struct limit_options {
  /// The most bytes of a response's header section, trailers and chunk extensions included. The
  /// header of one chunk may have 8,000 of them.
  ///
  /// Range: 1 KiB to 16 MiB. Default: 64 KiB. Code: `errc::header_limit`.
  std::size_t header_bytes = 64 * 1024;
  /// The most header fields of a response.
  ///
  /// Range: 1 to 65,535. Default: 256. Code: `errc::header_limit`.
  std::size_t header_fields = 256;
  /// The most 1xx responses before the final one.
  ///
  /// Range: 0 to 1,000. Zero: none is accepted. Default: 16. Code: `errc::header_limit`.
  std::size_t informational_responses = 16;
  /// The most bytes of a response's body.
  ///
  /// Range: 1 and more. Default: 16 MiB. Code: `errc::body_limit`.
  std::size_t body_bytes = 16 * 1024 * 1024;
  /// The deepest that arrays and objects of a JSON document may be nested.
  ///
  /// Range: 4 to 1,000. Default: 64. Code: `errc::json_depth_limit`. The connection stays open: the
  /// response was complete.
  std::size_t json_depth = 64;
};

}  // namespace upsun
