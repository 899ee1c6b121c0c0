#include "http/net/socket_calls.hpp"

#include <boost/asio/ip/tcp.hpp>  // brings the names of TCP's options
#include <boost/asio/socket_base.hpp>
#if !defined(_WIN32)
#include <fcntl.h>
#endif

namespace upsun::http {

#if defined(_WIN32)

util::unique_fd open_socket(int family, int protocol) noexcept {
  return util::unique_fd(::WSASocketW(family, SOCK_STREAM, protocol, nullptr, 0,
                                      WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT));
}

void replace_socket(util::native_fd) noexcept {}  // nothing is forked

#else

util::unique_fd open_socket(int family, int protocol) noexcept {
#if defined(SOCK_CLOEXEC)
  return util::unique_fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol));
#else
  util::unique_fd made(::socket(family, SOCK_STREAM, protocol));
  if (made.get() == util::unique_fd::none) return made;
  ::fcntl(made.get(), F_SETFD, FD_CLOEXEC);
#if defined(SO_NOSIGPIPE)
  const int on = 1;
  ::setsockopt(made.get(), SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return made;
#endif
}

// Asio takes a socket out of what it waits with before it closes it: the number is another's by
// then.
void replace_socket(util::native_fd fd) noexcept {
  const util::unique_fd other = open_socket(AF_UNIX, 0);
  if (other.get() == util::unique_fd::none || ::dup2(other.get(), fd) < 0) {
    util::close_fd(fd);
  } else {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

#endif

void shut_down(util::native_fd fd) noexcept {
  ::shutdown(fd, boost::asio::socket_base::shutdown_both);
}

void expect_signs_of_life(util::native_fd fd) noexcept {
  [[maybe_unused]] const auto set = [fd](int option, int value) {
    ::setsockopt(fd, IPPROTO_TCP, option, reinterpret_cast<const char*>(&value), sizeof value);
  };
#if defined(TCP_KEEPIDLE)
  set(TCP_KEEPIDLE, 15);
#elif defined(TCP_KEEPALIVE)
  set(TCP_KEEPALIVE, 15);
#endif
#if defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)
  set(TCP_KEEPINTVL, 15);
  set(TCP_KEEPCNT, 3);
#endif
#if defined(TCP_USER_TIMEOUT)
  set(TCP_USER_TIMEOUT, 30'000);
#endif
}

}  // namespace upsun::http
