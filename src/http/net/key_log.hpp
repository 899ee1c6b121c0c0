#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "http/net/openssl_ptr.hpp"

namespace upsun::http {

/// The file that the keys of TLS connections are appended to, in the format of NSS, which Wireshark
/// reads. Thread safety: any thread may append.
class key_log {
 public:
  /// The file that `SSLKEYLOGFILE` names; null when it names none. \throws config_error when it
  /// cannot be written
  [[nodiscard]] static std::unique_ptr<key_log> of_environment();

  void append(const char* line) noexcept;

 private:
  explicit key_log(const std::string& path);

  std::mutex mutex_;
  openssl_ptr<BIO> file_;
};

}  // namespace upsun::http
