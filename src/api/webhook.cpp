#include <upsun/webhook.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>
#include <optional>
#include <string>

namespace upsun {
namespace {

namespace json = boost::json;

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// base64url without padding (RFC 4648 section 5). \return nothing for any other text.
std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFU);
  }
  return bytes;
}

/// The base64url of a SHA-256, without padding.
constexpr std::size_t mac_size = 32;
constexpr std::size_t signature_size = 43;
std::array<char, signature_size> to_base64url(const std::array<unsigned char, mac_size>& mac) {
  std::array<char, signature_size> text{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t bit = i * 6;
    const unsigned low = bit / 8 + 1 < mac.size() ? mac[bit / 8 + 1] : 0U;
    const unsigned pair = static_cast<unsigned>(mac[bit / 8]) << 8U | low;
    text[i] = alphabet[pair >> (10U - bit % 8) & 63U];
  }
  return text;
}

/// A list of what must be understood that names `b64` and nothing else.
bool is_understood(const json::value& critical) {
  const auto* names = critical.if_array();
  return names != nullptr && !names->empty() &&
         std::all_of(names->begin(), names->end(),
                     [](const json::value& name) { return name == "b64"; });
}

/// Whether a protected header promises HS256 over the payload as it is.
bool is_header_known(std::string_view text) {
  constexpr std::size_t longest = 1024;
  if (text.size() > longest) return false;
  const std::optional<std::string> bytes = from_base64url(text);
  if (!bytes) return false;
  boost::system::error_code ec;
  const json::value header = json::parse(*bytes, ec);
  const auto* members = ec ? nullptr : header.if_object();
  if (members == nullptr) return false;
  const auto* algorithm = members->if_contains("alg");
  const auto* encoded = members->if_contains("b64");
  const auto* critical = members->if_contains("crit");
  return algorithm != nullptr && *algorithm == "HS256" && encoded != nullptr && *encoded == false &&
         (critical == nullptr || is_understood(*critical));
}

std::optional<std::array<char, signature_size>> sign(std::string_view header, std::string_view body,
                                                     const std::string& key) {
  std::string input;
  input.reserve(header.size() + 1 + body.size());
  input.append(header).append(".").append(body);
  std::array<unsigned char, mac_size> mac{};
  unsigned size = 0;
  if (key.size() > INT_MAX) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(input.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, input.size(), mac.data(),
           &size) == nullptr ||
      size != mac.size())
    return std::nullopt;
  return to_base64url(mac);
}

}  // namespace

bool verify_webhook(std::string_view body, std::string_view signature, const secret& shared_key) {
  const std::size_t end = signature.find("..");
  if (shared_key.empty() || end == std::string_view::npos) return false;
  const std::string_view header = signature.substr(0, end);
  const std::string_view claimed = signature.substr(end + 2);
  if (claimed.size() != signature_size || !is_header_known(header)) return false;
  const auto expected = sign(header, body, shared_key.reveal());
  return expected && CRYPTO_memcmp(expected->data(), claimed.data(), expected->size()) == 0;
}

}  // namespace upsun
