#include "support/scripted_server.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <iterator>
#include <utility>

#include "support/sockets.hpp"
#include "testing/server_stream.hpp"

namespace upsun::test {
namespace {

/// A write to a closed connection gives an error on this thread, not a signal to the process.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

/// One accepted socket; every operation blocks. Closing is left to its owner, so that the number
/// stays taken until the thread is done with it.
class scripted_connection {
 public:
  scripted_connection(int socket, SSL_CTX* tls)
      : socket_(socket), ssl_(tls ? SSL_new(tls) : nullptr, SSL_free) {
    if (ssl_) SSL_set_fd(ssl_.get(), socket_);
  }

  bool handshake() { return !ssl_ || SSL_accept(ssl_.get()) == 1; }

  /// \return how many bytes; zero or less at the end.
  int read(char* into, std::size_t size) {
    return ssl_ ? SSL_read(ssl_.get(), into, static_cast<int>(size))
                : static_cast<int>(::recv(socket_, into, size, 0));
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const int sent =
          ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
               : static_cast<int>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void say_goodbye() {
    if (ssl_ && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  }
  void reset_on_close() { test::reset_on_close(socket_); }

  std::function<void(std::string_view)> on_received;
  std::string unread;  ///< Received beyond the last head.

 private:
  int socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

namespace {

bool receive(scripted_connection& c) {
  std::array<char, 4096> buffer{};
  const int size = c.read(buffer.data(), buffer.size());
  if (size <= 0) return false;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
  c.unread += bytes;
  c.on_received(bytes);
  return true;
}

bool drain(scripted_connection& c) {
  while (receive(c)) {
  }
  return false;
}

}  // namespace

step read_head() {
  return [](scripted_connection& c) {
    std::size_t end = 0;
    while ((end = c.unread.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(c)) return false;
    }
    c.unread.erase(0, end + 4);
    return true;
  };
}

step read_bytes(std::size_t count) {
  return [count](scripted_connection& c) {
    while (c.unread.size() < count) {
      if (!receive(c)) return false;
    }
    c.unread.erase(0, count);
    return true;
  };
}

step read_to_end() { return drain; }
step stall() { return drain; }

step send(std::string bytes) {
  return [bytes = std::move(bytes)](scripted_connection& c) { return c.write(bytes); };
}

step send_slowly(std::string bytes) {
  return [bytes = std::move(bytes)](scripted_connection& c) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (!c.write(std::string_view(bytes).substr(i, 1))) return false;
    }
    return true;
  };
}

step close() {
  return [](scripted_connection& c) {
    c.say_goodbye();
    return false;
  };
}

step drop() {
  return [](scripted_connection&) { return false; };
}

step reset() {
  return [](scripted_connection& c) {
    c.reset_on_close();
    return false;
  };
}

step run(std::function<void()> something) {
  return [something = std::move(something)](scripted_connection&) {
    something();
    return true;
  };
}

scripted_server::scripted_server(script all, scripted_options options)
    : scripted_server(std::vector<script>{std::move(all)}, std::move(options)) {}

scripted_server::scripted_server(std::vector<script> each, scripted_options options)
    : scripts_(std::move(each)), options_(std::move(options)) {
  if (options_.tls) {
    const auto context = upsun::testing::make_server_context(
        options_.identity ? *options_.identity
                          : authority_.issue({.common_name = "scripted",
                                              .dns_names = {"localhost"},
                                              .addresses = {"127.0.0.1", "::1"}}));
    tls_ = std::shared_ptr<void>(context, context->native_handle());
  }
  listener_ = listen_on({boost::asio::ip::make_address(options_.address), 0});
  port_ = port_of(listener_);
  acceptor_ = std::thread([this] { accept_all(); });
}

scripted_server::~scripted_server() {
  ::shutdown(listener_, SHUT_RDWR);  // wakes the blocked accept
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const record& each : records_) {
      if (!each.ended) ::shutdown(each.socket, SHUT_RDWR);  // wakes a blocked read
    }
  }
  for (record& each : records_) each.thread.join();
}

std::string scripted_server::url() const {
  const bool v6 = options_.address.find(':') != std::string::npos;
  return (options_.tls ? "https://" : "http://") +
         (v6 ? '[' + options_.address + ']' : options_.address) + ':' + std::to_string(port_);
}

std::size_t scripted_server::connections() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

std::string scripted_server::received(std::size_t connection) const {
  const std::lock_guard lock(mutex_);
  return connection < records_.size()
             ? std::next(records_.begin(), static_cast<std::ptrdiff_t>(connection))->received
             : std::string();
}

bool scripted_server::wait_for_end(std::size_t connection) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
    return connection < records_.size() &&
           std::next(records_.begin(), static_cast<std::ptrdiff_t>(connection))->ended;
  });
}

void scripted_server::accept_all() {
  for (std::size_t count = 0;; ++count) {
    const int socket = accept_on(listener_);
    if (socket < 0) return;
    const script& steps = scripts_[std::min(count, scripts_.size() - 1)];
    const std::lock_guard lock(mutex_);
    record& made = records_.emplace_back();
    made.socket = socket;
    made.thread = std::thread([this, &made, &steps] { serve(made, steps); });
  }
}

void scripted_server::serve(record& mine, const script& steps) {
  block_sigpipe();
  {
    scripted_connection connection(mine.socket, static_cast<SSL_CTX*>(tls_.get()));
    connection.on_received = [&](std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      mine.received += bytes;
    };
    static const step at_the_end = close();
    if (options_.on_accepted) options_.on_accepted();
    if (connection.handshake()) {
      std::size_t next = 0;
      while (next < steps.size() && steps[next](connection)) ++next;
      if (next == steps.size()) at_the_end(connection);
    }
  }
  const std::lock_guard lock(mutex_);
  ::close(mine.socket);
  mine.ended = true;
  changed_.notify_all();
}

}  // namespace upsun::test
