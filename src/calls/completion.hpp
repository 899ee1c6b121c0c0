#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>

#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/client.hpp>

namespace upsun::calls {

/// The executor of an operation's handler, whose context is kept running until the handler is
/// called.
class handler_work {
 public:
  /// \param own the operation's own executor, whose context is kept running by other means
  handler_work(const boost::asio::any_io_executor& own, detail::handler_executor&& executor)
      : executor_(tracked(own, std::move(executor))) {}

  /// Whether the calling thread runs the executor's context, so that the handler may be called
  /// inline.
  [[nodiscard]] bool runs_here() const noexcept {
    using plain = boost::asio::io_context::executor_type;
    using tracking = std::decay_t<decltype(boost::asio::prefer(
        std::declval<plain>(), boost::asio::execution::outstanding_work.tracked))>;
    const auto here = [](const auto* context) {
      return context != nullptr && context->running_in_this_thread();
    };
    return std::visit(
        [&](const auto& executor) {
          return here(executor.template target<plain>()) ||
                 here(executor.template target<tracking>());
        },
        executor_);
  }
  template <class Function>
  void dispatch(Function&& function) const {
    std::visit(
        [&](const auto& executor) {
          boost::asio::dispatch(executor, std::forward<Function>(function));
        },
        executor_);
  }

 private:
  static detail::handler_executor tracked(const boost::asio::any_io_executor& own,
                                          detail::handler_executor&& executor) {
    const auto* io = std::get_if<boost::asio::any_io_executor>(&executor);
    if (io != nullptr && *io == own) return std::move(executor);
    return std::visit(
        [](const auto& any) -> detail::handler_executor {
          return boost::asio::prefer(any, boost::asio::execution::outstanding_work.tracked);
        },
        executor);
  }

  detail::handler_executor executor_;
};

/// An operation's handler and where it runs.
template <class T>
class completion {
 public:
  using handler_type = boost::asio::any_completion_handler<void(T&&)>;

  completion(const boost::asio::any_io_executor& own, detail::handler_executor&& executor,
             handler_type&& handler)
      : work_(own, std::move(executor)) {
    handler_.swap(handler);  // its move assignment recurses without end in Boost 1.81
  }

  /// Calls the handler on its executor, inline when the calling thread runs it. Once.
  void operator()(T&& outcome) {
    if (work_.runs_here()) return std::move(handler_)(std::move(outcome));
    work_.dispatch([handler = std::move(handler_), outcome = std::move(outcome)]() mutable {
      std::move(handler)(std::move(outcome));
    });
  }

 private:
  const handler_work work_;
  handler_type handler_;
};

}  // namespace upsun::calls
