#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "testing/certificate_authority.hpp"

namespace upsun::test {

/// How to run a web server that is not ours. In the arguments and in the configuration `{port}`
/// stands for the port, `{certificate}` and `{key}` for the identity's files, `{identity}` for one
/// with both, `{root}` for the folder of its content, `{configuration}` for that file, and
/// `{directory}` for where it runs.
struct web_server_plan {
  std::string program;
  std::string package;  ///< The Debian package that has it.
  std::vector<std::string> arguments{};
  std::string configuration{};
  int reload_signal = 0;  ///< Makes new processes and lets the old ones finish; zero: nothing does.
  std::string reloaded{};        ///< What it logs when old processes have begun to finish.
  std::size_t times_logged = 1;  ///< How often a reload logs that.
};

/// A web server of the test's own, in a temporary directory where it runs, on a free port.
class web_server {
 public:
  using files = std::map<std::string, std::string>;

  /// Serves when it returns. \param content files to serve, by name. \param address where it must
  /// be reachable. \throws std::runtime_error when the program is missing or does not start; it
  /// says why.
  web_server(web_server_plan plan, const upsun::testing::certificate& identity,
             const files& content = {}, std::string address = "127.0.0.1");
  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;
  ~web_server();

  [[nodiscard]] std::uint16_t port() const { return port_.number(); }
  /// What it logged.
  [[nodiscard]] std::string log() const { return read_file(directory_.path() / "log"); }
  /// A file it wrote, named relative to its directory, such as an access log.
  [[nodiscard]] std::string file(const std::string& name) const {
    return read_file(directory_.path() / name);
  }

  /// Starts new processes and lets the old ones finish what they are at; returns when those have
  /// begun to. \throws std::runtime_error when they do not.
  void reload();
  /// Ends it at once, whatever is under way, and starts it on the same port. Serves when it
  /// returns. \throws std::runtime_error when it does not start.
  void restart();

 private:
  [[nodiscard]] bool start();
  [[nodiscard]] bool stop();
  [[nodiscard]] std::string filled_in(std::string text) const;

  const web_server_plan plan_;
  const std::string address_;
  const reserved_port port_;
  temporary_directory directory_;
  std::unique_ptr<child_process> process_;
};

}  // namespace upsun::test
