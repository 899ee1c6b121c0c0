#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <upsun/result.hpp>

#include "http/byte_stream.hpp"
#include "http/exchange.hpp"
#include "http/response_parser.hpp"
#include "http/stream_socket.hpp"

namespace upsun::http {

/// How an exchange ended on its connection.
struct exchange_outcome {
  exchange_ptr finished{};
  std::optional<http_response> response{};  ///< Absent: it failed.
  io_failure failure{};
  upsun::phase failed_in = phase::write;
  bool any_response_byte = false;
  bool kept = false;     ///< The connection had been idle, so the server may have closed it before the request.
  bool aborted = false;  ///< By a deadline, a cancellation or the client's end: never replayed.
  release_verdict verdict = release_verdict::failed;
  std::optional<std::chrono::seconds> keep_alive{};  ///< The server's `Keep-Alive: timeout=N`.
};

/// What a connection tells. Called without any lock held, on the thread that found out.
class connection_owner {
 public:
  virtual void on_finished(connection& from, exchange_outcome&& outcome) = 0;
  virtual void on_idle_death(connection& from) = 0;

 protected:
  ~connection_owner() = default;
};

/// One established connection: carries one exchange after another, and notices its end while idle.
///
/// A wait for readability is always pending. Between exchanges it notices the server's end at once; during one it is the wait for the response: that is
/// one registration with the reactor per exchange, and none to spare.
///
/// Thread safety: every member may be called from any thread; the connection's own lock guards socket, stream and parser.
class connection : public std::enable_shared_from_this<connection> {
 public:
  /// \param peer the address it was dialled to; none for a Unix-domain socket.
  connection(connection_id id, stream_socket socket, byte_stream stream, std::optional<boost::asio::ip::address> peer, const limit_options& limits,
             std::weak_ptr<connection_owner> owner);

  [[nodiscard]] connection_id id() const noexcept { return id_; }
  [[nodiscard]] const std::optional<boost::asio::ip::address>& peer() const noexcept { return peer_; }

  /// Begins to watch for the server's end.
  void start();
  /// Carries `next`: sends it and waits for its response. Returns how it ended when it did so at once, else the owner is told later.
  [[nodiscard]] std::optional<exchange_outcome> begin(exchange_ptr next);
  /// Ends `target` if this connection carries it, and the connection with it; nothing otherwise.
  [[nodiscard]] std::optional<exchange_outcome> abort(const exchange_ptr& target, errc reason);
  /// Closes an idle connection, saying goodbye.
  void close();

 private:
  void watch_readable();
  void watch_writable();
  void on_readable(const error_code& ec);
  void on_writable(const error_code& ec);

  std::optional<exchange_outcome> write_rest();
  std::optional<exchange_outcome> read_some();
  [[nodiscard]] bool nothing_more_to_read();
  exchange_outcome succeed();
  exchange_outcome fail(io_failure failure);
  void close_locked(bool goodbye);
  void report(exchange_outcome&& outcome);

  const connection_id id_;
  const std::optional<boost::asio::ip::address> peer_;
  const std::weak_ptr<connection_owner> owner_;

  std::mutex mutex_;
  stream_socket socket_;
  byte_stream stream_;
  response_parser parser_;
  exchange_ptr current_;
  time_point last_used_{};
  bool closed_ = false;
  bool kept_ = false;  // before the present exchange, for longer than trusted_idle or through another exchange
  bool watching_readable_ = false;
  bool watching_writable_ = false;
};

}  // namespace upsun::http
