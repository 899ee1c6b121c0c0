#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "http/message/io_failure.hpp"
#include "http/net/socket_calls.hpp"
#include "http/net/tls_context.hpp"

namespace upsun::http {

enum class io_status {
  done,        ///< `bytes` were moved
  want_read,   ///< try again when the socket is readable
  want_write,  ///< try again when the socket is writable
  end,         ///< the peer's end of stream
  failed,      ///< `byte_stream::failure()` says why
};

struct io_result {
  io_status status;
  std::size_t bytes = 0;
};

/// TLS or plain bytes on a non-blocking socket that somebody else owns and waits on. OpenSSL works
/// on the socket directly: that spares the copies through memory buffers. Not thread-safe: its
/// connection locks.
class byte_stream {
 public:
  explicit byte_stream(util::native_fd fd) noexcept : fd_(fd) {}
  byte_stream(util::native_fd fd, openssl_ptr<SSL> session) noexcept
      : fd_(fd), session_(std::move(session)) {}

  /// Goes on with the TLS handshake; `done` at once for plain bytes.
  io_result handshake();
  io_result read(std::span<char> into);
  io_result write(std::string_view bytes);

  /// Every byte that had arrived has been read: a read that got less than it had room for emptied
  /// the socket, and OpenSSL holds nothing. The end of stream may follow. Cheaper than another
  /// read.
  [[nodiscard]] bool is_drained() const noexcept;
  /// The socket has become readable: it is not drained until it has been read. What OpenSSL held
  /// already, as from the handshake's last read, says nothing about that.
  void expect_more() noexcept;
  /// There is nothing to read, not even an end; asks the system.
  [[nodiscard]] bool is_quiet() const noexcept {
    char ignored;
    return !holds_part_of_record() && receive(fd_, &ignored, 1, MSG_PEEK) < 0 &&
           would_block(socket_error());
  }
  /// Some bytes have come that OpenSSL cannot make anything of before more do.
  [[nodiscard]] bool holds_part_of_record() const noexcept {
    return session_ && (SSL_has_pending(session_.get()) != 0 || has_read_header());
  }
  /// The end of stream was announced (TLS close_notify), or needs no announcement (plain).
  [[nodiscard]] bool ended_cleanly() const noexcept {
    return !session_ || (SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  /// The TLS handshake has agreed on HTTP/2.
  [[nodiscard]] bool speaks_http2() const noexcept;
  /// Why the last operation failed. Valid after `failed`.
  [[nodiscard]] const io_failure& failure() const noexcept { return failure_; }

  /// Frees OpenSSL's empty buffers; it allocates them again when they are needed.
  void free_buffers() noexcept {
    if (session_) SSL_free_buffers(session_.get());
  }

  /// Sends a close_notify, without waiting for the peer's.
  void say_goodbye() noexcept;

 private:
  /// Of a record (OpenSSL's "RB": its body is next), which `SSL_has_pending` does not count.
  [[nodiscard]] bool has_read_header() const noexcept {
    return SSL_rstate_string(session_.get())[1] == 'B';
  }
  io_result tls_result(int returned);
  io_result socket_failure(io_status want);

  util::native_fd fd_;
  openssl_ptr<SSL> session_;
  bool plain_is_drained_ = false;
  bool plain_was_reset_ = false;
  io_failure failure_;
};

}  // namespace upsun::http
