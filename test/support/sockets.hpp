#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>

namespace upsun::test {

// What the servers that block on their sockets share.

/// A new listener. \throws std::system_error as `port_of` does.
[[nodiscard]] int listen_on(const boost::asio::ip::tcp::endpoint& address);
[[nodiscard]] std::uint16_t port_of(int listener);
/// An accepted connection that sends what is written at once; -1 after a shutdown of the listener.
[[nodiscard]] int accept_on(int listener);
/// Sends what is written at once.
void disable_delay(int socket);
/// Closing sends a RST.
void reset_on_close(int socket);

}  // namespace upsun::test
