#include "http/net/tls_context.hpp"

#include <openssl/x509v3.h>
#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <new>
#include <span>
#include <utility>

#include "http/net/key_log.hpp"
#include "http/net/session_cache.hpp"
#include "http/net/socket_bio.hpp"
#include "http/net/tls_settings.hpp"

namespace upsun::http {
namespace {

using wall_time = tls_context::wall_time;
using std::chrono::seconds;

/// The part of a context that OpenSSL's callbacks need. The SSL_CTX owns it, which every connection
/// keeps alive.
struct shared_part {
  std::mutex mutex;
  session_cache<openssl_ptr<SSL_SESSION>> sessions;
  std::vector<key_pin> pins;
  bool accept_any = false;
  std::unique_ptr<key_log> keys;  // null: they are not logged
};

void free_shared_part(void*, void* part, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<shared_part*>(part);
}

int shared_part_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_shared_part);
  return index;
}

shared_part& part_of(const SSL_CTX* context) noexcept {
  return *static_cast<shared_part*>(SSL_CTX_get_ex_data(context, shared_part_index()));
}

/// Until when the certificate behind a session counts as verified, in seconds since the epoch.
/// OpenSSL copies it from a session to those that descend from it.
int trusted_until_index() {
  static const int index = SSL_SESSION_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// Of a connection whose certificate has just been verified: no certificate of its chain is used
/// beyond its own end.
wall_time trusted_until(SSL* ssl, wall_time now) noexcept {
  wall_time until = now + tls_context::longest_trust;
  const STACK_OF(X509)* chain =
      SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE ? SSL_get0_verified_chain(ssl) : nullptr;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    int days_left = 0;
    int seconds_left = 0;
    if (ASN1_TIME_diff(&days_left, &seconds_left, nullptr,
                       X509_get0_notAfter(sk_X509_value(chain, i))) != 1)
      return now;
    until = std::min(until, now + std::chrono::hours(24) * days_left + seconds(seconds_left));
  }
  return until;
}

/// How long the ticket may be used, as the server and this side have it. Zero: not at all.
seconds ticket_lifetime(const SSL_SESSION* session) noexcept {
  const seconds ours(SSL_SESSION_get_timeout(session));
  const seconds hint(SSL_SESSION_get_ticket_lifetime_hint(session));
  const bool unspecified = hint.count() == 0 && SSL_SESSION_get_protocol_version(session) <
                                                    TLS1_3_VERSION;  // RFC 5077 section 3.3
  return unspecified ? ours : std::min(ours, hint);
}

/// A new ticket came in: with TLS 1.3 amid a read. \return whether OpenSSL's reference was taken
/// over.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
  const wall_time now = std::chrono::system_clock::now();
  auto until = wall_time(seconds(
      reinterpret_cast<std::intptr_t>(SSL_SESSION_get_ex_data(session, trusted_until_index()))));
  if (until == wall_time{}) {
    until = trusted_until(ssl, now);
    const auto count = std::chrono::duration_cast<seconds>(until.time_since_epoch()).count();
    if (SSL_SESSION_set_ex_data(session, trusted_until_index(),
                                reinterpret_cast<void*>(static_cast<std::intptr_t>(count))) != 1)
      return 0;
  }
  // A copy of its own: the connection goes on using the original, and marks it unusable if it ends
  // badly.
  openssl_ptr<SSL_SESSION> copy(SSL_SESSION_dup(session));
  if (!copy || SSL_SESSION_is_resumable(copy.get()) != 1) return 0;
  shared_part& part = part_of(SSL_get_SSL_CTX(ssl));
  const std::scoped_lock lock(part.mutex);
  part.sessions.keep(std::move(copy), std::min(until, now + ticket_lifetime(session)));
  return 0;
}

/// OpenSSL's verification, then the pins. Within the handshake, so that no session comes of a
/// connection that does not pass.
int verify_pinned(X509_STORE_CTX* verification, void* argument) {
  const shared_part& part = *static_cast<const shared_part*>(argument);
  if (part.accept_any) {
    if (is_pinned(X509_STORE_CTX_get0_cert(verification), part.pins)) return 1;
  } else {
    if (const int verdict = X509_verify_cert(verification); verdict <= 0) return verdict;
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(verification);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
      if (is_pinned(sk_X509_value(chain, i), part.pins)) return 1;
    }
  }
  X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

