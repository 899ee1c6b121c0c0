#include "testing/certificate_authority.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace upsun::testing {
namespace {

template <auto Free>
struct freed_by {
  void operator()(auto* object) const noexcept { Free(object); }
};
using x509_ptr = std::unique_ptr<X509, freed_by<&X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<&BIO_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<&X509_EXTENSION_free>>;

void check(bool ok, const char* step) {
  if (ok) return;
  const char* reason = ERR_reason_error_string(ERR_get_error());
  throw std::runtime_error(std::string("making a certificate, ") + step + ": " +
                           (reason ? reason : "unknown reason"));
}

template <class Write>
std::string to_pem(Write write) {
  const bio_ptr out(BIO_new(BIO_s_mem()));
  check(out && write(out.get()) == 1, "writing PEM");
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

bio_ptr from_text(const std::string& text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void add_extension(X509* subject, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value));
  check(extension && X509_add_ext(subject, extension.get(), -1) == 1, value);
}

std::string alternative_names(const certificate_request& request) {
  std::string names;
  for (const std::string& name : request.dns_names)
    names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : request.addresses)
    names += (names.empty() ? "IP:" : ",IP:") + address;
  return names;
}

void set_time(ASN1_TIME* field, std::chrono::system_clock::time_point when) {
  check(ASN1_TIME_set(field, std::chrono::system_clock::to_time_t(when)) != nullptr,
        "setting a date");
}

/// What every certificate here has, whoever issues it.
x509_ptr draft(const certificate_request& request, EVP_PKEY* key) {
  x509_ptr cert(X509_new());
  std::uint64_t serial = 0;
  check(cert && RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1,
        "choosing a serial number");
  check(X509_set_version(cert.get(), X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert.get()), serial) == 1,
        "numbering");
  set_time(X509_getm_notBefore(cert.get()), request.not_before);
  set_time(X509_getm_notAfter(cert.get()), request.not_after);
  const auto* name = reinterpret_cast<const unsigned char*>(request.common_name.data());
  check(X509_NAME_add_entry_by_NID(X509_get_subject_name(cert.get()), NID_commonName, MBSTRING_UTF8,
                                   name, static_cast<int>(request.common_name.size()), -1, 0) == 1,
        "naming");
  check(X509_set_pubkey(cert.get(), key) == 1, "setting the key");
  return cert;
}

certificate sign(x509_ptr cert, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  check(X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer)) == 1, "naming the issuer");
  add_extension(cert.get(), issuer, NID_subject_key_identifier, "hash");
  if (issuer != cert.get())
    add_extension(cert.get(), issuer, NID_authority_key_identifier, "keyid");
  check(X509_sign(cert.get(), issuer_key, EVP_sha256()) > 0, "signing");
  return {.pem = to_pem([&](BIO* out) { return PEM_write_bio_X509(out, cert.get()); }),
          .key_pem = to_pem([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

key_ptr new_key() {
  key_ptr key(EVP_EC_gen("P-256"));
  check(key != nullptr, "making a key");
  return key;
}

x509_ptr server_draft(const certificate_request& request, EVP_PKEY* key) {
  x509_ptr cert = draft(request, key);
  add_extension(cert.get(), nullptr, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(cert.get(), nullptr, NID_key_usage, "critical,digitalSignature");
  add_extension(cert.get(), nullptr, NID_ext_key_usage, "serverAuth");
  if (const std::string names = alternative_names(request); !names.empty())
    add_extension(cert.get(), nullptr, NID_subject_alt_name, names.c_str());
  return cert;
}

}  // namespace

certificate_authority::certificate_authority(const std::string& name) {
  const key_ptr key = new_key();
  x509_ptr cert = draft({.common_name = name}, key.get());
  add_extension(cert.get(), nullptr, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(cert.get(), nullptr, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509* self = cert.get();
  self_ = sign(std::move(cert), key.get(), self, key.get());
}

certificate certificate_authority::issue(const certificate_request& request) const {
  const x509_ptr issuer(PEM_read_bio_X509(from_text(self_.pem).get(), nullptr, nullptr, nullptr));
  const key_ptr issuer_key(
      PEM_read_bio_PrivateKey(from_text(self_.key_pem).get(), nullptr, nullptr, nullptr));
  check(issuer && issuer_key, "reading the authority");
  const key_ptr key = new_key();
  return sign(server_draft(request, key.get()), key.get(), issuer.get(), issuer_key.get());
}

certificate self_signed(const certificate_request& request) {
  const key_ptr key = new_key();
  x509_ptr cert = server_draft(request, key.get());
  X509* self = cert.get();
  return sign(std::move(cert), key.get(), self, key.get());
}

}  // namespace upsun::testing
