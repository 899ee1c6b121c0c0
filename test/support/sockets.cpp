#include "support/sockets.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace upsun::test {
using boost::asio::ip::tcp;
namespace {

void check(bool ok) {
  if (!ok) throw std::system_error(errno, std::generic_category(), "a test's server");
}

}  // namespace

int listen_on(const tcp::endpoint& address) {
  const int listener = ::socket(address.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(listener >= 0);
  check(::bind(listener, address.data(), static_cast<socklen_t>(address.size())) == 0);
  check(::listen(listener, 128) == 0);
  return listener;
}

std::uint16_t port_of(int listener) {
  tcp::endpoint address;
  auto size = static_cast<socklen_t>(address.capacity());
  check(::getsockname(listener, address.data(), &size) == 0);
  return address.port();
}

int accept_on(int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket >= 0) disable_delay(socket);
  return socket;
}

void disable_delay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void reset_on_close(int socket) {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

}  // namespace upsun::test
