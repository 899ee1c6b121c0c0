#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <upsun/client_config.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "auth/token_core.hpp"
#include "auth/token_flight.hpp"
#include "http/pool/chain.hpp"
#include "util/deadline_wheel.hpp"

namespace upsun::auth {

/// Gauge first, then counters.
struct token_statistics {
  std::size_t waiting = 0;  ///< Calls that wait for a token.
  std::uint64_t requests =
      0;  ///< Requests for a token: exchanges, refreshes, calls of the user's source.
  std::uint64_t refreshes = 0;  ///< Of these, by refresh token.
  std::uint64_t failures = 0;   ///< Flights without a token at their end.
};

/// Gives one client's calls their access token: drives a `token_core` with time, dice, and a way to
/// ask for tokens.
///
/// Memory: what a wait needs to its end is there when it begins; without memory a flight fails with
/// `errc::out_of_memory`, and a completion that cannot be posted is delivered when the timer,
/// cancelled, wakes.
///
/// Thread safety: every member, from any thread, also under a caller's own lock: nothing is ever
/// called from within, everything is posted.
class token_provider : public std::enable_shared_from_this<token_provider> {
 public:
  using clock = std::chrono::steady_clock;
  using handler = boost::asio::any_completion_handler<void(result<token>)>;

  /// \param flight_timeout how long one flight may take.
  /// \param by_source whether a user's source answers, for which flights get a strand.
  token_provider(boost::asio::any_io_executor executor, issue_function issue,
                 std::chrono::milliseconds flight_timeout, bool by_source);

  /// The token, if it is at hand; begins its renewal when it is time.
  [[nodiscard]] std::optional<token> try_get();
  /// Of the token that a call which begins now will use: the one at hand, or the next.
  [[nodiscard]] std::uint64_t generation() const;
  /// Waits for a token. Completion: exactly once, on the provider's executor, with a token or an
  /// error in `phase::token`: that of the flight; `errc::deadline_exceeded`, with the last flight's
  /// error as the cause; or `errc::cancelled`. Cancellation: any type, ends this wait only. \throws
  /// std::bad_alloc: the handler is not called then.
  void async_get(clock::time_point deadline, handler waiting);
  /// The server refused the token of this generation.
  void invalidate(std::uint64_t generation);
  /// Ends every wait, those to come too, with `errc::cancelled`, and the flight.
  void shutdown() noexcept;
  [[nodiscard]] token_statistics statistics() const;

 private:
  struct waiter : util::deadline_entry {
    std::uint64_t id = 0;
    handler waiting;
    result<token> outcome;
    std::shared_ptr<waiter> next;
  };
  using completions = http::chain<waiter, &waiter::next>;

  void on_answer(std::uint64_t flight, result<issued_token>&& answer);
  void on_timer(std::uint64_t generation);
  void cancel(std::uint64_t id);
  void complete(completions& all) noexcept;
  void deliver_late();

  // Under the lock.
  void begin(token_request wanted, clock::time_point now, completions& done) noexcept;
  void request(token_request wanted);
  void answered(result<issued_token> answer, completions& done) noexcept;
  void take(std::uint64_t id, result<token> outcome, completions& done) noexcept;
  void take_all(const result<token>& outcome, completions& done) noexcept;
  void schedule(util::deadline_entry& entry, clock::time_point due);
  void arm_timer(clock::time_point due);
  void rearm(completions& done) noexcept;
  void ring() noexcept { timer_.cancel(); }

  const boost::asio::any_io_executor executor_;
  const issue_function issue_;
  const std::chrono::milliseconds flight_timeout_;
  const std::optional<token_flight::strand_type> strand_;

  mutable std::mutex mutex_;
  token_core core_;
  util::deadline_wheel wheel_;
  util::deadline_entry flight_entry_;
  clock::time_point flight_deadline_{};
  std::shared_ptr<token_flight> flight_;
  std::uint64_t flight_id_ = 0;
  std::map<std::uint64_t, std::shared_ptr<waiter>> waiters_;  // in the order they came
  completions late_;                                          // not posted for want of memory
  std::uint64_t last_waiter_ = 0;
  boost::asio::steady_timer timer_;
  clock::time_point armed_ = clock::time_point::max();
  std::uint64_t timer_generation_ = 0;
  token_statistics counts_;
  bool closed_ = false;
};

/// A provider for `config`, which has been validated. Null when its credentials never change.
/// \param network to the token endpoint's host.
[[nodiscard]] std::shared_ptr<token_provider> make_token_provider(
    const boost::asio::any_io_executor& executor, const client_config& config,
    const std::shared_ptr<transport>& network);

}  // namespace upsun::auth
