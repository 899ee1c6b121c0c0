#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/transport.hpp>

#include "http/net/clock.hpp"

namespace upsun::http {

/// Who waits for the head and for the next piece of a streamed response, and what has arrived for
/// them. Handlers are posted. Guarded by the lock of the stream that it belongs to.
class body_reader {
 public:
  explicit body_reader(const boost::asio::any_io_executor& executor)
      : executor_(executor), timer_(executor) {}

  /// `handler` waits for the head. Once.
  void open(transport::open_handler& handler) { opener_.swap(handler); }
  /// Somebody waits for the head.
  [[nodiscard]] bool opening() const noexcept { return static_cast<bool>(opener_); }
  /// He waits no more.
  [[nodiscard]] transport::open_handler take_opener();
  /// The head is here, or will never be: completes who waits for it.
  void opened(result<streamed_response> outcome);

  /// `handler` waits for a piece.
  void ask(response_stream::read_handler& handler) { reader_.swap(handler); }
  /// Somebody waits for a piece.
  [[nodiscard]] bool waits() const noexcept { return static_cast<bool>(reader_); }
  /// Completes the read under way as cancelled. False: there is none.
  bool cancel();

  void add(std::string_view bytes) { arrived_ += bytes; }
  /// No more comes: the body is complete.
  void end() noexcept { complete_ = true; }
  /// No more comes, for `why`; completes who waits for the head. The first reason counts.
  void fail(error why);
  [[nodiscard]] bool is_over() const noexcept { return complete_ || failure_; }
  [[nodiscard]] const std::optional<error>& failure() const noexcept { return failure_; }

  /// Completes the read that waits with what has arrived. \return how many bytes that was
  std::size_t serve();

  /// Calls `due`, without the lock, at `at`, with a number for `is_due`.
  void set_timer(time_point at, std::function<void(std::uint64_t)> due);
  void stop_timer();
  /// Under the lock: the timer of that number was not stopped meanwhile.
  [[nodiscard]] bool is_due(std::uint64_t number) const noexcept { return number == timer_number_; }

 private:
  template <class Handler, class Outcome>
  void complete(Handler& handler, Outcome outcome);

  const boost::asio::any_io_executor executor_;
  transport::open_handler opener_;
  response_stream::read_handler reader_;
  std::string arrived_;  // and not asked for yet
  bool complete_ = false;
  std::optional<error> failure_;
  boost::asio::steady_timer timer_;
  std::uint64_t timer_number_ = 0;
};

}  // namespace upsun::http
