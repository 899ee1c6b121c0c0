#pragma once

#include <array>
#include <string>
#include <vector>

#include <upsun/network_options.hpp>

#include "http/net/openssl_ptr.hpp"

namespace upsun::http {

// From settings to OpenSSL. All throw config_error naming the setting that cannot be used; no text
// of theirs holds any of a key.

/// Whom to trust: the given authorities or else the system's, and the revocation lists.
void set_trust(SSL_CTX* context, const tls_options& options);

/// The client's own certificate and key, if it has one.
void set_identity(SSL_CTX* context, const tls_options& options);

/// SHA-256 of a SubjectPublicKeyInfo.
using key_pin = std::array<unsigned char, 32>;
std::vector<key_pin> parse_pins(const std::vector<std::string>& base64);
[[nodiscard]] bool is_pinned(X509* certificate, const std::vector<key_pin>& pins) noexcept;

}  // namespace upsun::http
