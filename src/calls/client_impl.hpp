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
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "auth/token_provider.hpp"
#include "calls/operation_under_way.hpp"
#include "config/settings.hpp"
#include "http/net/context_end.hpp"
#include "observe/call_counters.hpp"
#include "retry/hedge_core.hpp"
#include "retry/retry_core.hpp"
#include "util/process_mark.hpp"

namespace upsun::transports {
class caching_transport;
}

namespace upsun::calls {

/// What the calls of one client share: the settings, the floors below, the retry budget, and who is
/// under way.
///
/// Locks: an operation's, then this one, then none; the floors below are called with neither held.
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
  std::shared_ptr<transports::caching_transport>
      caching;  ///< The same as `network` when calls may share; else null.

  observe::call_counters counters;
  std::string server_address;  ///< For observers.
  std::uint16_t server_port = 0;

  /// Lists an operation that begins, unless the client is closed. `hedge`: null for what is never
  /// hedged. By `operation_under_way` only, as `leave`.
  [[nodiscard]] std::optional<admission> admit(operation_under_way& operation,
                                               const hedge_options* hedge, clock::time_point now);
  void leave(operation_under_way& operation) noexcept;
  /// A call's attempt failed.
  [[nodiscard]] retry::decision decide(const retry::attempt_outcome& outcome, const error& failure,
                                       retry::call_state& call, const retry_options& options,
                                       clock::time_point deadline);
  /// How long a new attempt of a call that has `left` has to wait because the host asked for a
  /// pause, spread by chance.
  [[nodiscard]] std::chrono::nanoseconds pause(clock::time_point now,
                                               std::chrono::nanoseconds left);
  [[nodiscard]] bool may_hedge();
  /// A call's attempt succeeded; `latency` when it counts for hedging.
  void attempt_succeeded(retry::call_state& call, std::optional<std::chrono::nanoseconds> latency);

  /// The `Authorization` of a request that has this token, if any.
  [[nodiscard]] const std::string& authorization(const auth::token& token) const noexcept {
    return token.authorization ? *token.authorization : config.network.authorization.reveal();
  }

  void async_close(std::chrono::milliseconds grace, close_handler handler);
  /// The client was destroyed. In a forked child its operations are the parent's.
  void shutdown() noexcept;
  void end_here() noexcept override;
  [[nodiscard]] client_statistics statistics() const;

 private:
  void set_grace(clock::time_point over);
  void cancel_operations();
  void close_network();
  void network_closed(const close_report& closed);
  void complete_close();

  const util::process_mark made_in_;
  mutable std::mutex mutex_;
  retry::retry_core retries_;
  retry::hedge_core hedges_;
  boost::intrusive::list<operation_under_way> under_way_;
  std::optional<boost::asio::any_io_executor>
      busy_;                      // keeps the context running while calls are under way
  bool closing_ = false;          // no more calls
  bool network_closing_ = false;  // no more attempts
  std::size_t networks_open_ = 0;
  close_report report_;
  std::vector<close_handler> close_handlers_;
  std::optional<boost::asio::steady_timer> grace_;
};

}  // namespace upsun::calls
