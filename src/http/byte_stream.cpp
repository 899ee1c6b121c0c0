#include "http/byte_stream.hpp"

#include <openssl/err.h>
#include <sys/socket.h>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace upsun::http {
namespace {

int openssl_size(std::size_t size) noexcept { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

/// What others left on this thread would be taken for the next call's. Most often there is nothing, and looking is cheaper than clearing.
void forget_openssl_errors() noexcept {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

std::string system_text(int number) { return boost::system::error_code(number, boost::system::system_category()).message(); }

}  // namespace

io_result byte_stream::socket_failure(io_status want) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {want};
  failure_ = {errc::connection_reset, system_text(errno)};
  return {io_status::failed};
}

io_result byte_stream::tls_result(int returned) {
  if (returned > 0) return {io_status::done, static_cast<std::size_t>(returned)};
  const int system_error = errno;
  switch (SSL_get_error(session_.get(), returned)) {
    case SSL_ERROR_WANT_READ: return {io_status::want_read};
    case SSL_ERROR_WANT_WRITE: return {io_status::want_write};
    case SSL_ERROR_ZERO_RETURN: return {io_status::end};
    case SSL_ERROR_SYSCALL: failure_ = {errc::connection_reset, system_error != 0 ? system_text(system_error) : "unexpected end of the stream"}; break;
    default:
      if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return {io_status::end};  // without close_notify: `ended_cleanly` tells
      }
      failure_ = {errc::tls_failed, take_openssl_error()};
  }
  ERR_clear_error();
  return {io_status::failed};
}

io_result byte_stream::handshake() {
  if (!session_) return {io_status::done};
  ERR_clear_error();
  errno = 0;
  io_result result = tls_result(SSL_do_handshake(session_.get()));
  if (result.status == io_status::end) {
    failure_ = {errc::tls_handshake_failed, "the server closed the connection during the handshake"};
    return {io_status::failed};
  }
  if (result.status != io_status::failed) return result;
  std::string refusal = failure_.code == errc::tls_failed ? tls_context::refusal_of(session_.get()) : std::string();
  if (refusal.empty()) {
    failure_.code = errc::tls_handshake_failed;
  } else {
    failure_ = {errc::tls_certificate_refused, std::move(refusal)};
  }
  return result;
}

io_result byte_stream::read(std::span<char> into) {
  if (session_) {
    forget_openssl_errors();
    errno = 0;
    return tls_result(SSL_read(session_.get(), into.data(), openssl_size(into.size())));
  }
  const auto received = ::recv(fd_, into.data(), into.size(), 0);
  if (received > 0) return {io_status::done, static_cast<std::size_t>(received)};
  if (received == 0) return {io_status::end};
  return socket_failure(io_status::want_read);
}

io_result byte_stream::write(std::string_view bytes) {
  if (session_) {
    forget_openssl_errors();
    errno = 0;
    io_result result = tls_result(SSL_write(session_.get(), bytes.data(), openssl_size(bytes.size())));
    if (result.status == io_status::end) {
      failure_ = {errc::connection_closed, "the server closed the connection"};
      result.status = io_status::failed;
    }
    return result;
  }
  const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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
