#include "support/connect_proxy.hpp"

#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "support/sockets.hpp"

namespace upsun::test {
using boost::asio::ip::tcp;
namespace {

tcp::endpoint loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

bool send_all(int socket, std::string_view bytes, bool slowly = false) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), slowly ? 1 : bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string base64(const std::string& text) {
  std::vector<unsigned char> out(text.size() * 2 + 4);
  const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  return {out.begin(), out.begin() + size};
}

/// The port of "CONNECT host:port HTTP/1.1"; zero when it is not that.
std::uint16_t target_port(const std::string& head) {
  const std::string line = head.substr(0, head.find("\r\n"));
  const std::size_t end = line.rfind(" HTTP/1.1");
  const std::size_t colon = line.rfind(':', end);
  if (!line.starts_with("CONNECT ") || end == std::string::npos || colon == std::string::npos)
    return 0;
  return static_cast<std::uint16_t>(std::stoul(line.substr(colon + 1, end - colon - 1)));
}

}  // namespace

connect_proxy::connect_proxy(connect_proxy_options options) : options_(std::move(options)) {
  listener_ = listen_on(loopback(0));
  port_ = port_of(listener_);
  acceptor_ = std::thread([this] { accept_all(); });
}

connect_proxy::~connect_proxy() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  ::close(listener_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const record& each : records_) {
      for (const int socket : {each.client, each.server}) {
        if (socket >= 0) ::shutdown(socket, SHUT_RDWR);
      }
    }
  }
  for (record& each : records_) each.thread.join();
}

std::string connect_proxy::url(const std::string& user_info) const {
  return "http://" + (user_info.empty() ? "" : user_info + "@") +
         "127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> connect_proxy::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

std::size_t connect_proxy::connections() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

std::size_t connect_proxy::tunnels() const {
  const std::lock_guard lock(mutex_);
  return tunnels_;
}

std::string connect_proxy::carried() const {
  const std::lock_guard lock(mutex_);
  return carried_;
}

bool connect_proxy::wait_for_ended(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return ended_ >= count; });
}

void connect_proxy::accept_all() {
  for (;;) {
    const int client = accept_on(listener_);
    if (client < 0) return;
    const std::lock_guard lock(mutex_);
    record& made = records_.emplace_back();
    made.client = client;
    made.thread = std::thread([this, &made] { serve(made); });
  }
}

void connect_proxy::serve(record& mine) {
  talk(mine);
  const std::lock_guard lock(mutex_);
  for (int* socket : {&mine.client, &mine.server}) {
    if (*socket >= 0) ::close(std::exchange(*socket, -1));
  }
  ++ended_;
  changed_.notify_all();
}

void connect_proxy::talk(record& mine) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {  // nothing may follow it before the response
    std::array<char, 4096> buffer{};
    const auto size = ::recv(mine.client, buffer.data(), buffer.size(), 0);
    if (size <= 0) return;
    head.append(buffer.data(), static_cast<std::size_t>(size));
  }
  {
    const std::lock_guard lock(mutex_);
    heads_.push_back(head);
  }
  if (!options_.response.empty()) {
    if (!send_all(mine.client, options_.response, options_.slowly)) return;
  } else if (!respond(mine.client, head)) {
    return;
  }
  switch (options_.afterwards) {
    case connect_proxy_options::then::tunnel: break;
    case connect_proxy_options::then::close: return;
    case connect_proxy_options::then::reset: return reset_on_close(mine.client);
    case connect_proxy_options::then::stall: {
      char end{};
      while (::recv(mine.client, &end, 1, 0) > 0) {
      }
      return;
    }
  }
  const tcp::endpoint target = loopback(target_port(head));
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  {
    const std::lock_guard lock(mutex_);
    mine.server = server;
    if (stopping_) return;
  }
  if (::connect(server, target.data(), static_cast<socklen_t>(target.size())) != 0) return;
  disable_delay(server);
  carry(mine);
}

bool connect_proxy::respond(int client, const std::string& head) {
  const bool welcome = options_.credentials.empty() ||
                       head.find("\r\nProxy-Authorization: Basic " + base64(options_.credentials) +
                                 "\r\n") != std::string::npos;
  if (welcome)
    return send_all(client, "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n",
                    options_.slowly);
  (void)send_all(client,
                 "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic "
                 "realm=\"test\"\r\nContent-Length: 0\r\n\r\n",
                 options_.slowly);
  return false;
}

void connect_proxy::carry(record& mine) {
  {
    const std::lock_guard lock(mutex_);
    ++tunnels_;
  }
  std::array<pollfd, 2> ends{{{.fd = mine.client, .events = POLLIN, .revents = 0},
                              {.fd = mine.server, .events = POLLIN, .revents = 0}}};
  std::array<char, 16 * 1024> buffer{};
  while (::poll(ends.data(), ends.size(), -1) > 0) {
    for (const std::size_t from : {0U, 1U}) {
      if (ends[from].revents == 0) continue;
      const auto size = ::recv(ends[from].fd, buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
      if (from == 0) {
        const std::lock_guard lock(mutex_);
        carried_ += bytes;
      }
      if (!send_all(ends[1 - from].fd, bytes)) return;
    }
  }
}

}  // namespace upsun::test
