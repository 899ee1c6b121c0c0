#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/export.hpp>

namespace upsun {

/// Why a connection left the pool.
enum class eviction {
  idle_timeout,  ///< Idle longer than `pool.idle_timeout`, or than the server's `Keep-Alive:
                 ///< timeout`.
  lifetime,      ///< Older than its jittered `pool.max_lifetime`.
  dead,          ///< The server closed it, or sent bytes nobody had asked for, while it was idle.
  not_reusable,  ///< The response did not allow keep-alive.
  failed,        ///< The exchange on it failed or was cancelled.
  replaced,      ///< Closed so that a fresh one could be dialled.
  closed,        ///< The client was closed.
  address_gone,  ///< The host's name no longer resolves to its address.
};
inline constexpr std::size_t eviction_count = 8;
UPSUN_EXPORT std::string_view to_string(eviction e) noexcept;

/// A snapshot of the pool. Gauges first, then counters since the client was made.
struct pool_statistics {
  std::size_t idle = 0;
  std::size_t leased = 0;
  std::size_t dialling = 0;
  std::size_t waiting = 0;
  std::size_t max = 0;  ///< `pool.max_connections`; zero when the transport has no such limit.

  std::uint64_t dials = 0;          ///< Connections begun.
  std::uint64_t dial_failures = 0;  ///< Of these, how many never became a connection.
  std::uint64_t reuses = 0;         ///< Leases of a connection that had been leased before.
  std::uint64_t leases = 0;         ///< Leases in all.
  std::uint64_t stale_replays =
      0;  ///< Requests sent again because a kept-alive connection turned out to be closed.
  std::uint64_t queue_refusals = 0;    ///< Calls refused because the queue was full.
  std::uint64_t acquire_timeouts = 0;  ///< Waiters that gave up.
  std::array<std::uint64_t, eviction_count> evictions{};  ///< Indexed by `eviction`.

  /// Waits for a connection, by length: bucket 0 counts those not queued at all, bucket i those
  /// under 2^(i-1) ms, the last all longer ones.
  std::array<std::uint64_t, 18> wait_histogram{};

  [[nodiscard]] std::size_t open() const noexcept { return idle + leased; }
};

/// A snapshot of a client: its pool, then its calls. The parts are read one after another while the
/// client goes on working, so sums may be off by the calls that began or ended meanwhile; each
/// counter by itself is exact and never falls.
struct client_statistics : pool_statistics {
  std::size_t in_flight = 0;  ///< Calls begun whose handler was not called yet.
  std::size_t cached = 0;     ///< Responses in the cache, fresh or not.

  std::uint64_t calls = 0;      ///< Calls begun, those refused at once included.
  std::uint64_t succeeded = 0;  ///< Calls that ended with a value.
  /// Calls that ended in an error, indexed by `condition`: each counts once, under the first
  /// condition of its code (`code().default_error_condition()`). Number 0: codes of other
  /// libraries.
  std::array<std::uint64_t, condition_count> failed{};

  std::uint64_t attempts =
      0;  ///< Requests given to the transport: the first of each call, retries and hedges.
  std::uint64_t retries = 0;  ///< Attempts made because an earlier one of the call had failed.
  std::uint64_t retries_refused = 0;  ///< Retries not made because the budget was used up.
  std::uint64_t hedges = 0;           ///< Attempts made because an earlier one was slow.
  std::uint64_t hedges_won = 0;       ///< Of these, how many answered first.

  std::uint64_t coalesced =
      0;  ///< Attempts that joined a fetch begun for another call, and sent no request.
  std::uint64_t cache_hits = 0;  ///< Attempts served from the cache without a request.
  std::uint64_t revalidations =
      0;  ///< Fetches to which the server said (304) that the cached response is still good.

  std::uint64_t token_exchanges = 0;  ///< Requests for an access token, renewals included.
  std::uint64_t token_failures = 0;   ///< Times that no access token could be had.

  /// Calls that ended in an error, all told.
  [[nodiscard]] std::uint64_t failures() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : failed) sum += n;
    return sum;
  }
};

/// What `async_close` found and did.
struct close_report {
  std::size_t drained = 0;             ///< Calls under way that completed by themselves.
  std::size_t cancelled = 0;           ///< Calls that had to be ended when the time was up.
  std::size_t connections_closed = 0;  ///< Connections closed, dials in progress included.
  friend bool operator==(const close_report&, const close_report&) = default;
};

}  // namespace upsun
