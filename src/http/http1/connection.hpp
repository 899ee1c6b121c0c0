#pragma once

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <upsun/result.hpp>

#include "http/http1/pipeline.hpp"
#include "http/http1/response_parser.hpp"
#include "http/net/byte_stream.hpp"
#include "http/net/epoll_set.hpp"
#include "http/pool/exchange.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// How an exchange ended on its connection.
struct exchange_outcome {
  exchange_ptr
      finished{};   ///< Null: one whose answer nobody waited for any more; only its lease is over.
  time_point at{};  ///< When the response was complete; else not set.
  std::optional<result<http_response>>
      response{};  ///< Absent: it failed. As handlers take it, so that it is moved once.
  io_failure failure{};
  upsun::phase failed_in = phase::write;
  bool any_response_byte = false;
  bool kept = false;  ///< The connection had been idle, so the server may have closed it before the
                      ///< request.
  bool aborted = false;  ///< By a deadline, a cancellation or the client's end: never replayed.
  bool moved = false;    ///< The connection ended before it came to this one, which stood behind
                         ///< others: it goes elsewhere.
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
/// An exchange that comes while another is under way stands behind it (HTTP/1.1 pipelining): those
/// are sent together, once the handlers that are ready have run, and answered strictly in order.
/// The first of them is judged as if it were alone. When the connection ends, those behind it go
/// elsewhere. One that is aborted among others leaves a ghost behind; a connection with nothing but
/// ghosts is given up.
///
/// Its socket is watched for as long as it is open: between exchanges that notices the server's end
/// at once, during one it is the wait for the response. Nothing is registered for an exchange. Each
/// edge is followed to the socket's last byte, since what is left is not told of again. An answer
/// that was read so is reported at a turn, and a request that begins while others are told is
/// written at one: see doc/decisions/answers-in-batches.md.
///
/// When memory runs out the present exchange fails, and the connection with it.
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

  /// Begins to be watched. \throws std::bad_alloc \throws boost::system::system_error when the
  /// system refuses
  void start();
  /// From now on it rests, until it is leased. Once, when a lease that came with the dial was
  /// given: that one found no rest, however slow the machine.
  void count_as_used() noexcept;
  /// Carries `next`: sends it and waits for its response. Returns how it ended when it did so at
  /// once, else the owner is told later.
  [[nodiscard]] std::optional<exchange_outcome> begin(exchange_ptr next) noexcept;
  /// Ends `target` if this connection carries it, and the connection with it unless it carries
  /// others; nothing otherwise.
  [[nodiscard]] std::optional<exchange_outcome> abort(const exchange_ptr& target,
                                                      errc reason) noexcept;
  /// Closes an idle connection, saying goodbye.
  void close() noexcept;
  /// Gives back the memory that an idle connection can do without, if it is idle. The next exchange
  /// takes it anew.
  void rest() noexcept;
  std::optional<duration> on_edge(bool ended) override;
  void on_turn() override;

  // Its owner's.
  std::shared_ptr<connection> next_to_close;
  std::shared_ptr<connection> next_to_rest;
  std::atomic<bool> is_to_rest{false};  ///< It is in the chain of those.

 private:
  /// What is to be told once the lock is let go.
  struct news {
    std::optional<exchange_outcome> last;
    std::vector<exchange_outcome> earlier;  // those that were answered before the last
    std::vector<exchange_ptr> lost;         // with the connection, before it came to them
  };

  void flush_soon();
  [[nodiscard]] exchange_outcome take_answer();
  void keep_memory(std::string& body) noexcept;

  std::optional<exchange_outcome> begin_alone(exchange_ptr&& next);
  std::optional<exchange_outcome> write_first(time_point now);
  std::optional<exchange_outcome> queue(exchange_ptr&& next) noexcept;
  std::optional<exchange_outcome> abort_locked(const exchange_ptr& target, errc reason);
  void go_on(news& told);
  std::optional<exchange_outcome> write_rest();
  std::optional<exchange_outcome> write_batch();
  void read_some(news& told);
  void next_answers(std::string_view bytes, news& told);
  [[nodiscard]] bool is_drained() const noexcept { return stream_.is_drained() && !more_behind_; }
  [[nodiscard]] bool nothing_more_to_read();
  void promote();
  void succeed(exchange_outcome& outcome);
  exchange_outcome fail(io_failure failure) noexcept;
  void out_of_memory(news& told) noexcept;
  void conclude(news& told) noexcept;
  void conclude_pipeline(news& told) noexcept;
  void close_locked(bool goodbye) noexcept;
  void report(news&& told);
  void report(exchange_outcome& outcome);

  const connection_id id_;
  const std::optional<boost::asio::ip::address> peer_;
  const std::shared_ptr<epoll_set> watch_;
  const std::weak_ptr<connection_owner> owner_;

  std::mutex mutex_;
  util::unique_fd socket_;
  watch_id watched_as_{};
  byte_stream stream_;
  response_parser parser_;
  exchange_ptr current_;  // whose answer is awaited
  pipeline behind_;
  time_point answered_at_{};  // when the last answer was complete
  time_point last_used_{};
  bool closed_ = false;
  bool kept_ = false;  // before the present exchange, for longer than trusted_idle or through
                       // another exchange
  bool more_behind_ = false;  // behind the last byte read there may be more, or an end
  bool full_ = false;         // the socket took no more bytes: an edge tells when it does
  bool flushing_soon_ = false;
  bool answered_ =
      false;  // the answer to the present exchange is complete; who waits for it is told at a turn
};

}  // namespace upsun::http
