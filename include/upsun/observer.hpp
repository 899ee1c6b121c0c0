#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/export.hpp>

namespace upsun {

/// Why a connection left the pool.
enum class eviction {
  idle_timeout,  ///< Idle longer than `pool.idle_timeout`, or than the server's `Keep-Alive: timeout`.
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

  std::uint64_t dials = 0;                                ///< Connections begun.
  std::uint64_t dial_failures = 0;                        ///< Of these, how many never became a connection.
  std::uint64_t reuses = 0;                               ///< Leases of a connection that had been leased before.
  std::uint64_t leases = 0;                               ///< Leases in all.
  std::uint64_t stale_replays = 0;                        ///< Requests sent again because a kept-alive connection turned out to be closed.
  std::uint64_t queue_refusals = 0;                       ///< Calls refused because the queue was full.
  std::uint64_t acquire_timeouts = 0;                     ///< Waiters that gave up.
  std::array<std::uint64_t, eviction_count> evictions{};  ///< Indexed by `eviction`.

  /// Waits for a connection, by length: bucket 0 counts those not queued at all, bucket i those under 2^(i-1) ms, the last all longer ones.
  std::array<std::uint64_t, 18> wait_histogram{};

  [[nodiscard]] std::size_t open() const noexcept { return idle + leased; }
};

/// What `async_close` found and did.
struct close_report {
  std::size_t drained = 0;             ///< Calls under way that completed by themselves.
  std::size_t cancelled = 0;           ///< Calls that had to be ended when the time was up.
  std::size_t connections_closed = 0;  ///< Connections closed, dials in progress included.
  friend bool operator==(const close_report&, const close_report&) = default;
};

/// A document of a known kind that broke the API's contract and was kept as raw text (`decode_policy::tolerant`).
struct drift_report {
  std::string_view kind;            ///< The wire string of the kind, such as "bitbucket".
  const decode_mismatch& mismatch;  ///< Where and how; never a value.
};

/// One finished call, without ids, headers or bodies.
struct call_report {
  std::string_view method;         ///< "GET"
  std::string_view path_template;  ///< "/projects/{projectId}/integrations/{integrationId}"
  int status = 0;                  ///< 0 when no response came.
  const error* failure = nullptr;  ///< Null when the call succeeded.
  unsigned attempts = 0;
  bool reused_connection = false;
  call_timings timings;
};

/// Told about what happens inside a client. Derive and override what is of interest; every function does nothing by default.
/// Thread safety: functions are called from any thread that runs the client's executor, also at once, so they must be thread-safe and quick. They must
/// not throw. What the arguments refer to lives only during the call. Nothing given to an observer holds a secret.
class UPSUN_EXPORT observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  virtual void on_call(const call_report&) noexcept {}
  virtual void on_drift(const drift_report&) noexcept {}
};

}  // namespace upsun
