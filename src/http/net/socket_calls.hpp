#pragma once

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <sys/socket.h>
#endif
#include <boost/asio/error.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>

#include "util/unique_fd.hpp"

namespace upsun::http {

// What POSIX and Winsock name differently, for sockets that Asio does not hold. Each call returns
// what the system's does: less than zero when it failed, and `socket_error` says why.

#if defined(_WIN32)
inline constexpr int no_sigpipe = 0;
inline int call_size(std::size_t size) noexcept {
  return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}
inline int socket_error() noexcept { return ::WSAGetLastError(); }
inline void clear_socket_error() noexcept { ::WSASetLastError(0); }
#else
#if defined(MSG_NOSIGNAL)
inline constexpr int no_sigpipe = MSG_NOSIGNAL;
#else
inline constexpr int no_sigpipe = 0;  // `open_socket` has seen to it
#endif
inline std::size_t call_size(std::size_t size) noexcept { return size; }
inline int socket_error() noexcept { return errno; }
inline void clear_socket_error() noexcept { errno = 0; }
#endif

inline std::ptrdiff_t receive(util::native_fd fd, char* into, std::size_t size,
                              int flags = 0) noexcept {
  return ::recv(fd, into, call_size(size), flags);
}
/// A peer that has reset the connection raises no SIGPIPE.
inline std::ptrdiff_t send_bytes(util::native_fd fd, const char* bytes, std::size_t size) noexcept {
  return ::send(fd, bytes, call_size(size), no_sigpipe);
}
/// Whether a call that failed with `error` is to be made again when the socket is ready.
inline bool would_block(int error) noexcept {
  return error == boost::asio::error::would_block || error == boost::asio::error::interrupted;
}

/// A socket for a stream of bytes, which programs that this process starts do not inherit.
util::unique_fd open_socket(int family, int protocol) noexcept;
/// Ends both directions of the connection, for all that share it.
void shut_down(util::native_fd fd) noexcept;
/// Has TCP notice a peer that vanished: within a minute while the connection is idle and kept
/// alive, within half a minute while the peer owes an acknowledgement. As far as the system can.
void expect_signs_of_life(util::native_fd fd) noexcept;
/// Has `fd` be a new descriptor, or none: what is done with it concerns no other process from then
/// on. For forked children.
void replace_socket(util::native_fd fd) noexcept;

}  // namespace upsun::http
