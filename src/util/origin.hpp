#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace upsun::util {

/// Where requests go: a base URL in its parts.
struct origin {
  bool tls = true;
  std::string host;         ///< Lower case; an IPv6 address without brackets.
  std::uint16_t port = 0;   ///< The scheme's default when the URL names none.
  std::string prefix;       ///< Empty, or a path that begins with '/' and does not end with one.
  bool loopback = false;    ///< By `is_localhost`, or in 127.0.0.0/8, or ::1.
  std::string host_header;  ///< The `Host` field: brackets as the URL has them, the port unless it
                            ///< is the scheme's default.
};

/// Whether a path segment is "." or ".." with percent-encoded dots, which a server may take for a
/// dot segment.
[[nodiscard]] bool hides_dot_segment(std::string_view segment);

/// Whether a name, in lower case, is this machine's by definition: "localhost" and the names below
/// it (RFC 6761 section 6.3).
[[nodiscard]] bool is_localhost(std::string_view name);

/// Parses `url` as `http[s]://host[:port][/prefix]`. Returns why it was refused, as the rest of a
/// sentence, and leaves `out` alone: user info, a query, a fragment, spaces, control characters,
/// empty or dot segments, hidden ones, too, and whatever RFC 3986 does not allow. The dot of DNS's
/// root at the end of a name is left out.
std::optional<std::string> parse_origin(std::string_view url, origin& out);

}  // namespace upsun::util
