#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/http1/connection.hpp"
#include "http/http1/exchange.hpp"
#include "http/net/dial.hpp"
#include "http/net/resolver.hpp"
#include "http/pool/pool_core.hpp"

namespace upsun::http {

/// What the transport does once its lock is released.
struct pool_action {
  enum class kind {
    start,    ///< `dialled`.
    abandon,  ///< `dialled`.
    close,    ///< `on`.
    trim,     ///< `on`.
    begin,    ///< `request`, on `on`.
    abort,    ///< `request`, on `on`.
    fail,     ///< `request`, of `why`.
  } what;
  std::shared_ptr<dial> dialled{};
  std::shared_ptr<connection> on{};
  exchange_ptr request{};
  bool reused = false;
  error why{};
};
using pool_actions = std::vector<pool_action>;

/// The connections, dials and waiting exchanges behind the numbers of `pool_core`. Each event
/// changes the core; `apply` then turns the core's effects into actions. Guarded by the transport's
/// lock.
class pool_driver {
 public:
  struct dial_failure {
    io_failure failure;
    phase failed_in = phase::connect;
  };
  struct lease_result {
    acquired::kind what;
    std::shared_ptr<connection> on{};  ///< When it is leased.
    bool reused = false;
  };
  /// What a waiter that is about to fail has been waiting for.
  struct blocker {
    phase in;
    std::string cause;
  };

  pool_driver(const pool_limits& limits, std::shared_ptr<const dial_target> target,
              std::shared_ptr<resolver> names);

  /// How to make a dial. Once, before the first event.
  void dial_by(std::function<std::shared_ptr<dial>(connection_id)> make) {
    make_dial_ = std::move(make);
  }

  // Events.
  void warm_up(time_point now) { core_.warm_up(now, effects_); }
  /// A result of `queued` keeps `e` until it is granted or failed, or `cancel` removes it.
  /// \throws std::bad_alloc: `e` does not wait. To be followed by `fail_unstarted`.
  [[nodiscard]] lease_result lease(const exchange_ptr& e, demand want, time_point now);
  void cancel(const exchange& waiting, bool timed_out);
  void release(const connection& from, const exchange_outcome& outcome);
  /// \param made null when the dial failed, which `failure` explains. False when the dial was
  /// abandoned: the caller closes the connection.
  [[nodiscard]] bool dialled(connection_id id, const std::shared_ptr<connection>& made,
                             dial_failure failure);
  /// Does nothing for a connection that is not idle (any more).
  void died(const connection& idle);
  /// The resolver no longer has some addresses: retires the connections to them.
  void addresses_gone();
  void tick(time_point now) { core_.tick(now, effects_); }
  void begin_drain() noexcept { core_.begin_drain(); }
  void close() { core_.close(effects_); }

  /// Appends to `todo` what the events since the last time came to. A request to fail does so of
  /// `last_failure`.
  void apply(pool_actions& todo);
  /// After an exception: the dials that `todo` still has to start, and those that it lacks, have
  /// failed.
  void fail_unstarted(const pool_actions& todo);

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept {
    return core_.next_deadline();
  }
  [[nodiscard]] pool_statistics statistics() const { return core_.statistics(); }
  [[nodiscard]] const dial_failure& last_failure() const { return *last_failure_; }
  [[nodiscard]] blocker blocked_by() const;

 private:
  void fail_dial(connection_id id, dial_failure why);
  void retire_if_gone(const connection& one);

  const std::shared_ptr<const dial_target> target_;
  const std::shared_ptr<resolver> names_;
  std::function<std::shared_ptr<dial>(connection_id)> make_dial_;
  pool_core core_;
  pool_effects effects_;     // a member, so that the hot path does not allocate
  std::size_t applied_ = 0;  // so many of them
  std::unordered_map<connection_id, std::shared_ptr<connection>> connections_;
  std::unordered_map<connection_id, std::shared_ptr<dial>> dials_;
  std::unordered_map<ticket, exchange_ptr> waiters_;
  std::optional<dial_failure> last_failure_;
};

}  // namespace upsun::http
