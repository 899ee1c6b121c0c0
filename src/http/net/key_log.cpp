#include "http/net/key_log.hpp"

#include <openssl/bio.h>

#include <upsun/config_error.hpp>

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace upsun::http {

std::unique_ptr<key_log> key_log::of_environment() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): said of the option
  const char* const path = std::getenv("SSLKEYLOGFILE");
  if (path == nullptr || *path == '\0') return nullptr;
  return std::unique_ptr<key_log>(new key_log(path));
}

key_log::key_log(const std::string& path) {
  std::error_code failed;
  const bool is_new = !std::filesystem::exists(path, failed);
  file_.reset(BIO_new_file(path.c_str(), "a"));
  if (file_ && is_new) {
    using std::filesystem::perms;
    std::filesystem::permissions(path, perms::owner_read | perms::owner_write, failed);
  }
  if (!file_) {
    throw config_error("tls.dangerous_log_keys",
                       "the file of SSLKEYLOGFILE cannot be written: " + take_openssl_error());
  }
}

void key_log::append(const char* line) noexcept {
  const std::scoped_lock lock(mutex_);
  BIO_puts(file_.get(), line);
  BIO_puts(file_.get(), "\n");
  (void)BIO_flush(file_.get());
}

}  // namespace upsun::http
