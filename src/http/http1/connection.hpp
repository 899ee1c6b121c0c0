#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <upsun/result.hpp>

#include "http/exchange/connection.hpp"
#include "http/http1/response_parser.hpp"
#include "http/net/byte_stream.hpp"
#include "http/net/readiness.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// A connection that speaks HTTP/1.1: carries one exchange after another, and notices its end while
/// idle.
///
/// Its socket is watched for as long as it is open: between exchanges that notices the server's end
/// at once, during one it is the wait for the response. Nothing is registered for an exchange. Each
/// notification is followed by reads until the socket is empty, since it comes only once. Responses
/// are reported, and requests are written, in batches: see doc/decisions/responses-in-batches.md.
///
/// Thread safety: every member may be called from any thread; the connection's own lock guards
/// socket, stream and parser.
class http1_connection final : public connection,
                               public socket_watcher,
                               public std::enable_shared_from_this<http1_connection> {
 public:
  /// \param validators as for `parser_options`.
  http1_connection(connection_id id, util::unique_fd socket, byte_stream stream,
                   std::optional<boost::asio::ip::address> peer, const limit_options& limits,
                   bool validators, std::shared_ptr<readiness> watch,
                   std::weak_ptr<connection_owner> owner);
  ~http1_connection() override;

  [[nodiscard]] std::string_view protocol_version() const noexcept override { return "1.1"; }
  void start() override;
  [[nodiscard]] stream_capacity capacity() override { return {}; }
  [[nodiscard]] bool has_ended() override;
  [[nodiscard]] std::optional<exchange_outcome> begin(exchange_ptr next) override;
  [[nodiscard]] std::optional<exchange_outcome> abort(const exchange_ptr& target,
                                                      errc reason) override;
  void close() override;
  void trim() override;

  std::optional<duration> on_ready(bool ended) override;
  void on_deferred() override;

 private:
  [[nodiscard]] std::optional<exchange_outcome> write_first();
  [[nodiscard]] std::optional<exchange_outcome> write_rest();
  std::nullopt_t note_full();
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

  const std::shared_ptr<readiness> watch_;
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
