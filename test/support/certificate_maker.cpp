#include "support/certificate_maker.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace upsun::test {
namespace {

template <auto Free>
struct freed_by {
  void operator()(auto* object) const noexcept { Free(object); }
};
using bio_ptr = std::unique_ptr<BIO, freed_by<&BIO_free>>;
using name_ptr = std::unique_ptr<GENERAL_NAME, freed_by<&GENERAL_NAME_free>>;
using names_ptr = std::unique_ptr<GENERAL_NAMES, freed_by<&GENERAL_NAMES_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<&X509_EXTENSION_free>>;
using crl_ptr = std::unique_ptr<X509_CRL, freed_by<&X509_CRL_free>>;
using revoked_ptr = std::unique_ptr<X509_REVOKED, freed_by<&X509_REVOKED_free>>;
using time_ptr = std::unique_ptr<ASN1_TIME, freed_by<&ASN1_TIME_free>>;

void check(bool ok, const std::string& step) {
  if (ok) return;
  const char* reason = ERR_reason_error_string(ERR_get_error());
  throw std::runtime_error("making a certificate, " + step + ": " +
                           (reason != nullptr ? reason : "unknown reason"));
}

template <class Write>
std::string to_pem(Write write) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  check(out && write(out.get()) == 1, "writing PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::shared_ptr<EVP_PKEY> new_key(key_kind kind) {
  EVP_PKEY* key = kind == key_kind::ec_p256 ? EVP_EC_gen("P-256")
                                            : EVP_RSA_gen(kind == key_kind::rsa_2048 ? 2048 : 1024);
  check(key != nullptr, "making a key");
  return {key, EVP_PKEY_free};
}

time_ptr from_now(std::chrono::seconds offset) {
  time_ptr time(X509_gmtime_adj(nullptr, offset.count()));
  check(time != nullptr, "setting a date");
  return time;
}

void add_name(GENERAL_NAMES* names, int kind, ASN1_STRING* value) {
  name_ptr name(GENERAL_NAME_new());
  check(name && value != nullptr, "naming");
  GENERAL_NAME_set0_value(name.get(), kind, value);
  check(sk_GENERAL_NAME_push(names, name.get()) > 0, "naming");
  (void)name.release();
}

void add_alternative_names(X509* certificate, const certificate_plan& plan) {
  if (plan.dns_names.empty() && plan.addresses.empty()) return;
  const names_ptr names(GENERAL_NAMES_new());
  for (const std::string& dns : plan.dns_names) {
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    check(ASN1_STRING_set(text, dns.data(), static_cast<int>(dns.size())) == 1, dns);
    add_name(names.get(), GEN_DNS, text);
  }
  for (const std::string& address : plan.addresses)
    add_name(names.get(), GEN_IPADD, a2i_IPADDRESS(address.c_str()));
  check(
      X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1,
      "naming");
}

void add_extension(X509* certificate, X509* issuer, const std::string& name,
                   const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf(nullptr, &context, name.c_str(), value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, name);
}

}  // namespace

certificate_plan authority_plan(const std::string& common_name) {
  return {.common_name = common_name,
          .extensions = {{"basicConstraints", "critical,CA:TRUE"},
                         {"keyUsage", "critical,keyCertSign,cRLSign"},
                         {"subjectKeyIdentifier", "hash"}}};
}

certificate_plan server_plan(std::vector<std::string> dns_names,
                             std::vector<std::string> addresses) {
  return {.common_name = "leaf",
          .dns_names = std::move(dns_names),
          .addresses = std::move(addresses),
          .extensions = {{"basicConstraints", "critical,CA:FALSE"},
                         {"keyUsage", "critical,digitalSignature"},
                         {"extendedKeyUsage", "serverAuth"}}};
}

std::string made_certificate::pem() const {
  return to_pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

std::string made_certificate::key_pem() const {
  return to_pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

std::string made_certificate::encrypted_key_pem(const std::string& passphrase) const {
  const auto* phrase = reinterpret_cast<const unsigned char*>(passphrase.data());
  return to_pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key.get(), EVP_aes_128_cbc(), phrase,
                                    static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}

std::string made_certificate::pin() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  std::array<unsigned char, 32> hash{};
  check(size > 0 && EVP_Digest(der, static_cast<std::size_t>(size), hash.data(), nullptr,
                               EVP_sha256(), nullptr) == 1,
        "hashing a key");
  OPENSSL_free(der);
  std::array<unsigned char, 45> text{};
  EVP_EncodeBlock(text.data(), hash.data(), static_cast<int>(hash.size()));
  return reinterpret_cast<const char*>(text.data());
}

made_certificate make_certificate(const certificate_plan& plan, const made_certificate* issuer) {
  made_certificate made{{X509_new(), X509_free}, new_key(plan.key)};
  X509* certificate = made.certificate.get();
  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1,
        "choosing a serial number");
  check(X509_set_version(certificate, X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1,
        "numbering");
  check(X509_set1_notBefore(certificate, from_now(plan.begins).get()) == 1 &&
            X509_set1_notAfter(certificate, from_now(plan.ends).get()) == 1,
        "dating");
  const auto* name = reinterpret_cast<const unsigned char*>(plan.common_name.data());
  check(
      X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                 name, static_cast<int>(plan.common_name.size()), -1, 0) == 1,
      "naming");
  check(X509_set_pubkey(certificate, made.key.get()) == 1, "setting the key");

  const made_certificate& signer = issuer != nullptr ? *issuer : made;
  check(X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get())) == 1,
        "naming the issuer");
  for (const auto& [extension, value] : plan.extensions)
    add_extension(certificate, signer.certificate.get(), extension, value);
  add_alternative_names(certificate, plan);
  check(X509_sign(certificate, signer.key.get(), EVP_get_digestbyname(plan.digest.c_str())) > 0,
        "signing");
  return made;
}

std::string make_crl(const made_certificate& issuer, const std::vector<made_certificate>& revoked,
                     std::chrono::seconds next_update) {
  const crl_ptr crl(X509_CRL_new());
  const time_ptr issued = from_now(std::chrono::hours(-48));
  check(crl && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1,
        "making a revocation list");
  check(X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.get())) == 1,
        "naming the issuer");
  check(X509_CRL_set1_lastUpdate(crl.get(), issued.get()) == 1 &&
            X509_CRL_set1_nextUpdate(crl.get(), from_now(next_update).get()) == 1,
        "dating");
  for (const made_certificate& each : revoked) {
    revoked_ptr entry(X509_REVOKED_new());
    check(X509_REVOKED_set_serialNumber(entry.get(),
                                        X509_get_serialNumber(each.certificate.get())) == 1,
          "revoking");
    check(X509_REVOKED_set_revocationDate(entry.get(), issued.get()) == 1 &&
              X509_CRL_add0_revoked(crl.get(), entry.get()) == 1,
          "revoking");
    (void)entry.release();
  }
  check(
      X509_CRL_sort(crl.get()) == 1 && X509_CRL_sign(crl.get(), issuer.key.get(), EVP_sha256()) > 0,
      "signing");
  return to_pem([&](BIO* out) { return PEM_write_bio_X509_CRL(out, crl.get()); });
}

}  // namespace upsun::test
