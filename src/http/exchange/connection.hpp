#pragma once

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "http/exchange/exchange.hpp"

namespace upsun::http {

/// One established connection, as the pool sees it. It carries one exchange at a time, or several
/// when it speaks HTTP/2.
///
/// Thread safety: every member may be called from any thread.
class connection {
 public:
  connection(connection_id id, std::optional<boost::asio::ip::address> peer)
      : id_(id), peer_(std::move(peer)) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection() = default;

  [[nodiscard]] connection_id id() const noexcept { return id_; }
  /// The address it was dialled to; none for a Unix-domain socket.
  [[nodiscard]] const std::optional<boost::asio::ip::address>& peer() const noexcept {
    return peer_;
  }

  /// "1.1" or "2".
  [[nodiscard]] virtual std::string_view protocol_version() const noexcept = 0;

  std::uint64_t last_capacity = 0;  ///< The number of the last report of it. The pool's.

  /// Begins to be watched. \throws boost::system::system_error when the system refuses
  virtual void start() = 0;
  /// How many exchanges it can carry at once, when it has started.
  [[nodiscard]] virtual stream_capacity capacity() = 0;
  /// The server has ended it, or the owner.
  [[nodiscard]] virtual bool has_ended() = 0;
  /// Carries `next`: sends it and waits for its response. Returns how it ended when it did so at
  /// once; otherwise the owner is notified later. After an exception it does not carry `next`, and
  /// is closed.
  [[nodiscard]] virtual std::optional<exchange_outcome> begin(exchange_ptr next) = 0;
  /// Ends `target` if this connection carries it; does nothing otherwise. With HTTP/1.1 the
  /// connection ends, too, unless nothing was sent.
  [[nodiscard]] virtual std::optional<exchange_outcome> abort(const exchange_ptr& target,
                                                              errc reason) = 0;
  /// So many bytes of the body that is handed out for `of` have been read: the server may send as
  /// many again.
  virtual void give_back(const exchange_ptr& /*of*/, std::size_t /*bytes*/) {}
  /// Finds out, when nothing has come for long, whether the server is still there: if not, it ends
  /// some time later.
  virtual void probe() {}
  /// Closes an idle connection, with a TLS close_notify.
  virtual void close() = 0;
  /// Frees the buffers that an idle connection can do without, if it is idle. The next exchange
  /// allocates them anew.
  virtual void trim() = 0;

 private:
  const connection_id id_;
  const std::optional<boost::asio::ip::address> peer_;
};

/// What a connection reports. Called without any lock held, on the thread that found out.
class connection_owner {
 public:
  virtual void on_finished(connection& from, exchange_outcome&& outcome) = 0;
  virtual void on_idle_death(connection& from) = 0;
  /// From now on it carries so many exchanges at once; of those above that, none ends for it. Zero:
  /// it takes no more, and ends with its last.
  virtual void on_capacity(connection& from, const stream_capacity& capacity) = 0;

 protected:
  ~connection_owner() = default;
};

}  // namespace upsun::http
