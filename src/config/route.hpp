#pragma once

#include <cstdint>
#include <string>

#include <upsun/network_options.hpp>

#include "util/origin.hpp"

namespace upsun::config {

/// The way to an origin: by TCP to itself or to a proxy, or by a Unix-domain socket.
struct route {
  std::string host{};  ///< To look up and connect to. Unused with `unix_socket`.
  std::uint16_t port = 0;
  std::string shown{};            ///< What messages call it when that fails.
  std::string connect_request{};  ///< Opens the tunnel; empty: there is no proxy. Holds a secret.
  std::string unix_socket{};      ///< Empty: TCP.

  [[nodiscard]] bool direct() const noexcept {
    return connect_request.empty() && unix_socket.empty();
  }
  [[nodiscard]] bool proxied() const noexcept { return !connect_request.empty(); }
};

/// \throws config_error for `proxy` and `unix_socket` settings that cannot be used; the text holds
/// no secret.
[[nodiscard]] route make_route(const proxy_options& proxy, const std::string& unix_socket,
                               const util::origin& where);

/// Whether plain HTTP to `where` would not leave this machine: by a Unix-domain socket, or to a
/// loopback address without a proxy, whose loopback it would be.
[[nodiscard]] bool stays_local(const route& way, const util::origin& where) noexcept;

}  // namespace upsun::config
