#include "config/proxy.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "util/ascii.hpp"

namespace upsun::config {
namespace {

namespace ip = boost::asio::ip;

// ---- the URL

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || problem != std::errc() || end != digits.data() + 2)
      return std::nullopt;
    result.push_back(static_cast<char>(value));
    i += 2;
  }
  return result;
}

std::string base64(std::string_view text) {
  std::vector<unsigned char> out((text.size() + 2) / 3 * 4 + 1);  // and a NUL
  const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  return {out.begin(), out.begin() + size};
}

// RFC 7617: the user holds no colon, neither part a control character.
std::optional<std::string> parse_user_info(std::string_view text, proxy_address& out) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto user = percent_decoded(text.substr(0, colon));
  const auto password = percent_decoded(text.substr(std::min(colon + 1, text.size())));
  if (!user || !password) return "has user info that is not percent-encoded";
  if (user->find(':') != std::string::npos) return "has a user name with a colon";
  if (std::any_of(user->begin(), user->end(), util::is_control) ||
      std::any_of(password->begin(), password->end(), util::is_control)) {
    return "has a control character in its user info";
  }
  out.authorization = "Basic " + base64(*user + ":" + *password);
  return std::nullopt;
}

// ---- the rules of bypassing

/// One rule in its parts; the port is zero when it covers all.
struct bypass_rule {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<ip::address> address_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code none;
  const ip::address address = ip::make_address(std::string(text), none);
  if (none) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

/// Empty when it is no rule.
std::optional<bypass_rule> parse_rule(std::string_view text) {
  bypass_rule rule;
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string_view::npos &&
                        (text.find(':') == colon || (colon > 0 && text[colon - 1] == ']'));
  if (has_port) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), rule.port);
    if (problem != std::errc() || end != digits.data() + digits.size() || rule.port == 0)
      return std::nullopt;
    text = text.substr(0, colon);
  }
  const bool has_root =
      text.size() > 1 && text.back() == '.' && util::is_alphanumeric(text[text.size() - 2]);
  if (has_root) text.remove_suffix(1);  // of DNS, which all names end in
  rule.host = util::to_lower(text);
  return rule;
}

/// The CIDR block that `text` names; Asio has a type for each family.
template <class Network>
std::optional<Network> block_of(const std::string& text) {
  boost::system::error_code none;
  Network block;
  if constexpr (std::is_same_v<Network, ip::network_v4>) {
    block = ip::make_network_v4(text, none);
  } else {
    block = ip::make_network_v6(text, none);
  }
  return none ? std::nullopt : std::optional(block.canonical());
}

template <class Network, class Address>
bool block_holds(const std::string& text, const Address& address) {
  const auto block = block_of<Network>(text);
  return block && Network(address, block->prefix_length()).canonical() == *block;
}

std::string_view without_dot(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(1);
  if (name.starts_with('.')) name.remove_prefix(1);
  return name;
}

bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return util::is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  };
  return !name.empty() && name.front() != '.' && name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), fits);
}

bool matches(const bypass_rule& rule, const util::origin& where) {
  if (rule.port != 0 && rule.port != where.port) return false;
  if (rule.host == "*") return true;
  if (const auto host = address_of(where.host)) {
    if (const auto address = address_of(rule.host)) return *address == *host;
    return host->is_v4() ? block_holds<ip::network_v4>(rule.host, host->to_v4())
                         : block_holds<ip::network_v6>(rule.host, host->to_v6());
  }
  const std::string_view name = without_dot(rule.host);
  if (!is_name(name) || !where.host.ends_with(name)) return false;
  const std::size_t before = where.host.size() - name.size();
  return before == 0 || where.host[before - 1] == '.';
}

}  // namespace

std::optional<std::string> parse_proxy(std::string_view url, proxy_address& out) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos) return "must begin with http://";
  const std::string scheme = util::to_lower(url.substr(0, colon));
  if (scheme == "https") return "names an https:// proxy; a proxy is spoken to over http:// only";
  if (scheme != "http") return "must begin with http://, the only kind of proxy there is";

  std::string_view rest = url.substr(colon + 3);
  proxy_address parsed;
  const std::size_t at = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
  if (at != std::string_view::npos) {
    if (auto problem = parse_user_info(rest.substr(0, at), parsed)) return problem;
    rest.remove_prefix(at + 1);
  }
  util::origin where;
  if (auto problem = util::parse_origin("http://" + std::string(rest), where)) return problem;
  if (!where.prefix.empty()) return "has a path";
  parsed.host = std::move(where.host);
  parsed.port = where.port;
  parsed.authority = std::move(where.host_header);
  out = std::move(parsed);
  return std::nullopt;
}

std::optional<std::string> refuse_bypass_rule(std::string_view rule) {
  const auto parsed = parse_rule(rule);
  if (!parsed) return "has no valid port";
  if (parsed->host == "*" || address_of(parsed->host) || block_of<ip::network_v4>(parsed->host) ||
      block_of<ip::network_v6>(parsed->host) || is_name(without_dot(parsed->host)))
    return std::nullopt;
  return "is neither *, a name, an IP address nor a CIDR block";
}

bool bypasses_proxy(const std::vector<std::string>& rules, const util::origin& where) {
  return std::any_of(rules.begin(), rules.end(), [&](const std::string& text) {
    const auto rule = parse_rule(text);
    return rule && matches(*rule, where);
  });
}

std::string connect_request(const proxy_address& via, const util::origin& where) {
  const bool v6 = where.host.find(':') != std::string::npos;
  const std::string target =
      (v6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!via.authorization.empty()) request += "Proxy-Authorization: " + via.authorization + "\r\n";
  return request + "\r\n";
}

}  // namespace upsun::config
