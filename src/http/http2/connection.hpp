#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "http/exchange/connection.hpp"
#include "http/http2/session.hpp"
#include "http/net/byte_stream.hpp"
#include "http/net/readiness.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// A connection that speaks HTTP/2: carries many exchanges at once, each a stream. It moves bytes
/// between its socket and a `session`, and reports what the session finds.
///
/// What several exchanges have to send in one batch of notifications goes out together, as do the
/// reports of what a batch completed: see doc/decisions/responses-in-batches.md.
///
/// Thread safety: every member may be called from any thread; the connection's own lock guards
/// socket, stream and session.
class http2_connection final : public connection,
                               public socket_watcher,
                               public std::enable_shared_from_this<http2_connection> {
 public:
  http2_connection(connection_id id, util::unique_fd socket, byte_stream stream,
                   std::optional<boost::asio::ip::address> peer, const session_settings& settings,
                   std::shared_ptr<readiness> watch, std::weak_ptr<connection_owner> owner);
  ~http2_connection() override;

  [[nodiscard]] std::string_view protocol_version() const noexcept override { return "2"; }
  void start() override;
  [[nodiscard]] stream_capacity capacity() override;
  [[nodiscard]] bool has_ended() override;
  [[nodiscard]] std::optional<exchange_outcome> begin(exchange_ptr next) override;
  [[nodiscard]] std::optional<exchange_outcome> abort(const exchange_ptr& target,
                                                      errc reason) override;
  void give_back(const exchange_ptr& of, std::size_t bytes) override;
  void probe() override;
  void close() override;
  void trim() override;

  std::optional<duration> on_ready(bool ended) override;
  void on_deferred() override;

 private:
  void read(bool ended);
  void write();
  void write_soon();
  void write_later();
  void write_now();
  void note_full();
  void look_before_use();
  void end_writing(io_failure why);
  void give_up(const char* why);
  void break_off(io_failure why);
  void end_if_broken();
  void close_locked(bool goodbye);
  [[nodiscard]] std::optional<stream_capacity> changed_capacity();
  void report(std::unique_lock<std::mutex>& lock);
  void report_each(std::vector<exchange_outcome> outcomes, std::size_t next);

  const std::shared_ptr<readiness> watch_;
  const std::weak_ptr<connection_owner> owner_;

  std::mutex mutex_;
  util::unique_fd socket_;
  watch_id watched_as_{};
  byte_stream stream_;
  session session_;
  std::optional<io_failure> broken_;  // the socket or TLS; `on_ready` ends the exchanges
  stream_capacity capacity_{.streams = 0, .allowed = 0};  // as last reported
  time_point received_{};                                 // when the last bytes came
  std::thread::id reporter_;                              // the thread that is calling handlers
  bool write_is_posted_ = false;
  bool full_ = false;        // the socket takes no bytes until its next edge
  time_point full_since_{};  // since when it has taken none; zero: it does
  bool given_up_ = false;    // closed by us, not by the server
  bool used_ = false;        // an exchange has ended on it
  bool leaving_ = false;     // closes with its last exchange
  bool closed_ = false;
};

}  // namespace upsun::http
