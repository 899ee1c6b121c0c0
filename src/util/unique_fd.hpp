#pragma once

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <unistd.h>
#endif

#include <utility>

namespace upsun::util {

#if defined(_WIN32)
using native_fd = SOCKET;
inline void close_fd(native_fd fd) noexcept { ::closesocket(fd); }
#else
using native_fd = int;
inline void close_fd(native_fd fd) noexcept { ::close(fd); }
#endif

/// Owns a file descriptor; on Windows a socket.
class unique_fd {
 public:
  static constexpr native_fd none = static_cast<native_fd>(-1);

  unique_fd() = default;
  explicit unique_fd(native_fd fd) noexcept : fd_(fd) {}
  unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, none)) {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  unique_fd(const unique_fd&) = delete;
  unique_fd& operator=(const unique_fd&) = delete;
  ~unique_fd() { reset(); }

  [[nodiscard]] native_fd get() const noexcept { return fd_; }
  [[nodiscard]] native_fd release() noexcept { return std::exchange(fd_, none); }
  void reset() noexcept {
    if (const native_fd fd = release(); fd != none) close_fd(fd);
  }

 private:
  native_fd fd_ = none;
};

}  // namespace upsun::util
