#include "config/route.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <upsun/config_error.hpp>

#include "config/proxy.hpp"

namespace upsun::config {
namespace {

/// What the system's address has room for behind the family (two bytes), and before a NUL.
std::size_t longest_socket_path() {
  return boost::asio::local::stream_protocol::endpoint().capacity() - 3;
}

void check_unix_socket(const proxy_options& proxy, const std::string& path) {
  if (!proxy.url.empty()) throw config_error("unix_socket", "excludes a proxy");
  if (path.size() > longest_socket_path())
    throw config_error("unix_socket",
                       "is longer than " + std::to_string(longest_socket_path()) + " bytes");
  if (path.find('\0') != std::string::npos) throw config_error("unix_socket", "holds a NUL");
}

proxy_address parse(const proxy_options& options) {
  proxy_address via;
  if (const auto problem = parse_proxy(options.url.reveal(), via)) {
    throw config_error("proxy.url", options.variable.empty()
                                        ? *problem
                                        : "the value of " + options.variable + " " + *problem);
  }
  return via;
}

void check_bypass(const proxy_options& options) {
  for (std::size_t i = 0; i < options.bypass.size(); ++i) {
    if (const auto problem = refuse_bypass_rule(options.bypass[i]))
      throw config_error("proxy.bypass", "entry " + std::to_string(i) + " " + *problem);
  }
}

}  // namespace

route make_route(const proxy_options& proxy, const std::string& unix_socket,
                 const util::origin& where) {
  check_bypass(proxy);
  if (!unix_socket.empty()) {
    check_unix_socket(proxy, unix_socket);
    return {.shown = unix_socket, .unix_socket = unix_socket};
  }
  route direct{.host = where.host, .port = where.port, .shown = where.host_header};
  if (proxy.url.empty() || bypasses_proxy(proxy.bypass, where)) return direct;
  const proxy_address via = parse(proxy);
  return {.host = via.host,
          .port = via.port,
          .shown = "proxy " + via.authority,
          .connect_request = connect_request(via, where)};
}

bool stays_local(const route& way, const util::origin& where) noexcept {
  return !way.unix_socket.empty() || (where.loopback && !way.proxied());
}

}  // namespace upsun::config
