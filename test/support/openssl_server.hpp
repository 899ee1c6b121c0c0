#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::test {

/// An `openssl s_server` of the test's own: a TLS server that is not ours, on a free port. It
/// responds to every HTTP request with a page about the handshake.
class openssl_server {
 public:
  /// Serves when it returns. \param options for `s_server`, such as `{"-tls1_1", "-cipher",
  /// "DEFAULT@SECLEVEL=0"}`. \throws std::runtime_error when openssl is missing or does not start;
  /// it says why.
  explicit openssl_server(const upsun::testing::certificate& identity,
                          const std::vector<std::string>& options = {});

  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  /// What it printed.
  [[nodiscard]] std::string log() const { return read_file(directory_.path() / "log"); }

 private:
  static constexpr const char* address = "127.0.0.1";

  temporary_directory directory_;
  const reserved_port port_{address};
  std::unique_ptr<child_process> process_;
};

}  // namespace upsun::test
