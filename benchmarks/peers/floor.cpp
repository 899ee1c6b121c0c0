// The floor: epoll and OpenSSL on the socket, one thread, the least HTTP possible. It finds
// Content-Length and counts bytes. It decodes nothing, has no deadlines and checks no framing;
// anything unexpected ends the program.

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "peer.hpp"

namespace {

[[noreturn]] void fail(const char* what) {
  ERR_print_errors_fp(stderr);
  throw std::runtime_error(what);
}

void check(bool good, const char* what) {
  if (!good) fail(what);
}

SSL_CTX* make_context(const std::string& ca_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  check(SSL_CTX_load_verify_file(context, ca_file.c_str()) == 1, "no CA file");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context), peer::host);
  SSL_CTX_set_read_ahead(context, 1);
  return context;
}

class connection {
 public:
  connection(SSL_CTX* context, std::uint16_t port)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), ssl_(SSL_new(context)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, peer::host, &address.sin_addr);
    check(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "no connection");
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL_set_fd(ssl_, fd_);
    check(SSL_connect(ssl_) == 1, "no handshake");
    fcntl(fd_, F_SETFL, O_NONBLOCK);
  }

  [[nodiscard]] int fd() const noexcept { return fd_; }

  void send(std::string_view request) {
    check(SSL_write(ssl_, request.data(), static_cast<int>(request.size())) ==
              static_cast<int>(request.size()),
          "no write");
  }

  /// Whether the response is complete.
  [[nodiscard]] bool receive() {
    for (;;) {
      const int got =
          SSL_read(ssl_, buffer_.data() + filled_, static_cast<int>(buffer_.size() - filled_));
      if (got <= 0) {
        check(SSL_get_error(ssl_, got) == SSL_ERROR_WANT_READ, "no read");
        return false;
      }
      filled_ += static_cast<std::size_t>(got);
      if (complete()) {
        filled_ = 0;
        return true;
      }
    }
  }

 private:
  [[nodiscard]] bool complete() const {
    constexpr std::string_view name = "Content-Length: ";
    const std::string_view text(buffer_.data(), filled_);
    const std::size_t head_end = text.find("\r\n\r\n");
    if (head_end == text.npos) return false;
    check(text.starts_with("HTTP/1.1 200 "), "not 200");
    const std::size_t field = text.find(name);
    check(field < head_end, "no Content-Length");
    std::size_t length = 0;
    std::from_chars(text.data() + field + name.size(), text.data() + head_end, length);
    return filled_ == head_end + 4 + length;
  }

  int fd_;
  SSL* ssl_;
  std::array<char, 4096> buffer_{};
  std::size_t filled_ = 0;
};

int run(const peer::options& opts) {
  SSL_CTX* context = make_context(opts.ca_file);
  const std::string request =
      std::string("GET ") + peer::target + " HTTP/1.1\r\nHost: " + peer::host + ":" + opts.port +
      "\r\nUser-Agent: floor\r\nAccept: application/json\r\nAuthorization: Bearer " + peer::token +
      "\r\n\r\n";
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  std::vector<connection> connections;
  for (unsigned i = 0; i < opts.connections; ++i)
    connections.emplace_back(context, static_cast<std::uint16_t>(std::stoul(opts.port)));

  peer::measured_run run(opts.warmup, opts.requests);
  for (connection& c : connections) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &c}};
    epoll_ctl(poll, EPOLL_CTL_ADD, c.fd(), &event);
    if (run.start_one()) c.send(request);
  }
  std::array<epoll_event, 128> events{};
  while (!run.finished()) {
    const int count = epoll_wait(poll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      auto& c = *static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!c.receive()) continue;
      run.finish_one(true);
      if (run.start_one()) c.send(request);
    }
  }
  return run.report("floor");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(peer::parse_options(argc, argv));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "floor: %s\n", e.what());
    return EXIT_FAILURE;
  }
}
