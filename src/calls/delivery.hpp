#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>

#include <chrono>
#include <memory>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>
#include <variant>

#include <upsun/client.hpp>

namespace upsun::calls {

/// Keeps the context of an operation's handler running until the handler was called.
class pending_handler {
 public:
  /// \param own where the operation itself goes on, whose context is kept running by other means.
  /// \throws std::bad_alloc
  pending_handler(const boost::asio::any_io_executor& own, detail::handler_executor where)
      : where_(tracked(own, std::move(where))) {}

  /// Whether this runs where the handler is to be called.
  [[nodiscard]] bool is_here() const noexcept {
    using plain = boost::asio::io_context::executor_type;
    using tracking = std::decay_t<decltype(boost::asio::prefer(
        std::declval<plain>(), boost::asio::execution::outstanding_work.tracked))>;
    const auto runs_here = [](const auto* context) {
      return context != nullptr && context->running_in_this_thread();
    };
    return std::visit(
        [&](const auto& executor) {
          return runs_here(executor.template target<plain>()) ||
                 runs_here(executor.template target<tracking>());
        },
        where_);
  }
  template <class Function>
  void dispatch(const Function& function) const {
    std::visit([&](const auto& executor) { boost::asio::dispatch(executor, function); }, where_);
  }

 private:
  static detail::handler_executor tracked(const boost::asio::any_io_executor& own,
                                          detail::handler_executor where) {
    if (const auto* io = std::get_if<boost::asio::any_io_executor>(&where);
        io != nullptr && *io == own)
      return where;
    return std::visit(
        [](const auto& executor) -> detail::handler_executor {
          if (!executor)
            throw std::bad_alloc();  // any_completion_handler gives none when memory is short
          return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
        },
        where);
  }

  detail::handler_executor where_;
};

/// How long a completion for which another executor has no memory rests before the next try.
inline constexpr std::chrono::milliseconds no_memory_pause{1};

/// Calls the handler on its executor; at once, and without an allocation, when that is an
/// `io_context` that this thread runs. Another executor may need memory. A handler is owed its
/// call, and by no other executor: without memory the thread rests, and tries again.
template <class T>
void deliver(const pending_handler& pending,
             boost::asio::any_completion_handler<void(T&&)>& handler,
             std::type_identity_t<T>&& outcome) {
  if (pending.is_here()) return std::move(handler)(std::move(outcome));
  struct parcel {
    boost::asio::any_completion_handler<void(T&&)> handler;
    T outcome;
  };
  std::shared_ptr<parcel> sent;
  for (;;) {
    try {
      if (!sent) {
        sent = std::make_shared<parcel>(parcel{{}, std::move(outcome)});
        sent->handler.swap(handler);
      }
      return pending.dispatch([sent] {
        auto called = std::move(sent->handler);
        std::move(called)(std::move(sent->outcome));
      });
    } catch (const std::bad_alloc&) {
      if (sent && !sent->handler) throw;  // the handler's own
    }
    std::this_thread::sleep_for(no_memory_pause);
  }
}

}  // namespace upsun::calls
