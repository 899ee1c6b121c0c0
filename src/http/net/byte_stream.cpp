#include "http/net/byte_stream.hpp"

#include <openssl/err.h>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <climits>
#include <utility>

#include "http/net/socket_bio.hpp"

namespace upsun::http {
namespace {

int openssl_size(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

std::string system_text(int number) {
  return boost::system::error_code(number, boost::system::system_category()).message();
}

}  // namespace

io_result byte_stream::socket_failure(io_status want) {
  const int why = socket_error();
  if (would_block(why)) return {want};
  plain_was_reset_ = plain_was_reset_ || why == boost::asio::error::connection_reset;
  failure_ = {errc::connection_reset, system_text(why)};
  return {io_status::failed};
}

/// OpenSSL's error queue is read and cleared only here. Other code may have left errors in it, and
/// `SSL_get_error` would take them for this operation's: it is called with an empty queue.
io_result byte_stream::tls_result(int returned) {
  if (returned > 0) return {io_status::done, static_cast<std::size_t>(returned)};
  const int system_error = socket_error();
  const unsigned long raised = ERR_peek_last_error();
  ERR_clear_error();
  // A session that broke has raised an error and is not established any more. Then SSL_get_error
  // may say that it wants to write its alert, or that the peer ended it.
  const bool broke = raised != 0 && SSL_in_init(session_.get()) == 1;
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return {io_status::want_read};
    case SSL_ERROR_WANT_WRITE:
      if (broke) break;
      return {io_status::want_write};
    case SSL_ERROR_ZERO_RETURN:
      if (broke) break;
      return {io_status::end};
    default: break;
  }
  const socket_state socket = state_of(SSL_get_rbio(session_.get()));
  if (socket.has_ended && !socket.has_failed)
    return {io_status::end};  // without close_notify: see `ended_cleanly`
  const bool no_protocol = ERR_GET_LIB(raised) == ERR_LIB_SSL &&
                           ERR_GET_REASON(raised) == SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL;
  if (socket.has_failed) {
    failure_ = {errc::connection_reset, system_text(system_error)};
  } else if (no_protocol) {
    failure_ = {errc::unexpected_protocol,
                "the server offers none of the versions of HTTP asked for"};
  } else {
    failure_ = {errc::tls_failed, openssl_error_text(raised)};
  }
  return {io_status::failed};
}

io_result byte_stream::handshake() {
  if (!session_) return {io_status::done};
  ERR_clear_error();
  clear_socket_error();
  io_result result = tls_result(SSL_do_handshake(session_.get()));
  if (result.status == io_status::end) {
    failure_ = {errc::tls_handshake_failed,
                "the server closed the connection during the handshake"};
    return {io_status::failed};
  }
  if (result.status != io_status::failed) return result;
  std::string refusal =
      failure_.code == errc::tls_failed ? tls_context::refusal_of(session_.get()) : std::string();
  if (refusal.empty()) {
    if (failure_.code != errc::unexpected_protocol) failure_.code = errc::tls_handshake_failed;
  } else {
    failure_ = {errc::tls_certificate_refused, std::move(refusal)};
  }
  return result;
}

io_result byte_stream::read(std::span<char> into) {
  if (session_) {
    clear_socket_error();
    return tls_result(SSL_read(session_.get(), into.data(), openssl_size(into.size())));
  }
  const auto received = receive(fd_, into.data(), into.size());
  plain_is_drained_ = received < static_cast<std::ptrdiff_t>(into.size());
  if (received > 0) return {io_status::done, static_cast<std::size_t>(received)};
  // After a reset, which the system reports only once, an end was not the peer's.
  if (received == 0) return {plain_was_reset_ ? io_status::failed : io_status::end};
  return socket_failure(io_status::want_read);
}

bool byte_stream::is_drained() const noexcept {
  if (!session_) return plain_is_drained_;
  return SSL_has_pending(session_.get()) == 0 && state_of(SSL_get_rbio(session_.get())).is_drained;
}

void byte_stream::expect_more() noexcept {
  plain_is_drained_ = false;
  if (session_) mark_undrained(SSL_get_rbio(session_.get()));
}

bool byte_stream::speaks_http2() const noexcept {
  if (!session_) return false;
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_.get(), &protocol, &size);
  return std::string_view(reinterpret_cast<const char*>(protocol), size) == "h2";
}

io_result byte_stream::write(std::string_view bytes) {
  if (session_) {
    clear_socket_error();
    io_result result =
        tls_result(SSL_write(session_.get(), bytes.data(), openssl_size(bytes.size())));
    if (result.status == io_status::end) {
      failure_ = {errc::connection_closed, "the server closed the connection"};
      result.status = io_status::failed;
    }
    return result;
  }
  const auto sent = send_bytes(fd_, bytes.data(), bytes.size());
  if (sent >= 0) return {io_status::done, static_cast<std::size_t>(sent)};
  return socket_failure(io_status::want_write);
}

void byte_stream::say_goodbye() noexcept {
  if (!session_) return;
  ERR_clear_error();
  if (SSL_is_init_finished(session_.get()) == 1) SSL_shutdown(session_.get());
  ERR_clear_error();
}

}  // namespace upsun::http
