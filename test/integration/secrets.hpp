#pragma once

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "integration/harness.hpp"
#include "integration/secret_watch.hpp"
#include "support/certificate_maker.hpp"

namespace upsun::testing::secrets_test {

/// In every planted secret.
inline const std::string mark = "s3cr3t";
inline const std::string token = mark + "-token";
inline const std::string proxy_password = mark + "-proxy";
/// base64 of "user:s3cr3t-proxy", as it goes to the proxy.
inline const std::string proxy_credentials = "dXNlcjpzM2NyM3QtcHJveHk";

/// The base64 lines of a PEM text, each of which would give the key away in part.
inline std::vector<std::string> lines_of(const std::string& pem) {
  std::vector<std::string> lines;
  std::istringstream in(pem);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("-----")) lines.push_back(line);
  }
  return lines;
}

/// A client's certificate and key, for which a passphrase holds the mark.
inline const test::made_certificate& identity() {
  static const test::made_certificate made = test::make_certificate(
      {.common_name = "a service", .extensions = {{"extendedKeyUsage", "clientAuth"}}});
  return made;
}

inline std::vector<std::string> planted_here() {
  std::vector<std::string> all = lines_of(identity().key_pem());
  all.push_back(proxy_credentials);
  return all;
}

/// Everything is also captured that is printed meanwhile: a library prints nothing.
class Secrets : public ::testing::Test {
 protected:
  const std::shared_ptr<secret_watch> watch = std::make_shared<secret_watch>(planted_here());

  void SetUp() override {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
  }
  void TearDown() override {
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  }

  [[nodiscard]] client_config config_for(std::string url) const {
    return {.base_url = std::move(url),
            .credentials = bearer_token(token),
            .retry = {.max_attempts = 1},
            .observer = watch};
  }
  [[nodiscard]] static call_options with_secret_header() {
    return call_options().header("X-Api-Key", mark + "-header").timeout(10s);
  }
};

/// A response with this status, these fields and this body.
inline std::string response(const std::string& head, const std::string& body = {}) {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace upsun::testing::secrets_test
