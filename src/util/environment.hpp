#pragma once

#if !defined(_WIN32)
#include <unistd.h>
#endif

#include <cstdlib>

namespace upsun::util {

/// A variable of the environment that decides what is trusted or written: none in a program that
/// has more rights than who started it. Null when it is not set, or empty.
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
