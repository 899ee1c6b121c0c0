#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <upsun/transport.hpp>

#include "http/http1/connection.hpp"
#include "http/http1/exchange.hpp"
#include "http/pool/deadlines.hpp"
#include "http/pool/pool_driver.hpp"

namespace upsun::http {

/// What one event of a transport leads to.
struct transport_actions {
  pool_actions list;
  bool drained = false;  ///< The transport closes, and nothing is under way any more.
  std::vector<transport::close_handler> closed;
  close_report report;
};

/// The requests that a transport has admitted: their stages, their deadlines, and the close that
/// waits for them. Guarded by the transport's lock.
class requests_under_way {
 public:
  /// \param pool whose lock is the same, and which outlives this.
  requests_under_way(const boost::asio::any_io_executor& executor, pool_driver& pool,
                     duration acquire_timeout)
      : pool_(pool), acquire_timeout_(acquire_timeout), deadlines_(executor) {}

  /// `due` is called, without the lock, when `expire` has something to do. Once.
  void call(std::function<void()> due) { deadlines_.call(std::move(due)); }

  [[nodiscard]] bool closing() const noexcept { return closing_; }

  void admit(exchange& e);
  /// Gives `e` a connection, or queues it, or says why neither. \throws std::bad_alloc: `e` has
  /// neither.
  [[nodiscard]] pool_driver::lease_result acquire(const exchange_ptr& e, demand want,
                                                  time_point now);
  /// `e` lost its connection, and is to acquire another.
  void move(exchange& e);
  /// `e` is done.
  void leave(exchange& e, transport_actions& todo);
  /// Ends `e` wherever it is, unless it has ended.
  void end(const exchange_ptr& e, errc reason, transport_actions& todo);
  void end_all(errc reason, transport_actions& todo);
  /// Ends those whose time is up, and does what the pool has to do by now.
  void expire(time_point now, transport_actions& todo);

  /// Admits no more; ends those that are not done after `grace`.
  void close(std::chrono::milliseconds grace, transport::close_handler handler,
             transport_actions& todo);
  /// The same at once, for nobody.
  void shut_down(transport_actions& todo);

  /// After each event: adds what it led to in the pool.
  void apply(transport_actions& todo);

 private:
  void activate(exchange& e, std::shared_ptr<connection> on, bool reused, time_point now);
  void begin_close();
  void end_close(transport_actions& todo);

  pool_driver& pool_;
  const duration acquire_timeout_;
  deadlines deadlines_;
  util::deadline_entry pool_entry_;
  util::deadline_entry close_entry_;
  boost::intrusive::list<exchange> all_;
  bool closing_ = false;
  std::size_t evicted_before_close_ = 0;
  close_report report_;
  std::vector<transport::close_handler> close_handlers_;
};

}  // namespace upsun::http
