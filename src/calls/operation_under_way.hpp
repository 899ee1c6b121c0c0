#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include <upsun/retry_options.hpp>

namespace upsun::calls {

class client_impl;

/// What the client says to an operation that begins.
struct admission {
  std::chrono::nanoseconds paused_for{};  ///< How long the host asked not to be called.
  std::optional<std::chrono::nanoseconds> hedge_after{};  ///< When to send a second request.
};

/// The base of everything that a caller waits for and the client may end: one call, or a coroutine
/// of several.
///
/// Two rules keep it safe against a close on another thread. An operation is admitted last: from
/// then on anybody may cancel it, so all that a cancellation touches has to be there. And the
/// client never drops a reference under its lock, since the last one takes that lock again.
class operation_under_way : public boost::intrusive::list_base_hook<>,
                            public std::enable_shared_from_this<operation_under_way> {
 public:
  using clock = std::chrono::steady_clock;

  operation_under_way(const operation_under_way&) = delete;
  operation_under_way& operator=(const operation_under_way&) = delete;
  virtual ~operation_under_way();

  /// Cancels it for its caller. Any thread, once it was admitted; does nothing after its end.
  virtual void cancel() = 0;
  /// Cancels it because the client closes, which also closes the transport it may wait for. Does
  /// nothing after its end, though its handler may still be running.
  virtual void cancel_by_client() = 0;
  [[nodiscard]] bool cancelled_by_client() const noexcept { return cancelled_by_client_; }

 protected:
  explicit operation_under_way(std::shared_ptr<client_impl> client);

  /// Lists the operation with its client, and connects `slot` to `cancel`. Nothing when the client
  /// is closed. \param hedge null for what is never hedged
  [[nodiscard]] std::optional<admission> admit(boost::asio::cancellation_slot slot,
                                               clock::time_point now,
                                               const hedge_options* hedge = nullptr);
  /// Takes it off the client's list: after its handler was called, so that a close completes last.
  void leave() noexcept;

  /// For `cancel_by_client`, before the cancellation: a close counts the operation as cancelled.
  void count_as_cancelled() noexcept { cancelled_by_client_ = true; }

  const std::shared_ptr<client_impl> client_;

 private:
  bool admitted_ = false;
  std::atomic<bool> cancelled_by_client_{false};
};

}  // namespace upsun::calls
