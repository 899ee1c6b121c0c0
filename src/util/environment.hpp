#pragma once

#if !defined(_WIN32)
#include <unistd.h>
#endif

#include <cstdlib>

namespace upsun::util {

/// An environment variable that says which files to trust or to write. Null when it is not set or
/// empty, and in a program that has more rights than the user who started it (set-user-ID).
[[nodiscard]] inline const char* trusted_variable(const char* name) noexcept {
#if defined(__GLIBC__)
  const char* value = ::secure_getenv(name);
#elif defined(_WIN32)
  const char* value = std::getenv(name);
#else
  const char* value = ::issetugid() != 0 ? nullptr : std::getenv(name);
#endif
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace upsun::util
