#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <upsun/observer.hpp>

#include "http/exchange/exchange.hpp"
#include "http/net/clock.hpp"
#include "util/slot_list.hpp"

// The pool's bookkeeping, without sockets, clocks, threads or callbacks: an event goes in, effects
// come out. `pool_driver` calls it under the transport's lock; the transport performs the effects
// after it has released the lock.

namespace upsun::http {

struct pool_limits {
  std::size_t max_connections = 64;
  std::size_t max_waiters = 4096;  ///< Those that neither a dial in flight nor room for one covers.
  std::size_t min_connections = 0;
  std::size_t streams =
      1;  ///< The leases of a connection up to which no other is dialled for more.
  bool asks_protocol = false;  ///< The first dial tells how many leases a connection takes: until
                               ///< then there is only one.
  duration idle_timeout = std::chrono::seconds(55);
  duration max_lifetime = std::chrono::minutes(10);  ///< Zero: none.
  duration trim_after{};  ///< How long a connection is idle before it frees its buffers. Zero: it
                          ///< never does.
};

/// How long the pool holds still, after a failed dial or a warm-up, before it tries again to reach
/// its minimum.
inline constexpr duration warm_up_pause = std::chrono::seconds(1);
/// After a failed dial, when to dial again for those who wait while connections are leased: a host
/// that is back has to be noticed though no lease ends and nobody comes.
inline constexpr duration probe_pause = std::chrono::milliseconds(250);
/// How much sooner than the server's `Keep-Alive: timeout` an idle connection is closed: the
/// request must not cross the server's close on the way.
inline constexpr std::chrono::seconds keep_alive_margin{2};

/// What the driver does after an event, in this order.
struct pool_effect {
  enum class kind {
    dial,     ///< Start a dial and name it `connection`.
    grant,    ///< Give `connection` to the waiter `waiter`.
    fail,     ///< Fail the waiter `waiter`: its dial failed (the driver has the error), or the pool
              ///< is closed.
    close,    ///< Close `connection`, which the pool has forgotten.
    abandon,  ///< Cancel the dial `connection`, which the pool has forgotten.
    trim,     ///< `connection` has been idle for some time: free the buffers it can do without.
  } what;
  connection_id connection{};
  ticket waiter{};
  bool reused = false;  ///< The connection had been leased before.
};
using pool_effects = std::vector<pool_effect>;

/// The result of `acquire`.
struct acquired {
  enum class kind {
    leased,      ///< `connection` is the caller's until it is released.
    queued,      ///< A `grant` or `fail` effect for `waiter` comes, unless it is cancelled first.
    queue_full,  ///< Too many wait.
    closed,      ///< The pool drains or is closed.
  } what;
  connection_id connection{};
  bool reused = false;
  ticket waiter{};
};

/// Which connections exist, who holds them, and who waits. Effects are appended to `out`; an event
/// that finds an idle connection or returns one to the idle ones adds none and does not allocate,
/// but for a dial ahead.
///
/// Idle connections are leased last in, first out; waiters are served first in, first out. A dial
/// belongs to nobody: the connection goes to whoever has waited longest.
///
/// A connection has a capacity: so many leases at once, one for HTTP/1.1. When no connection is
/// idle the one with the fewest leases takes the next request, up to `pool_limits::streams` while
/// more connections may be dialled, up to its capacity when not. A server that ends each connection
/// after so many requests is dialled a little earlier, so that none has to wait. It closes with its
/// last lease, or with the first that reports its end; the releases that follow find it gone.
///
/// When a dial fails, a waiter fails only if no live connection can serve it: the oldest fresh one,
/// or, with nothing leased, the oldest of all. While something is leased and the last dial failed,
/// one dial at a time probes, with every event and `probe_pause` after the last failure: live
/// connections serve the queue meanwhile, and a failing server is not hammered.
class pool_core {
 public:
  explicit pool_core(const pool_limits& limits)
      : limits_(limits), asks_protocol_(limits.asks_protocol) {}

  /// \throws std::bad_alloc: nobody waits then, and no dial has begun. Effects that were appended
  /// before still count. \param avoided is leased only when no other can be leased at once.
  [[nodiscard]] acquired acquire(time_point now, demand want, pool_effects& out,
                                 connection_id avoided = {});
  /// \param keep_alive the server's `Keep-Alive: timeout`, if it sent one.
  void release(connection_id id, time_point now, release_verdict verdict,
               std::optional<std::chrono::seconds> keep_alive, pool_effects& out);
  /// False when `waiter` no longer waits: it was granted, failed or cancelled before.
  bool cancel_waiter(ticket waiter, bool timed_out);

  /// \param jitter from 0 to 1: which part of the 10 % is taken off the lifetime. \param capacity
  /// how many leases the connection takes at once. \param allowed how many a new one may be
  /// expected to take. False when the dial was abandoned: the driver closes the connection.
  bool dial_succeeded(connection_id id, time_point now, double jitter, pool_effects& out,
                      std::size_t capacity = 1, std::size_t allowed = 1);
  /// The connection takes so many leases from now on. Zero: none any more; it closes with its last.
  void set_capacity(connection_id id, std::size_t capacity, time_point now, pool_effects& out,
                    std::size_t allowed = 1);
  void dial_failed(connection_id id, time_point now, pool_effects& out);
  /// The driver found an idle connection dead, and has closed it. False when it is not idle (any
  /// more).
  bool connection_dead(connection_id id, time_point now, pool_effects& out);
  /// `connection` is not to be used any longer, as when the host no longer has its address: closes
  /// it, at once when it is idle, with its last lease when it is leased.
  void retire(connection_id id, eviction why, time_point now, pool_effects& out);

