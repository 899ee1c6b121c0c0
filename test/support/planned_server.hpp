#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "testing/certificate_authority.hpp"
#include "testing/server_stream.hpp"

namespace upsun::test {

/// What a planned server does with one request.
struct planned_reply {
  enum class ending {
    keep,   ///< Waits for the next request.
    close,  ///< Closes in order: `close_notify`, then FIN.
    drop,   ///< Closes with a bare FIN.
    reset,  ///< Closes with a RST.
    stall,  ///< Nothing more until the client closes.
  };
  std::string bytes;  ///< Sent as they are, head included.
  ending then = ending::keep;
  bool byte_by_byte = false;  ///< Each in a segment and a TLS record of its own.
  std::size_t piece = 0;      ///< The same with pieces of so many bytes; zero: in one.
  bool before_body = false;   ///< Sent without having read the request's body.
};

/// A server on the test's own context that responds to each request with the bytes planned for its
/// target: one server for any number of clients at once, each of which meets the fault it asks for.
/// Single-threaded, as its context.
class planned_server {
 public:
  using plan = std::function<planned_reply(std::string_view target)>;

  planned_server(boost::asio::io_context& io, plan replies, bool tls = false);
  planned_server(const planned_server&) = delete;
  planned_server& operator=(const planned_server&) = delete;
  ~planned_server();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Such as "http://127.0.0.1:40123".
  [[nodiscard]] std::string url() const;
  [[nodiscard]] const std::string& ca_pem() const noexcept { return authority_.pem(); }
  /// Connections accepted so far.
  [[nodiscard]] std::size_t connections() const noexcept { return accepted_; }
  /// Accepts no more and closes what is open, so that its context can come to an end.
  void close();

 private:
  using stream_ptr = std::shared_ptr<upsun::testing::server_stream>;
  using acceptor =
      boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, upsun::testing::context_executor>;

  upsun::testing::task<void> accept();
  upsun::testing::task<void> serve(stream_ptr stream);
  upsun::testing::task<bool> read_more(upsun::testing::server_stream& stream, std::string& unread);
  upsun::testing::task<bool> send(upsun::testing::server_stream& stream, std::string_view bytes,
                                  std::size_t piece);

  boost::asio::io_context& io_;
  const plan replies_;
  const upsun::testing::certificate_authority authority_{"Planned authority"};
  const std::shared_ptr<boost::asio::ssl::context> tls_;
  acceptor acceptor_;
  const std::uint16_t port_;
  std::size_t accepted_ = 0;
  const std::shared_ptr<std::unordered_set<stream_ptr>> open_ =
      std::make_shared<std::unordered_set<stream_ptr>>();  // outlives this with the context's
                                                           // frames
};

}  // namespace upsun::test
