#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

namespace upsun::calls {

/// A queue into a coroutine: any thread puts in, the coroutine waits and takes out everything that
/// has come, at the price of one wake-up. It waits on a timer, which the execution context owns, so
/// that a suspended coroutine is destroyed with its context.
template <class T>
class inbox {
 public:
  using clock = std::chrono::steady_clock;

  explicit inbox(const boost::asio::any_io_executor& executor)
      : wake_(executor, clock::time_point::max()) {}

  /// Any thread.
  void push(T one) {
    const std::scoped_lock lock(mutex_);
    arrived_.push_back(std::move(one));
    if (arrived_.size() == 1) wake_.cancel();
  }

  /// Waits until something has come, or `latest`, or the coroutine is cancelled.
  [[nodiscard]] boost::asio::awaitable<void> wait(
      clock::time_point latest = clock::time_point::max()) {
    const auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    co_await boost::asio::async_initiate<decltype(token), void(boost::system::error_code)>(
        [this, latest](auto handler) {
          const std::scoped_lock lock(mutex_);  // so that no push is missed
          wake_.expires_at(arrived_.empty() ? latest : clock::time_point::min());
          wake_.async_wait(std::move(handler));
        },
        token);
  }

  /// What has come, in its order. The vectors are swapped, so that their memory is used again.
  void take(std::vector<T>& into) {
    into.clear();
    const std::scoped_lock lock(mutex_);
    into.swap(arrived_);
  }

 private:
  std::mutex mutex_;
  std::vector<T> arrived_;
  boost::asio::steady_timer wake_;
};

}  // namespace upsun::calls
