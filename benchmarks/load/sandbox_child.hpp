#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace upsun::load {

/// The sandbox in a child process, so that its CPU time and its heap are not the client's. Ends
/// with this object, and with this process.
class sandbox_child {
 public:
  /// Returns once it serves. \param http2 whether it speaks HTTP/2 and nothing else
  /// \pre this process has one thread, since the child is a fork of it
  /// \throws std::runtime_error when it does not start to serve
  sandbox_child(std::chrono::milliseconds latency, bool http2);
  sandbox_child(const sandbox_child&) = delete;
  sandbox_child& operator=(const sandbox_child&) = delete;
  ~sandbox_child();

  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] const std::string& ca_pem() const noexcept { return ca_pem_; }
  [[nodiscard]] static std::string token();

 private:
  pid_t child_ = -1;
  std::string url_;
  std::string ca_pem_;
};

}  // namespace upsun::load
