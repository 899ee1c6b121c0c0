#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <upsun/transport.hpp>

#include "config/settings.hpp"
#include "http/http1/connection.hpp"
#include "http/net/context_end.hpp"
#include "http/net/dial.hpp"
#include "http/net/epoll_set.hpp"
#include "http/net/resolver.hpp"
#include "http/pool/chain.hpp"
#include "http/pool/exchange.hpp"
#include "http/pool/open_streams.hpp"
#include "http/pool/pool_core.hpp"
#include "util/deadline_wheel.hpp"
#include "util/origin.hpp"

namespace upsun::http {

/// The transport over a pool of HTTP/1.1 connections to one origin. It drives the pure cores: an
/// event takes the lock, changes `pool_core` and `util::deadline_wheel`, notes what is to be done,
/// lets go of the lock, and does it.
///
/// Memory: what a request needs on its way to its end is reserved when it is admitted. From then on
/// nothing that ends it can fail: an allocation that does is the failure of one dial or one
/// exchange, and a completion that cannot be posted is delivered when the timer, cancelled, wakes.
///
/// Locks: the transport's, then at most the resolver's; a connection's is never held together with
/// it.
class http_transport final : public transport,
                             public ends_with_context,
                             public connection_owner,
                             public dial_owner,
                             public address_watcher,
                             public std::enable_shared_from_this<http_transport> {
 public:
  /// \param lookup how names are looked up.
  http_transport(boost::asio::any_io_executor executor, const config::transport_settings& settings,
                 lookup_function lookup);

  /// Dials the pool's minimum. Once, after construction.
  void warm_up();

  void async_send(http_request request, send_handler handler) override;
  void async_open_stream(http_request request, std::chrono::milliseconds idle_timeout,
                         open_handler handler) override;
  void async_close(std::chrono::milliseconds grace, close_handler handler) override;
  void shutdown() noexcept override;
  [[nodiscard]] pool_statistics statistics() const override;

 private:
  /// Whether a handler may be called from within the present function.
  enum class completion { inline_call, posted };

  struct closing {
    close_handler handler;
    std::shared_ptr<closing> next;
  };

  struct dial_failure {
    io_failure failure;
    phase failed_in;
  };

  /// What is to be done once the lock is let go.
  struct work {
    chain<exchange, &exchange::next> granted;  ///< `exchange::on` to them.
    chain<exchange, &exchange::next> failed;   ///< Of `exchange::why`.
    chain<exchange, &exchange::next_to_abort> to_abort;
    chain<connection, &connection::next_to_close> to_close;
    chain<connection, &connection::next_to_rest> to_rest;
    chain<dial, &dial::next_to_start> to_dial;
    chain<dial, &dial::next_to_abandon> to_abandon;
    chain<closing, &closing::next> closed;
    close_report report;
  };

  void on_finished(connection& from, exchange_outcome&& outcome) override;
  void on_idle_death(connection& from) override;
  void on_dialled(connection_id id, dial_outcome outcome) override;
  void on_addresses_gone() override;

  /// Why `e` was refused, unless it was not.
  [[nodiscard]] std::optional<error> acquire(const exchange_ptr& e, demand want, completion how);
  void settle(connection& from, exchange_outcome&& outcome, completion how);
  void settle_ghost(connection& from, const exchange_outcome& outcome);
  void abort(const exchange_ptr& e, errc reason);
  void end_grace();
  void complete(const exchange_ptr& e, result<http_response>&& outcome, completion how, work& todo);
  void complete_later(exchange_ptr e) noexcept;
  void deliver_late();
  [[nodiscard]] error failure_of(const exchange& e, errc code, std::string_view cause,
                                 phase where) const noexcept;
  [[nodiscard]] error queue_failure(const exchange& e, errc reason) const noexcept;
  [[nodiscard]] std::shared_ptr<connection> make_connection(connection_id id,
                                                            dial_outcome& from) noexcept;
  [[nodiscard]] bool may_replay(const exchange_outcome& outcome) const;

  // Under the lock.
  void collect(work& todo) noexcept;
  bool begin_dial(connection_id id, work& todo) noexcept;
  void fail_dial(connection_id id, dial_failure why) noexcept;
  [[nodiscard]] bool keep(const std::shared_ptr<connection>& made) noexcept;
  void enqueue(const exchange_ptr& e, ticket waiter, time_point now);
  void activate(exchange& e, std::shared_ptr<connection> on, bool reused, bool behind,
                time_point now);
  void release(const connection& from, const exchange_outcome& outcome);
  void end(const exchange_ptr& e, errc reason, work& todo);
  void end_all(errc reason, work& todo);
  void leave(exchange& e, work& todo);
  void begin_close();
  void finish_close(work& todo);
  void retire_if_gone(const connection& one);
  void schedule(util::deadline_entry& entry, time_point due) noexcept;
  void schedule_pool() noexcept;
  void arm_timer(time_point due);
  void ring() noexcept;
  void rearm(work& todo) noexcept;
  void tick_pool(time_point now) noexcept;

  // Without the lock, and only when there is an observer.
  void tell(attempt_event::kind what, const exchange& e, time_point at, const connection* on,
            bool reused = false) const;
  void tell_dialled(connection_id id, const dial_outcome& outcome) const;

  void on_timer(std::uint64_t generation);
  void perform(work& todo);
  void announce(work& todo) noexcept;

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<const dial_target> target_;
  const std::shared_ptr<resolver> names_;
  const std::shared_ptr<open_streams> streams_;  // locked after this
  const std::shared_ptr<epoll_set> watch_;       // of the connections
  const duration acquire_timeout_;
  const duration attempt_timeout_;
  const bool pipelines_;
  const limit_options limits_;
  const bool validators_;
  const std::string constant_head_;
  const std::shared_ptr<observer> observer_;

  mutable std::mutex mutex_;
  pool_core pool_;
  pool_effects effects_;  // reused, so that the hot path does not allocate
  util::deadline_wheel wheel_;
  util::deadline_entry pool_entry_;
  util::deadline_entry close_entry_;
  boost::asio::steady_timer timer_;
  time_point armed_ = time_point::max();
  std::uint64_t timer_generation_ = 0;
  std::unordered_map<connection_id, std::shared_ptr<connection>> connections_;
  std::unordered_map<connection_id, std::shared_ptr<dial>> dials_;
  std::unordered_map<ticket, exchange_ptr> waiters_;
  boost::intrusive::list<exchange> under_way_;
  chain<exchange, &exchange::next> late_;  // ended, and not posted for want of memory
  std::optional<dial_failure> last_dial_;
  bool closing_ = false;
  std::size_t evicted_before_close_ = 0;
  close_report report_;
  chain<closing, &closing::next> close_handlers_;
};

/// \param lookup how names are looked up; empty: by the system.
std::shared_ptr<transport> make_transport(const boost::asio::any_io_executor& executor,
                                          const config::transport_settings& settings,
                                          lookup_function lookup = {});

}  // namespace upsun::http
