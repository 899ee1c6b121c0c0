#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "http/net/byte_stream.hpp"
#include "http/net/tls_context.hpp"
#include "util/unique_fd.hpp"

namespace upsun::test {

/// How the server's side of a `tls_pair` is set up, on a new SSL_CTX.
using server_setup = std::function<void(SSL_CTX*)>;

/// A server's context with a certificate, its key and what it sends beside it, all PEM. Made for
/// OpenSSL's lowest security level: the client is to refuse.
http::openssl_ptr<SSL_CTX> make_server_side(const std::string& chain_pem,
                                            const std::string& key_pem,
                                            const server_setup& also = {});

/// What the server does instead of going on with the handshake.
enum class cut { none, end, reset };

/// A client's TLS and an OpenSSL server, joined by a socket pair and driven by turns on one thread.
/// No name is looked up, so any host name goes.
class tls_pair {
 public:
  /// \param server null: the server's side is raw bytes.
  tls_pair(const http::tls_context& client, SSL_CTX* server,
           http::tls_context::wall_time now = std::chrono::system_clock::now());
  tls_pair(const tls_pair&) = delete;
  tls_pair& operator=(const tls_pair&) = delete;
  ~tls_pair();

  /// Runs the handshake until the client is done, or both wait for each other (`want_read`).
  http::io_result shake();
  /// The same, but the server's bytes end after `after`, by FIN or RST. \return the client's
  /// result, which is `want_read` when the handshake needed no more.
  http::io_result shake_cut(std::size_t after, cut how);
  /// The server sends bytes below TLS.
  void send_raw(const std::string& bytes);
  /// Carries what each side has sent to the other.
  void carry();
  /// The server sends `text` and the client reads it all; what was sent before is taken in with it,
  /// tickets too.
  std::string deliver(const std::string& text);

  /// Hands over the client's socket; its TLS may be moved out of `client()`.
  [[nodiscard]] util::unique_fd take_socket() noexcept {
    return util::unique_fd(std::exchange(client_fd_, -1));
  }

  [[nodiscard]] http::byte_stream& client() { return *client_; }
  [[nodiscard]] SSL* server() { return server_.get(); }
  [[nodiscard]] const http::io_failure& failure() const { return client_->failure(); }
  [[nodiscard]] bool resumed() const { return SSL_session_reused(server_.get()) == 1; }
  /// Bytes the server has sent.
  [[nodiscard]] std::size_t sent() const noexcept { return sent_; }

 private:
  /// Moves bytes between the server's memory and the socket, at most `limit` of its own in all.
  void pump(std::size_t limit);

  int client_fd_ = -1;
  int server_fd_ = -1;
  std::optional<http::byte_stream> client_;
  http::openssl_ptr<SSL> server_;
  BIO* incoming_ = nullptr;
  BIO* outgoing_ = nullptr;
  std::size_t sent_ = 0;
};

}  // namespace upsun::test
