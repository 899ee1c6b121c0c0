#pragma once

#include <string>

#include "support/web_server.hpp"

namespace upsun::test {

/// An nginx of the test's own, in a temporary directory, on a free port.
class nginx_server : public web_server {
 public:
  /// Serves when it returns. \param servers the `server` blocks of its configuration, where
  /// `{port}` stands for the port, `{certificate}` and `{key}` for the identity's files, and
  /// `{root}` for the folder of `content`. \param content files to serve, by name. \param address
  /// where it must be reachable. \param workers how many processes serve under a master, which can
  /// reload; zero: one process alone. \throws std::runtime_error when nginx is missing or does not
  /// start; it says why.
  nginx_server(const std::string& servers, const upsun::testing::certificate& identity,
               const files& content = {}, const std::string& address = "127.0.0.1",
               unsigned workers = 0);
};

/// The same as a plan.
[[nodiscard]] web_server_plan nginx_plan(const std::string& servers, unsigned workers = 0);

}  // namespace upsun::test
