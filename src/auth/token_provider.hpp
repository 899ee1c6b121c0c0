#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <upsun/transport.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "auth/token_core.hpp"
#include "auth/token_request.hpp"
#include "config/settings.hpp"

namespace upsun::auth {

/// Gauge first, then counters.
struct token_statistics {
  std::size_t waiting = 0;      ///< Calls that wait for a token.
  std::uint64_t requests = 0;   ///< To the token endpoint, or to the user's source.
  std::uint64_t refreshes = 0;  ///< Of these, by refresh token.
  std::uint64_t failures = 0;   ///< Refreshes that ended without a token.
};

/// Gives one client's calls their access token: drives a `token_core` with time, dice, and a way to
/// request tokens.
///
/// Thread safety: every member, from any thread, also under a lock that the caller's handlers take:
/// no handler is called from within a member, all are posted.
class token_provider : public std::enable_shared_from_this<token_provider> {
 public:
  using clock = std::chrono::steady_clock;
  using handler = boost::asio::any_completion_handler<void(result<token>)>;

  /// \param refresh_timeout bounds one refresh, whatever the deadlines of the calls.
  token_provider(boost::asio::any_io_executor executor, start_function start,
                 std::chrono::milliseconds refresh_timeout);

  /// The token, if there is a valid one; begins its renewal when it is time.
  [[nodiscard]] std::optional<token> try_get();
  /// Of the token that a call which begins now will use: the present one, or the next.
  [[nodiscard]] std::uint64_t generation() const;
  /// Waits for a token. Completion: exactly once, on the provider's executor, with a token or an
  /// error in `phase::token`: that of the refresh; `errc::deadline_exceeded`, with the last
  /// refresh's error as the cause; or `errc::cancelled`. Cancellation: any type, ends this wait
  /// only. \throws std::bad_alloc: nothing waits then.
  void async_get(clock::time_point deadline, handler waiting);
  /// The server refused the token of this generation.
  void invalidate(std::uint64_t generation);
  /// Completes every wait, later ones too, with `errc::cancelled`, and cancels the refresh.
  void shutdown();
  [[nodiscard]] token_statistics statistics() const;

 private:
  struct waiter {
    handler waiting;
    boost::asio::steady_timer deadline;
  };
  using waiter_map = std::map<std::uint64_t, waiter>;  // in the order they came
  struct completions {
    waiter_map waiters;
    result<token> outcome;
  };

  void on_response(std::uint64_t request, result<issued_token>&& response);
  void on_timeout();
  void end_wait(std::uint64_t id, errc why);
  void complete(handler waiting, result<token> outcome);
  void complete(completions all);

  // Under the lock.
  [[nodiscard]] token_lookup::kind look_up();
  void begin_refresh(token_grant grant);
  void send(token_grant grant);
  [[nodiscard]] completions settle(result<issued_token> response);

  const boost::asio::any_io_executor executor_;
  const token_request::strand_type strand_;
  const start_function start_;
  const std::chrono::milliseconds refresh_timeout_;

  mutable std::mutex mutex_;
  token_core core_;
  std::shared_ptr<token_request> request_;  // null: no refresh is under way
  std::uint64_t request_id_ = 0;
  boost::asio::steady_timer timer_;  // of the refresh
  waiter_map waiters_;
  std::uint64_t last_waiter_ = 0;
  token_statistics counts_;
  bool closed_ = false;
};

/// \param network to `settings.server`; unused with a user's source.
[[nodiscard]] std::shared_ptr<token_provider> make_token_provider(
    const boost::asio::any_io_executor& executor, const config::auth_settings& settings,
    const std::shared_ptr<transport>& network);

}  // namespace upsun::auth
