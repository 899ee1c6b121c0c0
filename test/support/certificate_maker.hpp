#pragma once

#include <openssl/x509.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace upsun::test {

enum class key_kind { ec_p256, rsa_2048, rsa_1024 };

/// What a certificate says, right or wrong: this maker refuses nothing that OpenSSL can encode.
struct certificate_plan {
  std::string common_name{};
  std::vector<std::string>
      dns_names{};  ///< Subject alternative names, as they are: wildcards, NUL and all.
  std::vector<std::string> addresses{};  ///< The same, of IP addresses.
  /// Name and value of each extension as OpenSSL's configuration files have them, such as
  /// {"basicConstraints", "critical,CA:TRUE"}.
  std::vector<std::pair<std::string, std::string>> extensions{};
  std::chrono::seconds begins = std::chrono::hours(-24);  ///< From now.
  std::chrono::seconds ends = std::chrono::hours(24);
  key_kind key = key_kind::ec_p256;
  std::string digest = "SHA256";  ///< Of its signature.
};

/// A plan for an authority, which may issue certificates and revocation lists.
[[nodiscard]] certificate_plan authority_plan(const std::string& common_name);
/// A plan for a server that has these names.
[[nodiscard]] certificate_plan server_plan(std::vector<std::string> dns_names,
                                           std::vector<std::string> addresses = {});

/// A certificate with its private key.
struct made_certificate {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  [[nodiscard]] std::string pem() const;
  [[nodiscard]] std::string key_pem() const;
  /// The key encrypted by a passphrase.
  [[nodiscard]] std::string encrypted_key_pem(const std::string& passphrase) const;
  /// As `tls_options::pinned_keys` has it.
  [[nodiscard]] std::string pin() const;
};

/// \param issuer null: signed by itself. \throws std::runtime_error when OpenSSL refuses, as every
/// function here.
[[nodiscard]] made_certificate make_certificate(const certificate_plan& plan,
                                                const made_certificate* issuer = nullptr);

/// A revocation list as PEM. \param next_update from now.
[[nodiscard]] std::string make_crl(const made_certificate& issuer,
                                   const std::vector<made_certificate>& revoked,
                                   std::chrono::seconds next_update = std::chrono::hours(24));

}  // namespace upsun::test
