#include "http/net/tls_settings.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <upsun/config_error.hpp>

#include <algorithm>
#include <climits>
#include <filesystem>
#include <new>
#include <string_view>
#include <system_error>

#include "util/environment.hpp"

namespace upsun::http {
namespace {

/// One PEM text, and the setting it comes from.
struct pem_input {
  const char* field;
  openssl_ptr<BIO> bio;
};

pem_input of_file(const char* field, const std::string& path) {
  pem_input input{field, openssl_ptr<BIO>(BIO_new_file(path.c_str(), "r"))};
  if (!input.bio) throw config_error(field, "cannot be read: " + take_openssl_error());
  return input;
}

pem_input of_text(const char* field, const std::string& text) {
  if (text.size() > INT_MAX) throw config_error(field, "is too long");
  pem_input input{field,
                  openssl_ptr<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())))};
  if (!input.bio) throw std::bad_alloc();
  return input;
}

/// The one of the two settings that is given.
pem_input of_either(const char* file_field, const std::string& path, const char* text_field,
                    const std::string& text) {
  if (!path.empty() && !text.empty())
    throw config_error(text_field, std::string("excludes ") + file_field);
  return path.empty() ? of_text(text_field, text) : of_file(file_field, path);
}

/// Without it OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// Calls `use` with each object of a PEM text.
template <class T, class Use>
void for_each_pem(const pem_input& input, T* (*read)(BIO*, T**, pem_password_cb*, void*),
                  const char* what, Use use) {
  std::size_t found = 0;
  bool encrypted = false;
  while (openssl_ptr<T> object{read(input.bio.get(), nullptr, no_passphrase, &encrypted)}) {
    if (use(object.get()) != 1) throw config_error(input.field, take_openssl_error());
    ++found;
  }
  // The loop ends in an error also at the end of the text, where it is "no start line".
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string reason = take_openssl_error();
  if (!at_end) throw config_error(input.field, reason);
  if (found == 0) throw config_error(input.field, std::string("holds no ") + what);
}

void add_authorities(SSL_CTX* context, const pem_input& input) {
  for_each_pem(input, PEM_read_bio_X509, "certificate", [&](X509* authority) {
    return X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
  });
}

void add_revocations(SSL_CTX* context, const pem_input& input) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for_each_pem(input, PEM_read_bio_X509_CRL, "revocation list",
               [&](X509_CRL* list) { return X509_STORE_add_crl(store, list); });
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}

openssl_ptr<EVP_PKEY> read_key(const pem_input& input) {
  bool encrypted = false;
  openssl_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(input.bio.get(), nullptr, no_passphrase, &encrypted));
  const std::string reason = take_openssl_error();
  if (encrypted)
    throw config_error(input.field, "is encrypted; keys are taken without a passphrase only");
  if (!key) throw config_error(input.field, "holds no private key that can be read: " + reason);
  return key;
}

#if defined(_WIN32)
constexpr char between_directories = ';';
#else
constexpr char between_directories = ':';
#endif

bool any_directory(std::string_view list) {
  for (;;) {
    const std::size_t end = std::min(list.find(between_directories), list.size());
    std::error_code ignored;
    if (std::filesystem::is_directory(list.substr(0, end), ignored)) return true;
    if (end == list.size()) return false;
    list.remove_prefix(end + 1);
  }
}

/// OpenSSL says nothing of a file or directory that it cannot use when it is the default.
void set_default_trust(SSL_CTX* context) {
  const char* const file = util::trusted_variable(X509_get_default_cert_file_env());
  const char* const directories = util::trusted_variable(X509_get_default_cert_dir_env());
  if (directories != nullptr && !any_directory(directories))
    throw config_error(X509_get_default_cert_dir_env(), "names no directory");
  if (file != nullptr) add_authorities(context, of_file(X509_get_default_cert_file_env(), file));
  const int done = file != nullptr ? SSL_CTX_set_default_verify_dir(context)
                                   : SSL_CTX_set_default_verify_paths(context);
  if (done != 1) {
    throw config_error("tls.ca_file",
                       "the system's certificates cannot be loaded: " + take_openssl_error());
  }
}

}  // namespace

