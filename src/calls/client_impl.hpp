#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <upsun/client.hpp>
#include <upsun/codec_options.hpp>
#include <upsun/transport.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "auth/token_provider.hpp"
#include "config/settings.hpp"
#include "http/net/context_end.hpp"
#include "observe/call_counters.hpp"
#include "retry/hedge_core.hpp"
#include "retry/retry_core.hpp"

namespace upsun::transports {
class hub;
}

namespace upsun::calls {

/// A call as its client knows it while it is under way.
class call_under_way : public boost::intrusive::list_base_hook<> {
 public:
  /// Cancels it because the client ends.
  virtual void end() = 0;
  [[nodiscard]] virtual bool ended_by_client() const noexcept = 0;
  /// Null when it is being destroyed.
  [[nodiscard]] virtual std::shared_ptr<call_under_way> lock() noexcept = 0;

  bool inner = false;  ///< It is a part of other calls, which a close counts in its place.
  unsigned sweep = 0;  ///< The client's: the last of its sweeps over all calls that met this one.

 protected:
  ~call_under_way() = default;
};

/// What the calls of one client share: the settings, the floors below, the retry budget, and who is
/// under way.
///
/// Locks: a call's, then this one, then none; the floors below are called with neither held.
class client_impl final : public http::ends_with_context,
                          public std::enable_shared_from_this<client_impl> {
 public:
  using clock = std::chrono::steady_clock;
  using close_handler = boost::asio::any_completion_handler<void(close_report)>;

  client_impl(boost::asio::any_io_executor io, upsun::config::client_settings settings);
  /// Lets the end of the executor's context end the client. Once, after construction.
  void watch_context();

  // Constant.
  boost::asio::any_io_executor executor;
  upsun::config::client_settings config;
  std::string prefix;
  std::size_t request_room =
      0;  ///< About what the transport adds to a request's target, so that one block holds both.
  decode_options decoding;
  std::shared_ptr<upsun::transport> network;
  std::shared_ptr<upsun::transport>
      auth_network;  ///< Null unless tokens are exchanged over connections of their own.
  std::shared_ptr<auth::token_provider> tokens;  ///< Null when the credentials never change.
  std::shared_ptr<transports::hub> sharing;      ///< Null when calls share nothing.

  observe::call_counters counters;
  std::string server_address;  ///< For observers.
  std::uint16_t server_port = 0;

  struct admission {
    std::chrono::nanoseconds paused_for{};  ///< How long the host asked not to be called.
    std::optional<std::chrono::nanoseconds>
        hedge_after{};  ///< When to ask for a second request beside the first.
  };
  /// Counts the call in, unless the client is closed. `hedge`: null for calls that are never
  /// hedged.
  [[nodiscard]] std::optional<admission> admit(call_under_way& call, const hedge_options* hedge,
                                               clock::time_point now);
  /// A call's attempt failed.
  [[nodiscard]] retry::decision decide(const retry::attempt_outcome& outcome, const error& failure,
                                       retry::call_state& call, const retry_options& options,
                                       clock::time_point deadline);
  /// How long a new attempt of a call that has `left` has to wait because the host asked for a
  /// pause, spread by chance.
  [[nodiscard]] std::chrono::nanoseconds pause(clock::time_point now,
                                               std::chrono::nanoseconds left);
  [[nodiscard]] bool may_hedge();
  /// A call was answered; `latency` when it counts for hedging.
  void answered(retry::call_state& call, std::optional<std::chrono::nanoseconds> latency);
  /// Counts the call out. After its handler was called, so that a close completes last.
  void leave(call_under_way& call) noexcept;

  void async_close(std::chrono::milliseconds grace, close_handler handler);
  void shutdown() noexcept override;
  [[nodiscard]] client_statistics statistics() const;

 private:
  void set_grace(clock::time_point over);
  void end_calls() noexcept;
  void close_network() noexcept;
  void network_closed(const close_report& closed);
  void complete_close();
  void complete_close_later() noexcept;

  mutable std::mutex mutex_;
  retry::retry_core retries_;
  retry::hedge_core hedges_;
  boost::intrusive::list<call_under_way> under_way_;
  std::optional<boost::asio::any_io_executor>
      busy_;  // keeps the context running while calls are under way
  unsigned sweep_ = 0;
  bool closing_ = false;          // no more calls
  bool network_closing_ = false;  // no more attempts
  std::size_t networks_open_ = 0;
  close_report report_;
  std::list<close_handler> close_handlers_;
  std::list<close_handler> closed_;  // to be told of `closed_report_`
  close_report closed_report_;
  std::optional<boost::asio::steady_timer> grace_;
};

}  // namespace upsun::calls
