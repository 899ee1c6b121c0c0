#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace upsun::http {

struct openssl_deleter {
  void operator()(SSL_CTX* p) const noexcept { SSL_CTX_free(p); }
  void operator()(SSL* p) const noexcept { SSL_free(p); }
  void operator()(SSL_SESSION* p) const noexcept { SSL_SESSION_free(p); }
  void operator()(BIO* p) const noexcept { BIO_free(p); }
  void operator()(X509* p) const noexcept { X509_free(p); }
  void operator()(X509_CRL* p) const noexcept { X509_CRL_free(p); }
  void operator()(EVP_PKEY* p) const noexcept { EVP_PKEY_free(p); }
};
template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_deleter>;

/// The most helpful line of this thread's OpenSSL error queue, which is left empty.
std::string take_openssl_error();
/// The text of an error of OpenSSL's queue. \param code 0: unknown.
std::string openssl_error_text(unsigned long code);

}  // namespace upsun::http
