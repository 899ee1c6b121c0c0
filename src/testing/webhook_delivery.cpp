#include "testing/webhook_delivery.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <locale>
#include <stdexcept>

#include "testing/webhook_signature.hpp"

namespace upsun::testing {
namespace asio = boost::asio;
namespace {

struct listener {
  std::string authority;
  std::string host;
  std::string port = "80";
  std::string target = "/";
};

bool is_loopback(const std::string& host) {
  boost::system::error_code failure;
  const auto address = asio::ip::make_address(host, failure);
  return host == "localhost" || (!failure && address.is_loopback());
}

listener parse(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  listener to;
  if (url.starts_with(scheme)) {
    url.remove_prefix(scheme.size());
    const std::size_t path = std::min(url.find('/'), url.size());
    to.authority = url.substr(0, path);
    if (path < url.size()) to.target = url.substr(path);
    const std::size_t bracket = to.authority.find(']');  // of an IPv6 address
    const std::size_t colon = to.authority.find(':', bracket == std::string::npos ? 0 : bracket);
    to.host = bracket == std::string::npos ? to.authority.substr(0, colon)
                                           : to.authority.substr(1, bracket - 1);
    if (colon != std::string::npos) to.port = to.authority.substr(colon + 1);
  }
  if (!is_loopback(to.host))
    throw std::invalid_argument("webhooks are delivered to http:// on a loopback address only");
  return to;
}

}  // namespace

int deliver(const webhook_settings& to, std::string_view body) {
  const listener where = parse(to.url);
  asio::ip::tcp::iostream stream;
  stream.imbue(std::locale::classic());
  stream.expires_after(std::chrono::seconds(10));
  stream.connect(where.host, where.port);
  stream << "POST " << where.target << " HTTP/1.1\r\nHost: " << where.authority
         << "\r\nContent-Type: application/json\r\nConnection: close\r\n";
  if (to.shared_key && !to.shared_key->empty())
    stream << "X-JWS-Signature: " << sign_webhook(body, *to.shared_key) << "\r\n";
  stream << "Content-Length: " << body.size() << "\r\n\r\n" << body << std::flush;

  std::string version;
  int status = 0;
  stream >> version >> status;
  if (!stream || !version.starts_with("HTTP/1.")) {
    const auto failure = stream.error();
    throw boost::system::system_error(
        failure ? failure : make_error_code(boost::system::errc::protocol_error),
        "delivering a webhook");
  }
  for (std::string rest; std::getline(stream, rest);)
    continue;  // to its end, so that the listener sees no reset
  return status;
}

}  // namespace upsun::testing
