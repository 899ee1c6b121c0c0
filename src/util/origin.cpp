#include "util/origin.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include "util/ascii.hpp"

namespace upsun::util {
namespace {

namespace ip = boost::asio::ip;

constexpr std::size_t longest_host_name = 253;  // RFC 1035

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > longest_host_name || host.front() == '.' || host.back() == '.')
    return false;
  if (host.find("..") != std::string_view::npos) return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_loopback(const std::string& host) {
  boost::system::error_code no_address;
  const auto v4 = ip::make_address_v4(host, no_address);
  return is_localhost(host) || (!no_address && v4.is_loopback());
}

std::optional<std::string> parse_host(std::string_view text, origin& out) {
  if (!text.starts_with('[')) {
    if (text.ends_with('.')) text.remove_suffix(1);  // the root of DNS, which all names end in
    if (!is_host_name(text)) return "has no valid host name";
    out.host = to_lower(text);
    out.loopback = is_loopback(out.host);
    out.host_header = out.host;
    return std::nullopt;
  }
  if (!text.ends_with(']')) return "has no valid host: ']' is missing";
  out.host = to_lower(text.substr(1, text.size() - 2));
  boost::system::error_code no_address;
  const auto v6 = ip::make_address_v6(out.host, no_address);
  if (no_address || out.host.find('%') != std::string::npos)  // Asio takes zones, too
    return "has no valid IPv6 address between the brackets";
  out.loopback = v6.is_loopback();
  out.host_header = "[" + out.host + "]";
  return std::nullopt;
}

std::optional<std::string> parse_port(std::string_view text, origin& out) {
  if (text.empty()) return std::nullopt;  // RFC 3986 section 3.2.3
  const std::uint16_t usual = out.port;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out.port);
  if (problem != std::errc() || end != text.data() + text.size() || out.port == 0)
    return "has no valid port: it must be from 1 to 65535";
  if (out.port != usual) out.host_header += ":" + std::to_string(out.port);
  return std::nullopt;
}

bool is_percent_encoded(std::string_view text) {
  return text.size() >= 3 && is_hex_digit(text[1]) && is_hex_digit(text[2]);
}

bool is_segment(std::string_view segment) {
  if (segment.empty() || segment == "." || segment == ".." || hides_dot_segment(segment))
    return false;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const char c = segment[i];
    if (c == '%' ? !is_percent_encoded(segment.substr(i))
                 : (!is_alphanumeric(c) &&
                    std::string_view("-._~!$&'()*+,;=:@").find(c) == std::string_view::npos)) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> parse_prefix(std::string_view path, origin& out) {
  if (path.ends_with('/')) path.remove_suffix(1);
  out.prefix = path;
  while (!path.empty()) {
    path.remove_prefix(1);  // '/'
    const std::size_t end = std::min(path.find('/'), path.size());
    if (!is_segment(path.substr(0, end)))
      return "has an empty segment, a dot segment or a forbidden character in its path";
    path.remove_prefix(end);
  }
  return std::nullopt;
}

}  // namespace

bool hides_dot_segment(std::string_view segment) {
  std::string plain;
  bool hidden = false;
  for (; !segment.empty() && plain.size() <= 2; segment.remove_prefix(1)) {
    const bool encoded = segment.starts_with("%2e") || segment.starts_with("%2E");
    plain += encoded ? '.' : segment.front();
    if (encoded) segment.remove_prefix(2);
    hidden = hidden || encoded;
  }
  return hidden && (plain == "." || plain == "..");
}

bool is_localhost(std::string_view name) {
  return name == "localhost" || name.ends_with(".localhost");
}

std::optional<std::string> parse_origin(std::string_view url, origin& out) {
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f)
      return "holds a space, a control character or a non-ASCII character";
  }
  if (url.find('?') != std::string_view::npos) return "has a query";
  if (url.find('#') != std::string_view::npos) return "has a fragment";
  const std::size_t colon = url.find("://");
  const std::string scheme = to_lower(url.substr(0, std::min(colon, url.size())));
  if (colon == std::string_view::npos || (scheme != "https" && scheme != "http"))
    return "must begin with https:// or http://";

  const std::string_view rest = url.substr(colon + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos)
    return "has user info; credentials have a setting of their own";
  const std::size_t port_colon = authority.find(
      ':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);

  origin parsed;
  parsed.tls = scheme == "https";
  parsed.port = parsed.tls ? 443 : 80;
  auto problem = parse_host(authority.substr(0, port_colon), parsed);
  if (!problem && port_colon != std::string_view::npos)
    problem = parse_port(authority.substr(port_colon + 1), parsed);
  if (!problem) problem = parse_prefix(rest.substr(authority.size()), parsed);
  if (!problem) out = std::move(parsed);
  return problem;
}

}  // namespace upsun::util
