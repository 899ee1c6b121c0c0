#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "util/origin.hpp"

namespace upsun::config {

/// A proxy's URL in its parts.
struct proxy_address {
  std::string host;  ///< Lower case; an IPv6 address without brackets.
  std::uint16_t port = 0;
  std::string authority;      ///< Host and port as messages show them; never the user info.
  std::string authorization;  ///< The value of `Proxy-Authorization`; empty: none. A secret.
};

/// Parses `url` as `http://[user[:password]@]host[:port][/]`, where user and password are
/// percent-encoded and the port is 80 when there is none. Returns why it was refused, as the rest
/// of a sentence that shows nothing of it, and leaves `out` alone.
std::optional<std::string> parse_proxy(std::string_view url, proxy_address& out);

/// Why `rule` is none of: `*`, a name, a name after `.` or `*.`, an IP address (v6 with or without
/// brackets), a CIDR block; all but `*` may end in `:port`, for which an IPv6 address needs its
/// brackets.
std::optional<std::string> refuse_bypass_rule(std::string_view rule);

/// Whether one of the rules says that `where` is reached without the proxy. A name covers its
/// subdomains, with or without the dot, in any case; addresses are compared with the URL's own,
/// never with what its name resolves to. Rules that `refuse_bypass_rule` refuses match nothing.
[[nodiscard]] bool bypasses_proxy(const std::vector<std::string>& rules, const util::origin& where);

/// The request that asks `via` for a tunnel to `where`. It holds no token.
[[nodiscard]] std::string connect_request(const proxy_address& via, const util::origin& where);

}  // namespace upsun::config
