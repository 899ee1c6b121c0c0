#pragma once

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <upsun/result.hpp>

#include "http/http1/exchange.hpp"
#include "http/http1/response_parser.hpp"
#include "http/net/byte_stream.hpp"
#include "http/net/epoll_set.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// What a connection reports. Called without any lock held, on the thread that found out.
class connection_owner {
 public:
  virtual void on_finished(connection& from, exchange_outcome&& outcome) = 0;
  virtual void on_idle_death(connection& from) = 0;

 protected:
  ~connection_owner() = default;
};

/// One established connection: carries one exchange after another, and notices its end while idle.
///
/// Its socket is watched for as long as it is open: between exchanges that notices the server's end
/// at once, during one it is the wait for the response. Nothing is registered for an exchange. Each
/// notification is followed by reads until the socket is empty, since it comes only once. Responses
/// are reported, and requests are written, in batches: see doc/decisions/responses-in-batches.md.
///
/// Thread safety: every member may be called from any thread; the connection's own lock guards
/// socket, stream and parser.
class connection final : public socket_watcher, public std::enable_shared_from_this<connection> {
 public:
  /// \param peer the address it was dialled to; none for a Unix-domain socket. \param validators as
  /// for `response_parser`.
  connection(connection_id id, util::unique_fd socket, byte_stream stream,
             std::optional<boost::asio::ip::address> peer, const limit_options& limits,
             bool validators, std::shared_ptr<epoll_set> watch,
             std::weak_ptr<connection_owner> owner);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  [[nodiscard]] connection_id id() const noexcept { return id_; }
  [[nodiscard]] const std::optional<boost::asio::ip::address>& peer() const noexcept {
    return peer_;
  }

  /// Begins to be watched. \throws boost::system::system_error when the system refuses
  void start();
  /// The server has ended it, or the owner.
  [[nodiscard]] bool has_ended();
  /// Carries `next`: sends it and waits for its response. Returns how it ended when it did so at
  /// once; otherwise the owner is notified later. After an exception it does not carry `next`, and
  /// is closed.
  [[nodiscard]] std::optional<exchange_outcome> begin(exchange_ptr next);
  /// Ends `target` if this connection carries it, and the connection with it unless nothing of it
  /// was sent; does nothing otherwise.
  [[nodiscard]] std::optional<exchange_outcome> abort(const exchange_ptr& target, errc reason);
  /// Closes it, an idle one with a TLS close_notify.
  void close();
  /// Frees the buffers that an idle connection can do without, if it is idle. The next exchange
  /// allocates them anew.
  void trim();

  std::optional<duration> on_ready(bool ended) override;
  void on_deferred() override;

 private:
  [[nodiscard]] std::optional<exchange_outcome> write_first();
  [[nodiscard]] std::optional<exchange_outcome> write_rest();
  [[nodiscard]] std::optional<exchange_outcome> read_after_failed_write();
  [[nodiscard]] std::optional<exchange_outcome> go_on();
  [[nodiscard]] std::optional<exchange_outcome> read_some();
  [[nodiscard]] bool is_drained() const noexcept { return stream_.is_drained() && !more_behind_; }
  [[nodiscard]] bool nothing_more_to_read();
  [[nodiscard]] bool is_silent();
  [[nodiscard]] exchange_outcome succeed();
  [[nodiscard]] exchange_outcome fail(io_failure failure);
  void close_locked(bool goodbye);
  void report(exchange_outcome&& outcome);

  const connection_id id_;
  const std::optional<boost::asio::ip::address> peer_;
  const std::shared_ptr<epoll_set> watch_;
  const std::weak_ptr<connection_owner> owner_;

  std::mutex mutex_;
  util::unique_fd socket_;
  watch_id watched_as_{};
  byte_stream stream_;
  response_parser parser_;
  exchange_ptr current_;
  time_point completed_at_{};  // when the last response was complete
  bool closed_ = false;
  bool kept_ = false;         // it was idle, or closed, before the present exchange
  bool more_behind_ = false;  // behind the last byte read there may be more, or an end
  bool full_ = false;         // the socket took no more bytes: on_ready says when it does
  bool complete_ = false;     // the present exchange's response is, and will be reported deferred
};

}  // namespace upsun::http
