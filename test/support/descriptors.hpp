#pragma once

#include <fcntl.h>

#include <set>

namespace upsun::test {

/// The open descriptors that a program which this process starts would inherit.
inline std::set<int> inherited_descriptors() {
  constexpr int most = 1024;
  std::set<int> inherited;
  for (int fd = 0; fd < most; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) inherited.insert(fd);
  }
  return inherited;
}

}  // namespace upsun::test
