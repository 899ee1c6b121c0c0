#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/testing/sandbox.hpp>

struct ssl_st;

namespace upsun::testing {

/// Where a client connects to, and how.
struct peer {
  std::uint16_t port = 0;
  std::string address = "127.0.0.1";
  std::string ca_pem{};                   ///< Empty: plain TCP.
  std::string verified_host{};            ///< Empty: the address.
  std::function<void(ssl_st*)> adjust{};  ///< Called before the handshake.
};
[[nodiscard]] peer peer_of(const sandbox& s);

/// A small HTTP client that shares nothing with the library's own: blocking, over Beast and
/// `asio::ssl`, and frank about what the wire did.
class blocking_client {
 public:
  using response = boost::beast::http::response<boost::beast::http::string_body>;

  /// Connects and handshakes; `failure()` says how that went.
  explicit blocking_client(const peer& to);
  ~blocking_client();

  /// The last operation's: `eof` after `close_notify` (or FIN, in plain TCP),
  /// `ssl::error::stream_truncated` after a bare FIN, `connection_reset` after a RST.
  [[nodiscard]] const error_code& failure() const noexcept;

  void send(std::string_view bytes);
  /// Reads one response.
  response receive();
  /// Reads `size` bytes, fewer when the connection ends first.
  std::string receive_bytes(std::size_t size);
  /// Reads to the end.
  std::string receive_all();
  /// Whether a byte, or the end, comes within that time.
  [[nodiscard]] bool readable_within(std::chrono::milliseconds time);

  response get(std::string_view target, std::string_view token);

  [[nodiscard]] std::string tls_version() const;
  [[nodiscard]] std::string alpn() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The head of a GET.
[[nodiscard]] std::string get_request(std::string_view target, std::string_view token,
                                      std::string_view more_headers = {});

}  // namespace upsun::testing
