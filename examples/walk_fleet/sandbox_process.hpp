#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

/// The program `upsun-sandbox` as a child process, which ends with this object. It must be in the
/// folder of the running program.
class sandbox_process {
 public:
  /// Returns once it serves.
  /// \param arguments its command line, without the program's name
  /// \throws std::system_error when it cannot be started
  /// \throws std::runtime_error when it ends early
  explicit sandbox_process(std::vector<std::string> arguments);
  sandbox_process(const sandbox_process&) = delete;
  sandbox_process& operator=(const sandbox_process&) = delete;
  ~sandbox_process();

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] const std::string& ca_file() const noexcept { return ca_file_; }

 private:
  pid_t child_ = -1;
  std::string url_;
  std::string ca_file_;
};
