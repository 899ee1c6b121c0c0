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
  /// It was idle for `pool.idle_timeout`, or until 2 s before the end of the server's `Keep-Alive:
  /// timeout`.
  idle_timeout,
  /// It was older than `pool.max_lifetime`, less its jitter.
  lifetime,
  /// While it was idle, the server closed it or sent something.
  dead,
  /// The response did not allow keep-alive.
  not_reusable,
  /// The exchange on it failed, or was cancelled.
  failed,
  /// It was closed to make room for a new one, for a request whose connection was stale.
  replaced,
  /// The client was closed.
  closed,
  /// The host's name no longer resolves to its address.
  address_gone,
};
/// The number of causes.
inline constexpr std::size_t eviction_count = 8;
/// The name of a cause as written above, such as "idle_timeout".
UPSUN_EXPORT std::string_view to_string(eviction e) noexcept;

/// A snapshot of a pool of connections: gauges, then counters that start at zero when the client is
/// made and never fall.
struct pool_statistics {
  /// Connections that are open and unused.
  std::size_t idle = 0;
  /// Connections that carry a request.
  std::size_t leased = 0;
  /// Requests that connections carry: over HTTP/2 a connection carries several.
  std::size_t streams = 0;
  /// Of the leased ones over HTTP/2, those that take no more requests, and close with their last.
  /// They do not count for `max`, but there are at most as many.
  std::size_t draining = 0;
  /// Connections being established.
  std::size_t dialling = 0;
  /// Requests that wait for a connection.
  std::size_t waiting = 0;
  /// `pool.max_connections`. Zero: the transport has no such limit.
  std::size_t max = 0;

  /// Connections begun.
  std::uint64_t dials = 0;
  /// Those of them that were never established.
  std::uint64_t dial_failures = 0;
  /// Leases of a connection that had been leased before.
  std::uint64_t reuses = 0;
  /// Leases, first and later ones.
  std::uint64_t leases = 0;
  /// Requests sent again because an idle connection turned out to be closed.
  std::uint64_t stale_replays = 0;
  /// Requests refused with `errc::queue_full`.
  std::uint64_t queue_refusals = 0;
  /// Waits for a connection that ended with `errc::acquire_timeout`.
  std::uint64_t acquire_timeouts = 0;
  /// Connections that left the pool, indexed by `eviction`.
  std::array<std::uint64_t, eviction_count> evictions{};

  /// Waits that ended with a connection, by their length: bucket 0 counts requests that did not
  /// wait, bucket i those that waited less than 2^(i-1) ms, the last one all that waited longer.
  std::array<std::uint64_t, 18> wait_histogram{};

  /// Connections that are open: idle and leased.
  [[nodiscard]] std::size_t open() const noexcept { return idle + leased; }
};

/// A snapshot of a client: its pool, then its calls. A call is a request with its retries; an
/// operation that makes several requests, such as a bulk, makes as many calls.
///
/// The parts are read one after another while the client works, so that sums may be off by the
/// calls that began or ended meanwhile. Each counter by itself is exact.
struct client_statistics : pool_statistics {
  /// Calls begun that have not ended.
  std::size_t in_flight = 0;
  /// Responses in the cache, fresh or not.
  std::size_t cached = 0;

  /// Calls begun, those that were refused at once included.
  std::uint64_t calls = 0;
  /// Calls that ended with a value.
  std::uint64_t succeeded = 0;
  /// Calls that ended with an error, indexed by `condition`. Each counts once, under the first
  /// condition of its code (`code().default_error_condition()`). Index 0: codes of other libraries.
  std::array<std::uint64_t, condition_count> failed{};

  /// Requests made: the first of each call, retries and hedges. Requests that were served from the
  /// cache or joined another one are not counted.
  std::uint64_t attempts = 0;
  /// Attempts that followed a failed one of the same call.
  std::uint64_t retries = 0;
  /// Retries not made because the retry budget was used up.
  std::uint64_t retries_refused = 0;
  /// Attempts begun because an earlier one of the call was slow.
  std::uint64_t hedges = 0;
  /// Those of them whose response came first.
  std::uint64_t hedges_won = 0;

  /// Requests that joined one of another call (`client_config::coalesce`).
  std::uint64_t coalesced = 0;
  /// Requests served from the cache without asking the server.
  std::uint64_t cache_hits = 0;
  /// Requests by which the server confirmed a cached response (304).
  std::uint64_t revalidations = 0;

  /// Requests for an access token, renewals included.
  std::uint64_t token_exchanges = 0;
  /// Times that no access token was obtained.
  std::uint64_t token_failures = 0;

  /// Calls that ended with an error, of any condition.
  [[nodiscard]] std::uint64_t failures() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : failed) sum += n;
    return sum;
  }
};

/// What `client::async_close` found and did.
struct close_report {
  /// Operations that were under way and completed by themselves.
  std::size_t drained = 0;
  /// Operations that were cancelled when the grace was over.
  std::size_t cancelled = 0;
  /// Connections closed, dials in progress included.
  std::size_t connections_closed = 0;
  friend bool operator==(const close_report&, const close_report&) = default;
};

}  // namespace upsun
