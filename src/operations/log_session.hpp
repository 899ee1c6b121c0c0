#pragma once

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <upsun/activity_log.hpp>
#include <upsun/transport.hpp>

#include "api/log_core.hpp"
#include "calls/composed.hpp"

namespace upsun::operations {

/// What an `activity_log` is a handle on: drives a `log_core` with streams, tokens, pauses and
/// chance, one step at a time. Nothing goes on but for the `async_next` under way.
///
/// Thread safety: what follows the log belongs to the `async_next` under way, whose steps run on
/// its strand. When there is none, the handle may drop the stream.
class log_session : public std::enable_shared_from_this<log_session> {
 public:
  using line_result = result<std::optional<log_line>>;

  /// \param target of the log's requests, without the query that asks for a part of it.
  log_session(std::shared_ptr<calls::client_impl> client, std::string target,
              const log_options& options);

  [[nodiscard]] detail::prepared_call<std::optional<log_line>> prepare_next();
  /// The handle is gone: ends the `async_next` under way, and the stream.
  void close() noexcept;
  [[nodiscard]] std::string last_id() const;

 private:
  using clock = std::chrono::steady_clock;
  using steps = calls::composed_base;

  // The steps of the `async_next` under way.
  [[nodiscard]] boost::asio::awaitable<line_result> next(steps& of);
  [[nodiscard]] boost::asio::awaitable<line_result> read_line(steps& of);
  [[nodiscard]] boost::asio::awaitable<void> get_token(const steps& of);
  [[nodiscard]] boost::asio::awaitable<void> open(const steps& of);
  [[nodiscard]] boost::asio::awaitable<void> read(const steps& of);
  void on_opened(const steps& of, result<streamed_response>&& opened);
  void lost(const steps& of, const error& why);
  void follow(api::log_core::sequel&& what);
  void drop_stream();
  [[nodiscard]] bool has_token();
  [[nodiscard]] static error complete_error(const error& why);

  const std::shared_ptr<calls::client_impl> client_;
  const std::string target_;
  const log_options options_;
  const std::chrono::milliseconds idle_timeout_;
  std::atomic<bool> busy_{false};

  api::log_core core_;
  bool stream_ended_ = false;       // lines of it may be left
  std::optional<error> over_;       // given once they have been
  clock::time_point not_before_{};  // of the next stream
  auth::token token_;
  bool has_token_ = false;  // for the next stream
  bool renewed_ = false;    // since a stream was last opened
  std::shared_ptr<response_stream> stream_;

  mutable std::mutex mutex_;
  std::string last_id_;
  std::weak_ptr<calls::operation_under_way> under_way_;
  bool closed_ = false;
};

}  // namespace upsun::operations
