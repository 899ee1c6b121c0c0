#include "http/net/openssl_ptr.hpp"

#include <openssl/err.h>

namespace upsun::http {

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  return openssl_error_text(code);
}

std::string openssl_error_text(unsigned long code) {
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "unknown TLS error";
}

}  // namespace upsun::http
