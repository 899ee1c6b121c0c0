#pragma once

#include <cstdint>
#include <string>

#include <upsun/client_config.hpp>

#include "util/origin.hpp"

namespace upsun::config {

/// The way to an origin: by TCP to itself or to a proxy, or by a Unix-domain socket.
struct route {
  std::string host;  ///< Whose name is looked up and whose addresses are connected to. Unused with
                     ///< `unix_socket`.
  std::uint16_t port = 0;
  std::string shown;  ///< Whom messages speak of when that fails.
  std::string
      connect_request;      ///< What opens the tunnel; empty: there is no proxy. Holds a secret.
  std::string unix_socket;  ///< Empty: TCP.

  [[nodiscard]] bool direct() const noexcept {
    return connect_request.empty() && unix_socket.empty();
  }
  [[nodiscard]] bool proxied() const noexcept { return !connect_request.empty(); }
};

/// \throws config_error for `proxy` and `unix_socket` settings that cannot be used; the text holds
/// no secret.
[[nodiscard]] route make_route(const client_config& config, const util::origin& where);

/// Whether plain HTTP to `where` would not leave this machine: by a Unix-domain socket, or to a
/// loopback address without a proxy, whose loopback it would be.
[[nodiscard]] bool stays_local(const route& way, const util::origin& where) noexcept;

}  // namespace upsun::config
