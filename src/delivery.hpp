#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>

#include <chrono>
#include <memory>
#include <new>
#include <thread>
#include <type_traits>
#include <utility>

namespace upsun::detail {

/// Keeps both contexts running until an operation's handler was called: the client's, where the operation goes on, and the handler's own.
struct pending_work {
  template <class Handler>
  pending_work(const boost::asio::any_io_executor& own, const Handler& handler)
      : io(boost::asio::prefer(own, boost::asio::execution::outstanding_work.tracked)),
        completion(boost::asio::prefer(boost::asio::get_associated_executor(handler, boost::asio::any_completion_executor(own)),
                                       boost::asio::execution::outstanding_work.tracked)) {
    if (!completion) throw std::bad_alloc();  // any_completion_handler gives none when memory is short
  }

  /// Whether this runs where the handler is to be called.
  [[nodiscard]] bool is_here() const noexcept {
    using tracked =
        std::decay_t<decltype(boost::asio::prefer(std::declval<boost::asio::io_context::executor_type>(), boost::asio::execution::outstanding_work.tracked))>;
    const auto* context = completion.target<tracked>();
    return context != nullptr && context->running_in_this_thread();
  }

  boost::asio::any_io_executor io;
  boost::asio::any_completion_executor completion;
};

/// How long a completion for which another executor has no memory rests before the next try.
inline constexpr std::chrono::milliseconds no_memory_pause{1};

/// Calls the handler on its executor; at once, and without an allocation, when that is an `io_context` that this thread runs. Another executor may need
/// memory. A handler is owed its call, and by no other executor: without memory the thread rests, and tries again.
template <class T>
void deliver(const pending_work& work, boost::asio::any_completion_handler<void(T)>& handler, T&& outcome) {
  if (work.is_here()) return std::move(handler)(std::move(outcome));
  struct parcel {
    boost::asio::any_completion_handler<void(T)> handler;
    T outcome;
  };
  std::shared_ptr<parcel> sent;
  for (;;) {
    try {
      if (!sent) {
        sent = std::make_shared<parcel>(parcel{{}, std::move(outcome)});
        sent->handler.swap(handler);
      }
      return boost::asio::dispatch(work.completion, [sent] {
        auto called = std::move(sent->handler);
        std::move(called)(std::move(sent->outcome));
      });
    } catch (const std::bad_alloc&) {
      if (sent && !sent->handler) throw;  // the handler's own
    }
    std::this_thread::sleep_for(no_memory_pause);
  }
}

}  // namespace upsun::detail
