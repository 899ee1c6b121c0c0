#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <upsun/transport.hpp>

#include "http/exchange/connection.hpp"
#include "http/exchange/exchange.hpp"
#include "http/net/dial.hpp"
#include "http/net/resolver.hpp"
#include "http/pool/deadlines.hpp"
#include "http/pool/pool_core.hpp"
#include "util/suspension_watch.hpp"

namespace upsun::http {

struct pool_action {
  enum class kind {
    close,     ///< `on`.
    trim,      ///< `on`.
    abandon,   ///< `dialled`.
    begin,     ///< `request`, on `on`.
    abort,     ///< `request`, on `on`.
    probe,     ///< `on`.
    complete,  ///< `request`, with `response`, or with `why` when that is null.
  } what;
  std::shared_ptr<connection> on{};
  std::shared_ptr<dial> dialled{};
  exchange_ptr request{};
  error why{};
  std::unique_ptr<http_response> response{};
};

/// What an event leads to, which the transport performs once its lock is released.
struct pool_actions {
  std::vector<pool_action> list;
  bool drained = false;  ///< The transport closes, and nothing is under way any more.
  std::vector<transport::close_handler> closed;
  close_report report;
};

/// What stands behind the numbers of `pool_core`: the connections and dials, the requests under way
/// with their stages and deadlines, and the close that waits for them. Each event changes the core;
/// `apply` then turns the core's effects into actions. Guarded by the transport's lock.
class pool_driver {
 public:
  struct dial_failure {
    io_failure failure;
    phase failed_in = phase::connect;
  };
  using dial_maker = std::function<std::shared_ptr<dial>(connection_id)>;

  pool_driver(const boost::asio::any_io_executor& executor, const pool_limits& limits,
              duration acquire_timeout, std::shared_ptr<const dial_target> target,
              std::shared_ptr<resolver> names);

  /// Begins to dial the minimum. Once, before any other event. \param make makes a dial. \param due
  /// is called, without the lock, when `expire` has something to do.
  void start(dial_maker make, std::function<void()> due);

  /// Gives `e` a connection, which is returned; or queues it, or fails it. After an exception `e`
  /// is forgotten.
  [[nodiscard]] std::shared_ptr<connection> acquire(const exchange_ptr& e, pool_actions& todo);
  /// Forgets `e` after an exception: it is on no connection, and is not completed.
  void take_back(exchange& e, pool_actions& todo);
  /// An exchange ended on `from`. \param again it is to acquire another connection
  void release(connection& from, const exchange_outcome& outcome, bool again, pool_actions& todo);
  /// The head of `e`'s response was handed on. What is left may take for ever: it has no deadline
  /// any more, and no close waits for it.
  void streams(exchange& e, pool_actions& todo);
  /// Ends `e` wherever it is, unless it has ended.
  void end(const exchange_ptr& e, errc reason, pool_actions& todo);
  void end_all(errc reason, pool_actions& todo);

  /// \param made null when the dial failed, which `failure` explains. Closed when the dial was
  /// abandoned.
  void dialled(connection_id id, const std::shared_ptr<connection>& made,
               const stream_capacity& capacity, dial_failure failure, pool_actions& todo);
  /// How many exchanges the connection carries at once has changed; zero: it takes no more.
  void capacity_changed(connection& of, const stream_capacity& capacity);
  /// Does nothing for a connection that is not idle (any more).
  void died(const connection& idle);
  /// The host is to be spoken to in HTTP/1.1: retires the connections that speak HTTP/2.
  void retire_http2();
  /// The resolver no longer has some addresses: retires the connections to them.
  void addresses_gone();
  /// Ends the requests whose time is up, and does what the pool has to do by now.
  void expire(pool_actions& todo);

  /// In a forked child: its copies of the connections, leased ones too, and of the sockets that are
  /// being dialled are closed, and no timer is set any more.
  void disown(pool_actions& todo);
  /// Admits no more; ends those that are not done after `grace`.
  void close(std::chrono::milliseconds grace, transport::close_handler handler, pool_actions& todo);
  /// The same at once, for nobody.
  void shut_down(pool_actions& todo);

  /// After each event: appends to `todo` what is left to do without the lock.
  void apply(pool_actions& todo);

  [[nodiscard]] pool_statistics statistics() const { return core_.statistics(); }

 private:
  [[nodiscard]] std::shared_ptr<connection> lease_or_queue(const exchange_ptr& e,
                                                           pool_actions& todo);
  void activate(exchange& e, std::shared_ptr<connection> on, bool reused, time_point now);
  void end_streams(errc reason, pool_actions& todo);
  void withdraw(const exchange& waiting, bool timed_out);
  void leave(exchange& e, pool_actions& todo);
  void refuse(const exchange_ptr& e, errc code, std::string cause, phase in, pool_actions& todo);
  void begin_close();
  void end_close(pool_actions& todo);
  void start_dial(connection_id id);
  void fail_dial(connection_id id, dial_failure why);
  void fail_unstarted_dials();
  void look_for_silence(time_point now, pool_actions& todo);
  void retire_if_gone(const connection& one);
  [[nodiscard]] std::pair<phase, std::string> blocked_by() const;

  const duration acquire_timeout_;
  const bool probes_;
  util::suspension_watch suspensions_;
  const std::shared_ptr<const dial_target> target_;
  const std::shared_ptr<resolver> names_;
  dial_maker make_dial_;
  pool_core core_;
  pool_effects effects_;     // a member, so that the hot path does not allocate
  std::size_t applied_ = 0;  // so many of them
  std::unordered_map<connection_id, std::shared_ptr<connection>> connections_;
  std::unordered_map<connection_id, std::shared_ptr<dial>> dials_;
  std::unordered_map<ticket, exchange_ptr> waiters_;
  std::optional<dial_failure> last_failure_;

  boost::intrusive::list<exchange> under_way_;  // but for those that stream
  boost::intrusive::list<exchange> streaming_;
  deadlines deadlines_;
  util::deadline_entry pool_entry_;   // the core's next deadline
  util::deadline_entry probe_entry_;  // when to look for servers that are silent
  util::deadline_entry close_entry_;  // the end of the grace
  bool closing_ = false;
  std::size_t evicted_before_close_ = 0;
  close_report report_;
  std::vector<transport::close_handler> close_handlers_;
};

}  // namespace upsun::http
