#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <upsun/observer.hpp>

#include "util/slot_list.hpp"

// The pool's bookkeeping, without sockets, clocks, threads or callbacks: an event goes in, effects
// come out. The driver (http_transport.cpp) calls it under its lock, and performs the effects after
// it has let go of the lock.

namespace upsun::http {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

enum class connection_id : std::uint64_t {
};  ///< A dial, and the connection it becomes. Never zero, never used again.
enum class ticket : std::uint64_t {};  ///< A waiter in the queue. Never zero, never used again.

struct pool_limits {
  std::size_t max_connections = 64;
  std::size_t max_waiters = 4096;  ///< Those that neither a dial in flight nor room for one covers.
  std::size_t min_connections = 0;
  duration idle_timeout = std::chrono::seconds(55);
  duration max_lifetime = std::chrono::minutes(10);  ///< Zero: none.
  duration rest_after{};  ///< How long a connection is idle before it rests. Zero: it never does.
  std::size_t pipeline_depth = 1;  ///< Leases of one connection at once.
};

/// How long the pool holds still, after a failed dial or a warm-up, before it tries again to reach
/// its minimum.
inline constexpr duration warm_up_pause = std::chrono::seconds(1);
/// How much sooner than the server's `Keep-Alive: timeout` an idle connection is closed: the
/// request must not cross the server's close on the way.
inline constexpr std::chrono::seconds keep_alive_margin{2};

/// What a lease is wanted for.
enum class demand {
  shared,  ///< Any connection; within `pipeline_depth` also a busy one, behind others, when no
           ///< other is left.
  alone,   ///< A connection that nobody else has meanwhile.
  moved,   ///< The same, for a request that lost its place in a pipeline. It was admitted already:
           ///< stands before the others, not counted in `max_waiters`.
  fresh,   ///< A newly dialled connection, for a request whose kept-alive one was stale, since an
           ///< idle one may be as stale. Admitted already, before all others.
};

/// What the driver does after an event, in this order.
struct pool_effect {
  enum class kind {
    dial,   ///< Start a dial and name it `connection`.
    grant,  ///< Give `connection` to the waiter `waiter`; `reused` says whether it had been leased
            ///< before.
    fail,   ///< Tell the waiter `waiter` that its dial failed (the driver has the error), or that
            ///< the pool is closed.
    close,  ///< Close `connection`; it is forgotten already.
    abandon,  ///< Cancel the dial `connection`; it is forgotten already.
    rest,     ///< `connection` has been idle for some time: free what it can do without.
  } what;
  connection_id connection{};
  ticket waiter{};
  bool reused = false;
  bool behind = false;  ///< The grant is of a place behind others.
};
using pool_effects = std::vector<pool_effect>;

/// The answer to `acquire`.
struct acquired {
  enum class kind {
    leased,      ///< `connection` is the caller's until it is released.
    queued,      ///< A `grant` or `fail` effect for `waiter` comes, unless it is cancelled first.
    queue_full,  ///< Too many wait.
    closed,      ///< The pool drains or is closed.
  } what;
  connection_id connection{};
  bool reused = false;
  bool behind = false;  ///< Others have the connection too, and come before.
  ticket waiter{};
};

enum class release_verdict {
  reusable,      ///< Complete, nothing left over, keep-alive allowed.
  not_reusable,  ///< The response ended the connection.
  failed,        ///< The exchange failed or was cancelled.
  untouched,     ///< Nothing of it was sent: the connection is as it was.
  abandoned,  ///< Nobody wants the answer, which is still to be read: the lease lasts until it is
              ///< released again.
};

/// Which connections exist, who holds them, and who waits. Effects are appended to `out`; an event
/// that finds an idle connection or returns one to the idle adds none and does not allocate.
///
/// Idle connections are leased last in, first out; waiters are served first in, first out. A dial
/// belongs to nobody: what comes of it goes to whoever waits longest.
///
/// A connection that has answered once may be leased up to `pipeline_depth` times at once, but only
/// to requests that may share, and only while there is no idle connection, none can be dialled, and
/// every dial in flight has its waiter: the one with the fewest leases takes the next. The queue
/// stays first in, first out: while its first waiter wants a connection alone, or a fresh one is
/// not covered by a dial, nothing is shared, so that connections empty for them. When a connection
/// ends, all its leases end: the first release that says so closes it, the others find it gone.
///
/// When a dial fails, a waiter is told only if no live connection can serve it: the oldest fresh
/// one, or, with nothing leased, the oldest of all. While something is leased and the last dial
/// failed, one dial at a time probes: live connections serve the queue meanwhile, and a failing
/// server is not hammered.
class pool_core {
 public:
  explicit pool_core(const pool_limits& limits)
      : limits_(limits), sharing_(limits.pipeline_depth > 1 ? limits.pipeline_depth : 0) {}