  /// The system was suspended for `slept`, which no `now` counts: the connections are as much
  /// older. Idle ones whose time is up are closed, those of the minimum too: they were kept for
  /// being probed meanwhile, and were not.
  void suspended(duration slept, time_point now, pool_effects& out);

  /// Closes idle connections whose time is up, except that its own idle timeout keeps the minimum;
  /// trims others; dials up to the minimum, and a probe for those who wait.
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
  void close(pool_effects& out);

  [[nodiscard]] pool_statistics statistics() const;
  /// Names an invariant that does not hold; empty when all do. For tests: looks at everything.
  [[nodiscard]] std::string_view broken_invariant() const;

 private:
  enum class state : std::uint8_t { dialling, idle, leased };
  enum class admission : std::uint8_t { open, draining, closed };

  struct connection_record {
    state is = state::dialling;
    bool leased_before = false;
    bool has_room = false;        // it is in has_room_
    bool server_limited = false;  // idle_until is the server's word, not our own option
    bool has_successor = false;   // it was dialled for
    std::uint32_t leases = 0;
    std::uint32_t served = 0;  // leases so far
    std::uint32_t capacity = 1;
    time_point established{};
    std::optional<eviction> retired{};  // takes no more leases, and closes with its last one
    time_point retire_at = time_point::max();
    time_point idle_until = time_point::max();
    time_point trim_at = time_point::max();  // of an idle connection that was not trimmed yet

    [[nodiscard]] time_point next_look() const noexcept {
      return std::min({idle_until, retire_at, trim_at});
    }
  };
  struct waiter_record {
    demand want = demand::any;
    time_point since{};
  };
  using connections = util::slot_list<connection_id, connection_record>;
  using waiters = util::slot_list<ticket, waiter_record>;

  [[nodiscard]] std::size_t total() const noexcept { return idle_.size + leased_ + dialling_.size; }
  /// How many more connections there may be. Those which only finish what they carry do not count,
  /// if they may carry it for long.
  [[nodiscard]] std::size_t room() const noexcept {
    const std::size_t in_use = total() - std::min(draining_, limits_.max_connections);
    return limits_.max_connections - std::min(in_use, limits_.max_connections);
  }
  [[nodiscard]] std::size_t waiting() const noexcept { return fresh_.size + others_.size; }

  [[nodiscard]] std::optional<eviction> overdue(const connection_record& c,
                                                time_point now) const noexcept;
  [[nodiscard]] connections::index find_idle(bool fresh, time_point now, pool_effects& out);
  [[nodiscard]] connections::index find_room(time_point now, connection_id avoided = {}) noexcept;
  /// How many leases a connection is given before the next is dialled.
  [[nodiscard]] std::size_t wanted_leases(const connection_record& c) const noexcept;
  /// How many waiters the dials in flight will serve.
  [[nodiscard]] std::size_t covered() const noexcept { return dialling_.size * leases_a_dial_; }
  [[nodiscard]] bool fresh_are_covered() const noexcept {
    return fresh_.empty() || fresh_.size <= covered();
  }
  void expect_leases(std::size_t of_a_dial) noexcept {
    leases_a_dial_ = std::clamp<std::size_t>(of_a_dial, 1, limits_.streams);
  }
  /// Dials for a connection that its server will soon end, going by the last one.
  void dial_ahead(connections::index at, pool_effects& out);
  void finish_using(connections::index at, eviction why) noexcept;
  bool lease(connections::index at) noexcept;
  void note_room(connections::index at, bool has_room) noexcept {
    connection_record& c = connections_[at];
    if (std::exchange(c.has_room, has_room) == has_room) return;
    has_room ? connections_.push_back(has_room_, at) : connections_.remove(has_room_, at);
  }
  void serve(connections::index at, time_point now, pool_effects& out);
  void serve_from_room(time_point now, pool_effects& out);
  [[nodiscard]] waiters::list* next_queue(const connection_record& c) noexcept;
  void grant(connections::index at, waiters::list& queue, time_point now, pool_effects& out);
  void make_idle(connections::index at, time_point now,
                 std::optional<std::chrono::seconds> keep_alive = std::nullopt);
  void fail_oldest(waiters::list& queue, pool_effects& out);
  void drop(connections::index at, eviction why, pool_effects& out);
  void evict_idle(connections::index at, eviction why, pool_effects& out);
  /// Nothing that is under way would give those who wait a connection, but a dial could.
  [[nodiscard]] bool needs_probe() const noexcept {
    return dialling_.empty() && waiting() > 0 && room() > 0;
  }
  void top_up(time_point now, pool_effects& out);
  void dial(std::size_t count, pool_effects& out);
  void look_again_at(time_point when) noexcept {
    next_look_ = when < next_look_ ? when : next_look_;
  }

  const pool_limits limits_;
  connections connections_;
  connections::list idle_;  // the front was used last
  connections::list dialling_;
  connections::list has_room_;  // leased, and may be leased once more
  std::size_t leased_ = 0;
  std::size_t draining_ = 0;  // of these: retired, of several leases
  std::size_t leases_ = 0;    // of all connections
  waiters waiters_;
  waiters::list fresh_;
  waiters::list others_;
  admission admission_ = admission::open;
  bool last_dial_failed_ = false;
  bool asks_protocol_;             // no dial has told yet
  std::uint32_t usual_life_ = 0;   // leases after which the server ended the last connection
  std::size_t leases_a_dial_ = 1;  // that a new connection is expected to take
  time_point warm_up_after_{};
  time_point probe_at_{};
  time_point next_look_ = time_point::max();
  pool_statistics counters_;  // its gauges are filled in by `statistics`
};

}  // namespace upsun::http
