#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <mutex>
#include <string>

#include <upsun/transport.hpp>

#include "config/settings.hpp"
#include "http/exchange/connection.hpp"
#include "http/exchange/exchange.hpp"
#include "http/exchange/pooled_body.hpp"
#include "http/http1/body_stream.hpp"
#include "http/net/context_end.hpp"
#include "http/net/dial.hpp"
#include "http/net/readiness.hpp"
#include "http/net/resolver.hpp"
#include "http/pool/attempt_events.hpp"
#include "http/pool/pool_driver.hpp"
#include "util/origin.hpp"

namespace upsun::http {

/// The transport over a pool of connections to one origin.
///
/// Every event takes the lock, changes the `pool_driver`, which notes what is to be done, releases
/// the lock, and does it. The lock is taken before the resolver's and the streams'; a connection's
/// is never held together with it.
class http_transport final : public transport,
                             public ends_with_context,
                             public connection_owner,
                             public std::enable_shared_from_this<http_transport> {
 public:
  /// \param lookup how names are looked up.
  http_transport(boost::asio::any_io_executor executor, const config::transport_settings& settings,
                 lookup_function lookup);

  /// Dials the pool's minimum. Once, after construction, before anything else.
  void start();

  void async_send(http_request request, send_handler handler) override;
  void async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                         open_handler handler) override;
  void async_close(std::chrono::milliseconds grace, close_handler handler) override;
  void shutdown() noexcept override;
  void end_here() noexcept override;
  [[nodiscard]] pool_statistics statistics() const override;

 private:
  /// Whether a handler may be called from within the present function.
  enum class completion { inline_call, posted };

  // Events.
  void on_finished(connection& from, exchange_outcome&& outcome) override;
  void on_idle_death(connection& from) override;
  void on_capacity(connection& from, const stream_capacity& capacity) override;
  void on_dialled(connection_id id, dial_outcome outcome);
  void on_addresses_gone();
  void on_deadlines();

  /// Does `change` under the lock, and then what it led to.
  template <class Change>
  void update(Change change);
  [[nodiscard]] exchange_ptr make_exchange(http_request&& request, bool observed);
  void acquire(const exchange_ptr& e, completion how);
  void begin(const exchange_ptr& e, connection& on, completion how);
  void settle(connection& from, exchange_outcome&& outcome, completion how);
  void hand_on_head(exchange_outcome&& outcome);
  void judge_http2(const exchange_outcome& outcome);
  [[nodiscard]] bool may_stream_in_pool() const;
  [[nodiscard]] std::shared_ptr<body_stream> make_stream(std::chrono::milliseconds idle_timeout);
  void stream_in_pool(http_request&& request, std::chrono::milliseconds idle_timeout,
                      open_handler handler);
  void stream_alone(const exchange_ptr& e, connection& from);
  void end_stream(const exchange_ptr& e, errc why);
  void give_back(const exchange_ptr& e, std::size_t bytes);
  [[nodiscard]] std::shared_ptr<connection> make_connection(connection_id id,
                                                            util::unique_fd socket,
                                                            dial_outcome& from);
  [[nodiscard]] std::shared_ptr<connection> establish(connection_id id, dial_outcome& from);
  void perform(pool_actions& todo);
  void disown();

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<const dial_target> target_;
  const std::shared_ptr<resolver> names_;
  const std::shared_ptr<open_streams> streams_;
  const std::shared_ptr<readiness> watch_;  // of the connections
  const duration attempt_timeout_;
  const limit_options limits_;
  const http_options http_;
  const bool may_be_http2_;
  const bool validators_;
  const std::string constant_head_;
  const std::string constant_head_coded_;  // of requests that allow a compressed response
  const attempt_events events_;

  mutable std::mutex mutex_;
  enum class spoken { unknown, http1, http2 } spoken_ = spoken::unknown;  // by the last connection
  time_point http1_until_{};     // as if the server offered nothing else
  unsigned http2_failures_ = 0;  // connections in a row that broke the rules
  pool_driver pool_;
};

/// \param lookup how names are looked up; empty: by the system.
std::shared_ptr<transport> make_transport(const boost::asio::any_io_executor& executor,
                                          const config::transport_settings& settings,
                                          lookup_function lookup = {});

}  // namespace upsun::http
