#include "support/tls_pair.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <stdexcept>
#include <system_error>

namespace upsun::test {
namespace {

void check(bool ok, const char* step) {
  if (!ok)
    throw std::runtime_error(std::string("setting up a TLS server, ") + step + ": " +
                             http::take_openssl_error());
}

http::openssl_ptr<BIO> reader(const std::string& pem) {
  return http::openssl_ptr<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

}  // namespace

http::openssl_ptr<SSL_CTX> make_server_side(const std::string& chain_pem,
                                            const std::string& key_pem, const server_setup& also) {
  http::openssl_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_security_level(context.get(), 0);
  const auto chain = reader(chain_pem);
  bool first = true;
  while (http::openssl_ptr<X509> certificate{
      PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)}) {
    check(
        (first ? SSL_CTX_use_certificate(context.get(), certificate.get())
               : static_cast<int>(SSL_CTX_add1_chain_cert(context.get(), certificate.get()))) == 1,
        "its certificate");
    first = false;
  }
  const http::openssl_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(reader(key_pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  check(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "its key");
  if (also) also(context.get());
  return context;
}

tls_pair::tls_pair(const http::tls_context& client, SSL_CTX* server,
                   http::tls_context::wall_time now) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0)
    throw std::system_error(errno, std::generic_category());
  client_fd_ = fds[0];
  server_fd_ = fds[1];
  client_.emplace(client_fd_, client.make_session(client_fd_, now));
  if (server == nullptr) return;
  server_.reset(SSL_new(server));
  incoming_ = BIO_new(BIO_s_mem());
  outgoing_ = BIO_new(BIO_s_mem());
  check(server_ && incoming_ != nullptr && outgoing_ != nullptr, "its session");
  SSL_set_bio(server_.get(), incoming_, outgoing_);
  SSL_set_accept_state(server_.get());
}

tls_pair::~tls_pair() {
  if (client_fd_ >= 0) ::close(client_fd_);
  if (server_fd_ >= 0) ::close(server_fd_);
}

void tls_pair::pump(std::size_t limit) {
  std::array<char, 16384> buffer{};
  for (ssize_t size = 0; (size = ::recv(server_fd_, buffer.data(), buffer.size(), 0)) > 0;)
    BIO_write(incoming_, buffer.data(), static_cast<int>(size));
  if (SSL_in_init(server_.get()) != 0) SSL_do_handshake(server_.get());
  ERR_clear_error();
  while (sent_ < limit && BIO_pending(outgoing_) > 0) {
    const int size = BIO_read(outgoing_, buffer.data(),
                              static_cast<int>(std::min(buffer.size(), limit - sent_)));
    send_raw({buffer.data(), static_cast<std::size_t>(size)});
  }
}

void tls_pair::carry() { pump(all); }

void tls_pair::send_raw(const std::string& bytes) {
  check(::send(server_fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()),
        "sending");
  sent_ += bytes.size();
}

http::io_result tls_pair::shake() {
  for (;;) {
    const http::io_result result = client_->handshake();
    const std::size_t before = sent_;
    if (server_) pump(all);
    if (result.status != http::io_status::want_read || (server_ && sent_ == before)) return result;
    if (!server_) return client_->handshake();
  }
}

http::io_result tls_pair::shake_cut(std::size_t after, cut how) {
  for (;;) {
    const http::io_result result = client_->handshake();
    if (result.status != http::io_status::want_read) return result;
    const std::size_t before = sent_;
    pump(after);
    if (sent_ != before && sent_ < after) continue;
    if (how == cut::end) {
      ::shutdown(server_fd_, SHUT_WR);
    } else {
      // A socket pair is reset when it is closed with unread bytes in it.
      client_->handshake();
      const char unread = 0;
      ::send(client_fd_, &unread, 1, MSG_NOSIGNAL);
      ::close(std::exchange(server_fd_, -1));
    }
    return client_->handshake();
  }
}

std::string tls_pair::deliver(const std::string& text) {
  check(SSL_write(server_.get(), text.data(), static_cast<int>(text.size())) > 0, "sending");
  pump(all);
  std::string got;
  std::array<char, 4096> buffer{};
  while (got.size() < text.size()) {
    const http::io_result result = client_->read(buffer);
    if (result.status != http::io_status::done) break;
    got.append(buffer.data(), result.bytes);
  }
  return got;
}

}  // namespace upsun::test
