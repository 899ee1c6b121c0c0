#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace upsun::testing {

/// What a server certificate claims.
struct certificate_request {
  std::string common_name;
  std::vector<std::string> dns_names{};  ///< subjectAltName, as host names.
  std::vector<std::string> addresses{};  ///< subjectAltName, as IP addresses.
  std::chrono::system_clock::time_point not_before =
      std::chrono::system_clock::now() - std::chrono::hours(1);
  std::chrono::system_clock::time_point not_after =
      std::chrono::system_clock::now() + std::chrono::hours(24 * 30);
};

/// A certificate and its private key (ECDSA P-256), both as PEM text.
struct certificate {
  std::string pem;
  std::string key_pem;
};

/// An authority that lives in memory, for tests.
class certificate_authority {
 public:
  /// \throws std::runtime_error when OpenSSL refuses, as every function here.
  explicit certificate_authority(const std::string& name);

  [[nodiscard]] certificate issue(const certificate_request& request) const;
  /// What clients are given to trust.
  [[nodiscard]] const std::string& pem() const noexcept { return self_.pem; }

 private:
  certificate self_;
};

/// A server certificate that nobody but itself vouches for.
[[nodiscard]] certificate self_signed(const certificate_request& request);

}  // namespace upsun::testing
