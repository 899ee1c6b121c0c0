#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

namespace upsun::http {

/// The file that the keys of TLS connections are appended to, in the format of NSS, which Wireshark
/// reads. Thread safety: any thread may append.
class key_log {
 public:
  /// The file that `SSLKEYLOGFILE` names; null when it names none. \throws config_error when it
  /// cannot be written
  [[nodiscard]] static std::unique_ptr<key_log> of_environment();

  void append(const char* line) noexcept;

 private:
  explicit key_log(const std::string& path);

  struct close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::mutex mutex_;
  const std::unique_ptr<std::FILE, close> file_;
};

}  // namespace upsun::http