void on_keys(const SSL* ssl, const char* line) noexcept {
  part_of(SSL_get_SSL_CTX(ssl)).keys->append(line);
}

/// RFC 7301 section 3.1.
std::span<const unsigned char> alpn_of(http_version offers) noexcept {
  static constexpr unsigned char both[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  constexpr std::size_t http2_size = 3;
  const std::span<const unsigned char> all = both;
  switch (UPSUN_HTTP2 ? offers : http_version::http1) {
    case http_version::automatic: return all;
    case http_version::http2: return all.first(http2_size);
    case http_version::http1: break;
  }
  return all.subspan(http2_size);
}

void allow_only_sound_tls(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // 112 bits: no RSA under 2048 bits, no SHA-1 or MD5 signature. Said here since distributions set
  // other defaults.
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
}

}  // namespace

tls_context::tls_context(const tls_options& options, std::string host, http_version offers)
    : context_(SSL_CTX_new(TLS_client_method())), host_(std::move(host)) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX* context = context_.get();
  auto part = std::make_unique<shared_part>();
  if (SSL_CTX_set_ex_data(context, shared_part_index(), part.get()) != 1) throw std::bad_alloc();
  shared_part& shared = *part.release();

  allow_only_sound_tls(context);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Requests are small, and OpenSSL keeps a buffer of a whole fragment for each connection that has
  // sent one.
  constexpr long most_sent_at_once = 4096;
  if (SSL_CTX_set_max_send_fragment(context, most_sent_at_once) != 1) throw std::bad_alloc();
  SSL_CTX_set_read_ahead(context, 1);  // one recv for a whole record instead of two
  const auto protocols = alpn_of(offers);
  if (SSL_CTX_set_alpn_protos(context, protocols.data(), static_cast<unsigned>(protocols.size())) !=
      0)
    throw std::bad_alloc();

  shared.pins = parse_pins(options.pinned_keys);
  shared.accept_any = options.dangerous_accept_any_certificate;
  if (!shared.accept_any) set_trust(context, options);
  SSL_CTX_set_verify(context,
                     shared.accept_any && shared.pins.empty() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  if (!shared.pins.empty()) SSL_CTX_set_cert_verify_callback(context, verify_pinned, &shared);
  set_identity(context, options);
  if (options.dangerous_log_keys) shared.keys = key_log::of_environment();
  if (shared.keys) SSL_CTX_set_keylog_callback(context, on_keys);

  if (options.session_tickets) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_new_session);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  }

  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host_, not_an_address);
  host_is_address_ = !not_an_address;
}

openssl_ptr<SSL> tls_context::make_session(util::native_fd fd, wall_time now,
                                           bool http1_only) const {
  openssl_ptr<SSL> session(SSL_new(context_.get()));
  if (!session) throw std::bad_alloc();
  const auto http1 = alpn_of(http_version::http1);
  if (http1_only &&
      SSL_set_alpn_protos(session.get(), http1.data(), static_cast<unsigned>(http1.size())) != 0)
    throw std::bad_alloc();
  BIO* bio = make_socket_bio(fd).release();
  SSL_set_bio(session.get(), bio, bio);
  SSL_set_connect_state(session.get());

  X509_VERIFY_PARAM* parameters = SSL_get0_param(session.get());
  if (host_is_address_) {
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host_.c_str()) != 1) throw std::bad_alloc();
  } else {
    // RFC 9110 section 4.3.4: the name is looked for in the subject alternative names, never in the
    // common name.
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_host(parameters, host_.data(), host_.size()) != 1 ||
        SSL_set_tlsext_host_name(session.get(), host_.c_str()) != 1)
      throw std::bad_alloc();
  }

  std::optional<openssl_ptr<SSL_SESSION>> earlier;
  {
    shared_part& part = part_of(context_.get());
    const std::scoped_lock lock(part.mutex);
    earlier = part.sessions.take(now);
  }
  if (earlier && SSL_set_session(session.get(), earlier->get()) != 1) throw std::bad_alloc();
  return session;
}

std::string tls_context::refusal_of(SSL* session) {
  const long verdict = SSL_get_verify_result(session);
  if (SSL_get_verify_mode(session) == SSL_VERIFY_NONE || verdict == X509_V_OK) return {};
  if (verdict == X509_V_ERR_APPLICATION_VERIFICATION)
    return "key pinning: none of tls.pinned_keys is in its chain";
  return X509_verify_cert_error_string(verdict);
}

}  // namespace upsun::http
