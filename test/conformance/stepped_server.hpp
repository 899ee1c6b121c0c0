#pragma once

#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "testing/certificate_authority.hpp"
#include "unit/http/http2/scripted_peer.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http::test {

/// A server that speaks HTTP/2 over TLS and goes as far as the test lets it, step by step on the
/// test's own thread.
class stepped_server {
 public:
  struct request {
    std::size_t connection;  ///< Counted from zero.
    std::uint32_t stream;
    std::string path;
    std::size_t body = 0;       ///< So many bytes of it came.
    bool complete = false;      ///< It was read to its end.
    bool reset = false;         ///< By the client.
    bool is_responded = false;  ///< Or the test does so by hand.
  };

  explicit stepped_server(const std::string& host);
  stepped_server(const stepped_server&) = delete;
  stepped_server& operator=(const stepped_server&) = delete;
  ~stepped_server();

  // How far it goes.
  bool handshakes = true;
  bool reads = true;  ///< After the handshake.
  bool accepts_pings = true;
  bool responds = false;  ///< Greets, and responds by the document whose id the path ends in.

  /// Does what it can do now.
  void step();
  /// Sends bytes behind those that were sent before. The first must be settings.
  void send(std::size_t connection, std::string_view bytes);
  using setting_list = std::initializer_list<std::pair<std::uint16_t, std::uint32_t>>;
  /// Sends its settings, with the first of them that it accepts the client's.
  void greet(std::size_t connection, setting_list settings = {});
  /// Frames whose header blocks are the connection's.
  [[nodiscard]] scripted_peer& frames(std::size_t connection);
  /// The document of this id.
  [[nodiscard]] static std::string document(const std::string& id);

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] const std::string& ca_pem() const noexcept { return authority_.pem(); }
  [[nodiscard]] std::size_t connections() const noexcept { return lines_.size(); }
  /// Connections on which the client's handshake has begun.
  [[nodiscard]] std::size_t begun_handshakes() const;
  /// Connections that the client has not closed yet.
  [[nodiscard]] std::size_t open() const;
  /// Settings and PINGs that the client has accepted.
  [[nodiscard]] std::size_t accepted() const noexcept { return accepted_; }
  [[nodiscard]] std::deque<request>& requests() noexcept { return requests_; }
  /// Requests that were read to their end.
  [[nodiscard]] std::size_t complete() const;
  /// The newest request whose path ends so; null: none.
  [[nodiscard]] request* find(std::string_view end_of_path);

 private:
  struct line;

  void read(line& from);
  void take(line& from, const scripted_peer::received& frame);
  void respond(request& to);
  static void flush(line& to);

  const upsun::testing::certificate_authority authority_{"Stepped authority"};
  const std::shared_ptr<boost::asio::ssl::context> tls_;
  util::unique_fd listener_;
  std::uint16_t port_ = 0;
  std::deque<std::unique_ptr<line>> lines_;
  std::deque<request> requests_;
  std::size_t accepted_ = 0;
};

}  // namespace upsun::http::test
