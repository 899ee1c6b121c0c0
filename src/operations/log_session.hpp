#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <upsun/activity_log.hpp>
#include <upsun/transport.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/log_core.hpp"
#include "calls/client_impl.hpp"
#include "calls/delivery.hpp"

namespace upsun::operations {

class next_line;

/// What an `activity_log` is a handle on: drives a `log_core` with streams, tokens, time and dice,
/// one step at a time. Nothing goes on but for the `async_next` under way.
///
/// Locks: the session's, then the client's or a floor's below; none of these ever calls back from
/// within.
class log_session {
 public:
  /// \param target of the log's requests, without the query that asks for a part of it.
  log_session(std::shared_ptr<calls::client_impl> client, std::string target,
              const log_options& options);

  /// Carries `next`, unless another one is under way; `next` is told later.
  void begin(const std::shared_ptr<next_line>& next);
  /// Ends the wait of `next`, which is to stop, if it is the one under way.
  void wake(const next_line& next);
  /// The handle is gone.
  void close() noexcept;
  [[nodiscard]] std::string last_id() const;
  [[nodiscard]] const std::shared_ptr<calls::client_impl>& client() const noexcept {
    return client_;
  }

 private:
  using clock = std::chrono::steady_clock;
  using line_result = result<std::optional<log_line>>;
  /// What the `async_next` under way waits for.
  enum class wait_kind { nothing, token, opening, reading, pause };

  template <class Event>
  void on_event(next_line& next, Event event);
  void on_token(result<auth::token>&& token);
  void on_opened(result<streamed_response>&& answer);
  void on_piece(result<std::string>&& piece);

  // Under the lock.
  [[nodiscard]] std::optional<line_result> go_on();
  [[nodiscard]] bool stopped() const noexcept;
  [[nodiscard]] bool find_token();
  void get_token();
  void open();
  void read();
  void pause();
  void begin_stream(streamed_response&& opened);
  void lost(const error& why);
  void follow(api::log_core::sequel&& what);
  [[nodiscard]] error complete_error(const error& why) const;
  void drop_stream() noexcept;

  const std::shared_ptr<calls::client_impl> client_;
  const std::string target_;
  const log_options options_;
  const std::chrono::milliseconds idle_timeout_;

  mutable std::recursive_mutex mutex_;  // lack of memory makes floors call back from within
  api::log_core core_;
  std::weak_ptr<next_line>
      current_;  // belongs to what it waits for, so that it goes with that when the context ends
  wait_kind waits_for_ = wait_kind::nothing;
  bool closed_ = false;
  std::shared_ptr<response_stream> stream_;
  bool ended_ = false;              // the stream, of which lines may be left
  std::optional<error> over_;       // to be handed out once they are
  clock::time_point not_before_{};  // of the next stream
  auth::token token_;
  bool has_token_ = false;  // for the next stream
  bool renewed_ = false;    // since a stream was last opened
  boost::asio::cancellation_signal cancel_;
  boost::asio::steady_timer timer_;
};

/// One `async_next`: a call to the client, which may end it, and to the caller, who may cancel it.
class next_line final : public calls::call_under_way,
                        public detail::startable<std::optional<log_line>>,
                        public std::enable_shared_from_this<next_line> {
 public:
  explicit next_line(std::shared_ptr<log_session> session) noexcept
      : session_(std::move(session)) {}
  next_line(const next_line&) = delete;
  next_line& operator=(const next_line&) = delete;
  virtual ~next_line();

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept override {
    return session_->client()->executor;
  }
  void start(detail::handler_executor where, boost::asio::cancellation_slot cancel,
             handler_type&& handler) override;
  void complete(result<std::optional<log_line>>&& outcome);
  /// From within what starts or cancels it.
  void complete_later(result<std::optional<log_line>> outcome);

  void stop();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  void end() override;
  [[nodiscard]] bool ended_by_client() const noexcept override { return ended_by_client_; }
  [[nodiscard]] std::shared_ptr<calls::call_under_way> lock() noexcept override {
    return weak_from_this().lock();
  }

 private:
  const std::shared_ptr<log_session> session_;
  std::optional<calls::pending_handler> pending_;
  handler_type handler_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> ended_by_client_{false};
};

}  // namespace upsun::operations
