#include "http/net/key_log.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <upsun/config_error.hpp>

#include <cerrno>
#include <system_error>

#include "util/environment.hpp"

namespace upsun::http {
namespace {

/// Opens the file for appending. Only its owner can read a new one, and programs that this one
/// starts do not inherit it.
std::FILE* open_own(const std::string& path) noexcept {
#if defined(_WIN32)
  return std::fopen(path.c_str(), "a");
#else
  constexpr int how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  const int fd = ::open(path.c_str(), how, S_IRUSR | S_IWUSR);
  std::FILE* const file = fd < 0 ? nullptr : ::fdopen(fd, "a");
  if (fd >= 0 && file == nullptr) ::close(fd);
  return file;
#endif
}

}  // namespace

std::unique_ptr<key_log> key_log::of_environment() {
  const char* const path = util::trusted_variable("SSLKEYLOGFILE");
  return path == nullptr ? nullptr : std::unique_ptr<key_log>(new key_log(path));
}

key_log::key_log(const std::string& path) : file_(open_own(path)) {
  if (!file_) {
    throw config_error("tls.dangerous_log_keys", "the file of SSLKEYLOGFILE cannot be written: " +
                                                     std::generic_category().message(errno));
  }
}

void key_log::append(const char* line) noexcept {
  const std::scoped_lock lock(mutex_);
  const int before = errno;  // who called OpenSSL looks at it
  std::fputs(line, file_.get());
  std::fputc('\n', file_.get());
  std::fflush(file_.get());
  errno = before;
}

}  // namespace upsun::http
