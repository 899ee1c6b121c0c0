#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <upsun/transport.hpp>

#include "http/exchange/body_reader.hpp"
#include "http/http1/response_parser.hpp"
#include "http/net/byte_stream.hpp"
#include "http/net/dial.hpp"

namespace upsun::http {

class body_stream;

/// The streams of one transport, which close with it. Thread safety: every member, from any thread.
class open_streams {
 public:
  /// A number for a dial, and for the connection it becomes, that no connection of the pool has.
  [[nodiscard]] connection_id next_id() noexcept;
  /// \return false after `close_all`.
  [[nodiscard]] bool add(connection_id id, const std::shared_ptr<body_stream>& stream);
  void remove(connection_id id);
  /// Closes them all, and refuses those to come.
  void close_all();

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::unordered_map<connection_id, std::weak_ptr<body_stream>> streams_;
  bool closed_ = false;
};

/// One request over a connection of its own, whose response's body is handed out as it comes:
/// dials, sends, reads the head, and from then on reads only what it is asked for. The framing is
/// checked as ever; of the limits, `limits.body_bytes` holds only for a response that is no
/// success, which is taken in whole.
///
/// Thread safety: every member may be called from any thread; the stream's own lock guards its
/// parts. Handlers are posted.
class body_stream final : public response_stream, public std::enable_shared_from_this<body_stream> {
 public:
  struct settings {
    boost::asio::any_io_executor executor;
    std::shared_ptr<const dial_target> target;
    std::shared_ptr<resolver> names;
    limit_options limits;
    std::chrono::milliseconds idle_timeout;  ///< Zero: none.
  };
  struct limit {
    time_point at;
    errc code;  ///< What it means to be late.
  };

  /// \param id of its dial. \param home where it is listed.
  body_stream(connection_id id, settings how, std::shared_ptr<open_streams> home);
  ~body_stream() override;

  /// Lets `open` fail.
  void refuse(errc reason);
  /// Sends `request`, the bytes of one. Once. `until`: by when the head has to be here. Completion:
  /// as `transport::async_open_stream`.
  void open(std::string request, limit until, transport::open_handler handler);

  void async_read(read_handler handler) override;
  void close() noexcept override;

 private:
  enum class stage_kind { dialling, writing, head, body, over };

  void on_dialled(dial_outcome outcome);
  void cancel_read();

  // Under the lock.
  void go_on();
  void take_in(parse_status status);
  void take_head(parse_status status);
  [[nodiscard]] bool has_work() const noexcept {
    return stage_ == stage_kind::writing || stage_ == stage_kind::head || reader_.waits();
  }
  void fail(io_failure why, phase in);
  [[nodiscard]] phase now_in() const;
  void watch(stream_socket::wait_type what);
  void set_timer(const limit& until);
  void disconnect(bool goodbye);

  const connection_id id_;
  const settings how_;
  const std::shared_ptr<open_streams> home_;

  std::mutex mutex_;
  stage_kind stage_ = stage_kind::dialling;
  body_reader reader_;
  std::shared_ptr<dial> dial_;
  std::optional<stream_socket> socket_;
  std::optional<byte_stream> stream_;
  response_parser parser_;
  std::string request_;
  std::size_t written_ = 0;
  bool watching_ = false;
  http_response head_;  // of a response that is taken in whole
};

}  // namespace upsun::http
