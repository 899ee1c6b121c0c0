#pragma once

#include <chrono>
#include <string>

#include <upsun/network_options.hpp>

#include "http/net/openssl_ptr.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// What all TLS connections of a client to its one server share. One per client, since loading a CA
/// bundle is slow in OpenSSL 3.0.
///
/// It also holds the sessions to resume. That it belongs to one server and one set of settings is
/// what keeps a session, which skips the certificate checks, from crossing either: there is no
/// cache but the one inside.
///
/// Thread safety: sessions may be made on any thread. They may outlive it.
class tls_context {
 public:
  using wall_time = std::chrono::system_clock::time_point;

  /// However long a ticket lives, the certificate is looked at again this long after it was last
  /// verified.
  static constexpr std::chrono::hours longest_trust{1};

  /// \param host a name or an IP address without brackets. \param offers as in `make_session`
  /// \throws config_error naming the option that cannot be used; std::bad_alloc.
  tls_context(const tls_options& options, std::string host,
              http_version offers = http_version::http1);

  /// A client's side of TLS on `fd`: SNI, ALPN, the certificate checked against the
  /// host, and an earlier session offered if there is one. \throws std::bad_alloc when OpenSSL is
  /// out of memory. \param http1_only whatever the context offers
  [[nodiscard]] openssl_ptr<SSL> make_session(util::native_fd fd, wall_time now,
                                              bool http1_only = false) const;

  /// Why a handshake that failed refused the server's certificate; empty when that was not the
  /// cause.
  [[nodiscard]] static std::string refusal_of(SSL* session);

 private:
  openssl_ptr<SSL_CTX> context_;
  std::string host_;
  bool host_is_address_ = false;
};

}  // namespace upsun::http