void set_trust(SSL_CTX* context, const tls_options& options) {
  if (!options.ca_pem.empty()) add_authorities(context, of_text("tls.ca_pem", options.ca_pem));
  if (!options.ca_file.empty()) add_authorities(context, of_file("tls.ca_file", options.ca_file));
  if (options.ca_pem.empty() && options.ca_file.empty()) set_default_trust(context);
  if (!options.crl_pem.empty()) add_revocations(context, of_text("tls.crl_pem", options.crl_pem));
  if (!options.crl_file.empty())
    add_revocations(context, of_file("tls.crl_file", options.crl_file));
}

void set_identity(SSL_CTX* context, const tls_options& options) {
  const bool has_certificate =
      !options.client_certificate_file.empty() || !options.client_certificate_pem.empty();
  const bool has_key = !options.client_key_file.empty() || !options.client_key_pem.empty();
  if (!has_certificate && !has_key) return;
  if (!has_key)
    throw config_error("tls.client_key_file", "is missing beside the client's certificate");
  if (!has_certificate)
    throw config_error("tls.client_certificate_file", "is missing beside the client's key");

  const pem_input chain = of_either("tls.client_certificate_file", options.client_certificate_file,
                                    "tls.client_certificate_pem", options.client_certificate_pem);
  bool first = true;
  for_each_pem(chain, PEM_read_bio_X509, "certificate", [&](X509* certificate) {
    return std::exchange(first, false)
               ? SSL_CTX_use_certificate(context, certificate)
               : static_cast<int>(SSL_CTX_add1_chain_cert(context, certificate));
  });

  const pem_input key_input = of_either("tls.client_key_file", options.client_key_file,
                                        "tls.client_key_pem", options.client_key_pem.reveal());
  const openssl_ptr<EVP_PKEY> key = read_key(key_input);
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1) {
    ERR_clear_error();
    throw config_error(key_input.field, "is not the key of the client's certificate");
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    throw config_error(key_input.field, take_openssl_error());
}

std::vector<key_pin> parse_pins(const std::vector<std::string>& base64) {
  constexpr std::size_t encoded_size = 44;  // of 32 bytes, the last character being padding
  std::vector<key_pin> pins;
  for (const std::string& text : base64) {
    std::array<unsigned char, encoded_size + 1> buffer{};
    const auto* encoded = reinterpret_cast<const unsigned char*>(text.data());
    key_pin pin;
    bool valid = text.size() == encoded_size &&
                 EVP_DecodeBlock(buffer.data(), encoded, static_cast<int>(encoded_size)) ==
                     static_cast<int>(pin.size()) + 1;
    if (valid) {
      std::copy_n(buffer.begin(), pin.size(), pin.begin());
      // There and back, since the decoder passes over blanks and stray bits.
      EVP_EncodeBlock(buffer.data(), pin.data(), static_cast<int>(pin.size()));
      valid = std::equal(text.begin(), text.end(), buffer.begin(), [](char a, unsigned char b) {
        return static_cast<unsigned char>(a) == b;
      });
    }
    ERR_clear_error();
    if (!valid)
      throw config_error("tls.pinned_keys", "entry " + std::to_string(pins.size()) +
                                                " is not the base64 of a SHA-256 (44 characters)");
    pins.push_back(pin);
  }
  return pins;
}

bool is_pinned(X509* certificate, const std::vector<key_pin>& pins) noexcept {
  unsigned char* der = nullptr;
  const int size =
      certificate != nullptr ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der) : -1;
  if (size < 0) return false;
  key_pin found;
  const int hashed =
      EVP_Digest(der, static_cast<std::size_t>(size), found.data(), nullptr, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return hashed == 1 && std::find(pins.begin(), pins.end(), found) != pins.end();
}

}  // namespace upsun::http
