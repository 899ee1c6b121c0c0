#include "common/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace upsun {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& name, int number) {
  throw std::runtime_error("cannot write " + name + ": " + std::generic_category().message(number));
}

/// What a link leads to is replaced, not the link.
fs::path target_of(const std::string& name) {
  std::error_code failure;
  const fs::path target = fs::weakly_canonical(name, failure);
  return failure ? fs::path(name) : target;
}

/// Whether it is a pipe, a terminal, or anything else that has no content to replace.
bool is_special(const fs::path& target) {
  std::error_code failure;
  const fs::file_status status = fs::status(target, failure);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// Of this process, so that two that write one file do not meet.
std::string temporary_beside(const fs::path& target) {
  return target.string() + '.' + std::to_string(::getpid()) + ".part";
}

/// \return the number of the error; zero: all is written
int write_to(const std::string& name, int flags, std::string_view text) {
  const int file = ::open(name.c_str(), flags | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int number = errno;
      ::close(file);
      return number;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::close(file) == 0 ? 0 : errno;
}

}  // namespace

void require_writable(const std::string& name) {
  const fs::path target = target_of(name);
  if (fs::is_directory(target)) refuse(name, EISDIR);
  if (fs::exists(target) && ::access(target.c_str(), W_OK) != 0) refuse(name, errno);
  if (is_special(target)) return;
  const std::string temporary = temporary_beside(target);
  const int number = write_to(temporary, O_CREAT | O_EXCL, "");
  if (number != 0) refuse(name, number);
  ::unlink(temporary.c_str());
}

void replace_file(const std::string& name, const std::string& text) {
  const fs::path target = target_of(name);
  if (is_special(target)) {
    if (const int number = write_to(target, 0, text); number != 0) refuse(name, number);
    return;
  }
  const std::string temporary = temporary_beside(target);
  int number = write_to(temporary, O_CREAT | O_EXCL, text);
  if (number == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) number = errno;
  if (number == 0) return;
  if (number != EEXIST) ::unlink(temporary.c_str());
  refuse(name, number);
}

}  // namespace upsun
