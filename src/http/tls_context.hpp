#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include <upsun/client_config.hpp>

namespace upsun::http {

struct openssl_deleter {
  void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
  void operator()(SSL* p) const noexcept { SSL_free(p); }
  void operator()(BIO* p) const noexcept { BIO_free(p); }
  void operator()(X509* p) const noexcept { X509_free(p); }
};
template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_deleter>;

/// What all TLS connections of a client share. One per client, since loading a CA bundle is slow in OpenSSL 3.0. Constant after construction, so any
/// thread may make sessions of it.
class tls_context {
 public:
  /// \throws config_error naming the option whose certificates cannot be read; boost::system::system_error when the system's cannot.
  explicit tls_context(const tls_options& options);

  /// A client session on `fd`: SNI, ALPN `http/1.1`, and the certificate checked against `host`, a name or an IP address without brackets.
  /// \throws std::bad_alloc when OpenSSL is out of memory.
  [[nodiscard]] openssl_ptr<SSL> make_session(int fd, const std::string& host) const;

 private:
  openssl_ptr<SSL_CTX> context_;
};

/// The most telling line of this thread's OpenSSL error queue, which is left empty.
std::string take_openssl_error();

}  // namespace upsun::http
