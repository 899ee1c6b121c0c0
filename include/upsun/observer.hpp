#pragma once

#include <cstdint>
#include <string_view>

#include <upsun/attempt_event.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/statistics.hpp>

namespace upsun {

/// A document of a known kind that differs from what this version expects, and was kept as raw text
/// (`decode_policy::tolerant`).
struct drift_report {
  /// The kind as the API calls it, such as "bitbucket".
  std::string_view kind;
  /// Where and how the document differs; never a value of it.
  const decode_mismatch& mismatch;
};

/// A call that has ended, without ids, headers or bodies.
struct call_report {
  /// The number of the call, as `attempt_event::call`. Zero: it was refused before it began.
  std::uint64_t call = 0;
  /// The request's method, such as "GET".
  std::string_view method;
  /// The request's path without ids, such as "/projects/{projectId}/integrations/{integrationId}".
  std::string_view path_template;
  /// The status of the response that ended the call; 304 when it confirmed a cached one. Zero: none
  /// did.
  int status = 0;
  /// Why the call failed. Null: it succeeded.
  const error* failure = nullptr;
  /// Attempts made, the first included. Zero: nothing was sent.
  unsigned attempts = 0;
  /// Whether the last attempt went over a connection that had served another request before.
  bool reused_connection = false;
  /// How long each part took.
  call_timings timings;
  /// Whether the fetch was begun for another call, under whose number its attempts are reported.
  bool shared = false;
  /// Whether the value came from the cache: with `attempts` 0 without a request, else after the
  /// server had confirmed it (304).
  bool cached = false;
};

/// Is notified of what happens inside a client. Derive from it and override what is of interest; by
/// default every function does nothing. Goes into `client_config::observer`. See
/// doc/observability.md.
///
/// - Arguments: live only during the notification. None holds a secret, an id of the API, a body,
///   or a header other than the trace.
/// - Executor: functions run on the thread that carries the call, also within an initiating
///   function, and take its time: they must be quick.
/// - Reentrancy: they may call the client's functions and cancel the call they are about. They must
///   not cancel other calls or wait for other threads, since the call's own lock may be held.
/// - Errors: functions are `noexcept`. One that throws ends the program.
/// - Thread safety: functions are called from any thread that runs the client's executor or starts
///   a call, also at the same time.
class UPSUN_EXPORT observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  /// A step of an attempt, or a dial that has ended.
  virtual void on_attempt(const attempt_event&) noexcept {}
  /// A call that has ended, before its handler is called.
  virtual void on_call(const call_report&) noexcept {}
  /// A document that was kept as raw text.
  virtual void on_drift(const drift_report&) noexcept {}
};

}  // namespace upsun
