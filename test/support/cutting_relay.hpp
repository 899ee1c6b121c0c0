#pragma once

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "support/planned_server.hpp"

namespace upsun::test {

/// Stands between a client and a server and passes on what each sends, below TLS, except that of
/// its first connection it cuts off what the server sends. On the test's own context;
/// single-threaded, as that is.
class cutting_relay {
 public:
  /// \param server_port on 127.0.0.1. \param pass how many of the server's bytes the first
  /// connection gets through. \param then what comes after them: `drop`, `reset` or `stall`.
  cutting_relay(boost::asio::io_context& io, std::uint16_t server_port, std::size_t pass,
                planned_reply::ending then);
  cutting_relay(const cutting_relay&) = delete;
  cutting_relay& operator=(const cutting_relay&) = delete;
  /// Accepts no more, and ends the first connection.
  ~cutting_relay();

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// How many of the server's bytes were passed on to the first connection.
  [[nodiscard]] std::size_t passed() const noexcept;
  /// Ends the first connection: now, or when it comes.
  void cut();

 private:
  struct shared;
  std::shared_ptr<shared> shared_;  // with the coroutines
};

}  // namespace upsun::test
