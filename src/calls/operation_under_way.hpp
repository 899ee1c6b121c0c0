#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/detail/initiate.hpp>
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

/// A handler's executor, whose context is kept running until the handler is called. `own`: the
/// operation's executor, whose context is kept running by other means.
inline detail::handler_executor with_work(const boost::asio::any_io_executor& own,
                                          detail::handler_executor&& executor) {
  const auto* io = std::get_if<boost::asio::any_io_executor>(&executor);
  if (io != nullptr && *io == own) return std::move(executor);
  return std::visit(
      [](const auto& any) -> detail::handler_executor {
        return boost::asio::prefer(any, boost::asio::execution::outstanding_work.tracked);
      },
      executor);
}

/// Whether the calling thread runs the executor's context, and the executor allows for a handler to
/// be called inline.
inline bool runs_here(const detail::handler_executor& executor) noexcept {
  using plain = boost::asio::io_context::executor_type;
  using tracking = std::decay_t<decltype(boost::asio::prefer(
      std::declval<plain>(), boost::asio::execution::outstanding_work.tracked))>;
  const auto here = [](const auto* context) {
    return context != nullptr && context->running_in_this_thread() &&
           boost::asio::query(*context, boost::asio::execution::blocking) !=
               boost::asio::execution::blocking.never;
  };
  return std::visit(
      [&](const auto& any) {
        return here(any.template target<plain>()) || here(any.template target<tracking>());
      },
      executor);
}

/// An operation's handler and where it runs.
template <class T>
class completion {
 public:
  using handler_type = boost::asio::any_completion_handler<void(T&&)>;

  completion(const boost::asio::any_io_executor& own, detail::handler_executor&& executor,
             handler_type&& handler)
      : executor_(with_work(own, std::move(executor))) {
    handler_.swap(handler);  // its move assignment recurses without end in Boost 1.81
  }

  /// Calls the handler on its executor, inline when the calling thread runs it. Once.
  void operator()(T&& outcome) {
    if (runs_here(executor_)) return std::move(handler_)(std::move(outcome));
    auto call = [handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
      std::move(handler)(std::move(outcome));
    };
    std::visit([&](const auto& any) { boost::asio::dispatch(any, std::move(call)); }, executor_);
  }

 private:
  const detail::handler_executor executor_;
  handler_type handler_;
};

}  // namespace upsun::calls
