#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::test {

/// An nginx of the test's own, in a temporary directory, on a free port.
class nginx_server {
 public:
  using files = std::map<std::string, std::string>;

  /// Serves when it returns. \param servers the `server` blocks of its configuration, where
  /// `{port}` stands for the port, `{certificate}` and `{key}` for the identity's files, and
  /// `{root}` for the folder of `content`. \param content files to serve, by name. \param address
  /// where it must be reachable. \param workers how many processes serve under a master, which can
  /// reload; zero: one process alone. \throws std::runtime_error when nginx is missing or does not
  /// start; it says why.
  nginx_server(const std::string& servers, const upsun::testing::certificate& identity,
               const files& content = {}, const std::string& address = "127.0.0.1",
               unsigned workers = 0);
  nginx_server(const nginx_server&) = delete;
  nginx_server& operator=(const nginx_server&) = delete;
  ~nginx_server();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// What it logged.
  [[nodiscard]] std::string log() const { return read_file(directory_.path() / "log"); }
  /// A file it wrote, named relative to its directory, such as an access log.
  [[nodiscard]] std::string file(const std::string& name) const {
    return read_file(directory_.path() / name);
  }

  /// Starts new workers and lets the old ones finish what they are at; returns when those have
  /// begun to.
  void reload();
  /// Ends it at once, whatever is under way, and starts it on the same port. Serves when it
  /// returns. \throws std::runtime_error when it does not start.
  void restart();

 private:
  [[nodiscard]] bool start();
  void stop();

  const std::string address_;
  const unsigned workers_;
  temporary_directory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
};

}  // namespace upsun::test
