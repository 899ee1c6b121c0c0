#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/network_options.hpp>

#include "testing/certificate_authority.hpp"

namespace boost::asio::ssl {
class context;
template <class Stream>
class stream;
}  // namespace boost::asio::ssl

namespace upsun::testing {

using context_executor = boost::asio::io_context::executor_type;
/// Awaits an operation without an exception for its error.
inline constexpr auto awaited =
    boost::asio::as_tuple(boost::asio::use_awaitable_t<context_executor>{});
template <class T>
using task = boost::asio::awaitable<T, context_executor>;
using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, context_executor>;
using context_timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      context_executor>;

/// TLS 1.2 and 1.3. \param http what is chosen by ALPN, `h2` first where both are.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> make_server_context(
    const certificate& identity, http_version http = http_version::http1);

/// The server's side of one TCP connection, with TLS or without. Used on one thread.
class server_stream {
 public:
  using tls_stream = boost::asio::ssl::stream<tcp_socket&>;

  /// \param tls null: plain TCP.
  server_stream(tcp_socket socket, std::shared_ptr<boost::asio::ssl::context> tls);
  ~server_stream();

  /// \return whether it succeeded; always, without TLS.
  task<bool> handshake();
  /// The handshake resumed an earlier session.
  [[nodiscard]] bool resumed() const noexcept;
  /// The protocol chosen by ALPN; empty: none.
  [[nodiscard]] std::string_view protocol() const noexcept;
  /// Reads below TLS. \return how many bytes, zero at the end and on any failure.
  task<std::size_t> read_raw(boost::asio::mutable_buffer into);
  /// \return how many bytes, zero at the end and on any failure.
  task<std::size_t> read_some(boost::asio::mutable_buffer into);
  /// Writes it all. \return whether that succeeded.
  task<bool> write(boost::asio::const_buffer bytes);

  /// Says that nothing more will be sent, as `finish`, and leaves the socket open to be read.
  void finish_sending(std::shared_ptr<void> self);
  /// Says goodbye as TLS wants it (`close_notify`), without waiting for the peer's, then closes.
  /// \param self keeps this object alive meanwhile.
  void finish(std::shared_ptr<void> self);
  /// Sends a bare FIN, and leaves the socket open to be read.
  void close_sending();
  /// Closes with a bare FIN.
  void close();
  /// Closes with a RST.
  void reset();
  [[nodiscard]] context_executor get_executor() { return socket_.get_executor(); }
  [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }

 private:
  tcp_socket socket_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::unique_ptr<tls_stream> tls_;
  bool established_ = false;
};

}  // namespace upsun::testing