  /// Makes room for one more waiter and all that may come of those there are: until the next
  /// `acquire` or `tick` no event allocates.
  void reserve(pool_effects& out);
  [[nodiscard]] acquired acquire(time_point now, demand want, pool_effects& out);
  /// \param keep_alive the server's `Keep-Alive: timeout`, if it sent one.
  void release(connection_id id, time_point now, release_verdict verdict,
               std::optional<std::chrono::seconds> keep_alive, pool_effects& out);
  /// False when `waiter` no longer waits: it was granted, failed or cancelled before.
  bool cancel_waiter(ticket waiter, bool timed_out, time_point now);

  /// \param jitter from 0 to 1: which part of the 10 % is taken off the lifetime. False when the
  /// dial was abandoned: the driver closes what came of it.
  bool dial_succeeded(connection_id id, time_point now, double jitter, pool_effects& out);
  void dial_failed(connection_id id, time_point now, pool_effects& out);
  /// The driver found an idle connection dead, and has closed it. False when it is not idle (any
  /// more).
  bool connection_dead(connection_id id, time_point now, pool_effects& out);
  /// The host no longer has the address of `connection`: closes it, at once when it is idle, when
  /// it comes back when it is leased.
  void retire(connection_id id, time_point now, pool_effects& out);

  /// Closes idle connections whose time is up, except that its own idle timeout keeps the minimum;
  /// lets others rest; dials up to the minimum.
  void tick(time_point now, pool_effects& out);
  /// When `tick` has something to do; it may turn out to be nothing. After a `tick` at `now` it is
  /// later than `now`.
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  /// Dials up to the minimum, at most once in `warm_up_pause`.
  void warm_up(time_point now, pool_effects& out);

  /// Admits nobody but fresh waiters from now on; those who wait are still served.
  void begin_drain() noexcept;
  /// Admits nobody, fails those who wait, closes the idle, abandons the dials; what is leased is
  /// closed when it is released.
  void close(time_point now, pool_effects& out);

  [[nodiscard]] pool_statistics statistics() const;
  /// Names an invariant that does not hold; empty when all do. For tests: looks at everything.
  [[nodiscard]] std::string_view broken_invariant() const;

 private:
  enum class state : std::uint8_t { dialling, idle, leased };
  enum class admission : std::uint8_t { open, draining, closed };

  struct connection_record {
    state is = state::dialling;
    bool leased_before = false;
    bool retired = false;   // its address is gone
    bool answered = false;  // at least once, and was kept alive
    bool sealed = false;    // takes no more leases beside those it has
    std::uint8_t leases = 0;
    std::uint8_t listed = 0;      // the list in sharing_ that it is in; zero: none
    bool server_limited = false;  // idle_until is the server's word, not our own option
    time_point retire_at = time_point::max();
    time_point idle_until = time_point::max();
    time_point rest_at = time_point::max();  // while idle; then, or once it rests, not set

    [[nodiscard]] time_point next_look() const noexcept {
      return std::min({idle_until, retire_at, rest_at});
    }
  };
  struct waiter_record {
    demand want = demand::shared;
    time_point since{};
  };
  using connections = util::slot_list<connection_id, connection_record>;
  using waiters = util::slot_list<ticket, waiter_record>;

  [[nodiscard]] std::size_t total() const noexcept { return idle_.size + leased_ + dialling_.size; }
  [[nodiscard]] std::size_t room() const noexcept { return limits_.max_connections - total(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return fresh_.size + others_.size; }

  [[nodiscard]] std::optional<eviction> overdue(const connection_record& c,
                                                time_point now) const noexcept;
  [[nodiscard]] connections::index find_idle(bool fresh, time_point now, pool_effects& out);
  [[nodiscard]] connections::index find_sharing() const noexcept;
  [[nodiscard]] bool fresh_are_covered() const noexcept { return fresh_.size <= dialling_.size; }
  bool lease(connections::index at, demand want) noexcept;
  void relist(connections::index at) noexcept {
    if (!sharing_.empty()) relist_sharing(at);
  }
  void relist_sharing(connections::index at) noexcept;
  void share(time_point now, pool_effects& out);
  void grant(connections::index at, waiters::list& queue, time_point now, pool_effects& out);
  void make_idle(connections::index at, time_point now,
                 std::optional<std::chrono::seconds> keep_alive = std::nullopt);
  void fail_oldest(waiters::list& queue, pool_effects& out);
  void drop(connections::index at, eviction why, pool_effects& out);
  void evict_idle(connections::index at, eviction why, pool_effects& out);
  void top_up(pool_effects& out);
  void dial(std::size_t count, pool_effects& out);
  void look_again_at(time_point when) noexcept {
    next_look_ = when < next_look_ ? when : next_look_;
  }

  const pool_limits limits_;
  connections connections_;
  connections::list idle_;  // the front was used last
  connections::list dialling_;
  std::vector<connections::list> sharing_;  // those that may be leased once more, by their leases;
                                            // empty when there is no pipelining
  std::size_t leased_ = 0;
  waiters waiters_;
  waiters::list fresh_;
  waiters::list others_;
  admission admission_ = admission::open;
  bool last_dial_failed_ = false;
  time_point warm_up_after_{};
  time_point next_look_ = time_point::max();
  pool_statistics counters_;  // its gauges are filled in by `statistics`
};

}  // namespace upsun::http
