#include "testing/webhook_signature.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

namespace upsun::testing {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac_sha256(std::string_view text, std::string_view key) {
  const key_ptr made(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, bytes_of(key), key.size()),
      &EVP_PKEY_free);
  const digest_ptr digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, 32> mac{};
  std::size_t size = mac.size();
  if (!made || !digest ||
      EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, made.get()) != 1 ||
      EVP_DigestSign(digest.get(), mac.data(), &size, bytes_of(text), text.size()) != 1) {
    throw std::bad_alloc();
  }
  return {reinterpret_cast<const char*>(mac.data()), size};
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.resize(std::min(text.find('='), text.size()));
  return text;
}

std::string sign_detached(std::string_view header, std::string_view payload, const secret& key) {
  std::string signature(header);
  std::string input(header);
  input.append(".").append(payload);
  return signature.append("..").append(base64url(hmac_sha256(input, key.reveal())));
}

std::string sign_webhook(std::string_view body, const secret& shared_key) {
  return sign_detached(base64url(R"({"alg":"HS256","b64":false,"crit":["b64"]})"), body,
                       shared_key);
}

}  // namespace upsun::testing
