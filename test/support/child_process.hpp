#pragma once

#include <sys/types.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace upsun::test {

/// Where a program is, in PATH or in the folders for system programs. \throws std::runtime_error
/// that says which package has it.
[[nodiscard]] std::filesystem::path find_program(const std::string& name, std::string_view package);

/// Polls, since a foreign program sends no events. \return whether it came true; false after 30 s.
bool poll_until(const std::function<bool()>& holds);

/// A running program, killed with this object or with the test itself.
class child_process {
 public:
  /// \param command the program's path and its arguments. \param output the file that takes what it
  /// prints. \param directory where it runs.
  child_process(const std::vector<std::string>& command, const std::filesystem::path& output,
                const std::filesystem::path& directory = ".");
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process();

  /// Its exit code, or 128 plus the signal that ended it; nothing while it runs.
  [[nodiscard]] std::optional<int> exit_code();
  /// The same, waiting for the end, within reason.
  [[nodiscard]] std::optional<int> wait();
  void send_signal(int signal) const;

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

/// Waits until something listens there or the child has ended. \return whether something listens.
[[nodiscard]] bool wait_for_listener(child_process& child, const std::string& address,
                                     std::uint16_t port);

/// A port that nobody else gets while this lives. It is bound and does not listen, so that a server
/// with SO_REUSEADDR, as all of them set it, can bind it, too.
class reserved_port {
 public:
  explicit reserved_port(const std::string& address);
  [[nodiscard]] std::uint16_t number() const { return socket_.local_endpoint().port(); }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
};

}  // namespace upsun::test
