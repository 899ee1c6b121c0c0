#pragma once

#include <string_view>

#include <upsun/attempt_event.hpp>
#include <upsun/error.hpp>
#include <upsun/export.hpp>
#include <upsun/statistics.hpp>

namespace upsun {

/// A document of a known kind that broke the API's contract and was kept as raw text
/// (`decode_policy::tolerant`).
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
  bool shared =
      false;  ///< The fetch was begun for another call, under whose number its attempts come.
  bool cached = false;  ///< The value came from the cache: without a request when `attempts` is 0,
                        ///< else by the server's leave (status 304).
};

/// Told about what happens inside a client. Derive and override what is of interest; every function
/// does nothing by default. See doc/observability.md.
///
/// An observer cannot break its client: functions are `noexcept` and get nothing they could change.
/// They may call the client's functions and cancel the call of the notification, but neither cancel
/// other calls from within nor wait for other threads: the call's own lock may be held. What they
/// do takes the time of the thread that runs the call, so they have to be quick. What the arguments
/// refer to lives only during the call. Nothing given to an observer holds a secret. Thread safety:
/// functions are called from any thread that runs the client's executor or begins a call, also at
/// once.
class UPSUN_EXPORT observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  /// A step of an attempt, or a finished dial.
  virtual void on_attempt(const attempt_event&) noexcept {}
  /// A call ended; its handler has not been called yet.
  virtual void on_call(const call_report&) noexcept {}
  /// A document was kept as raw text.
  virtual void on_drift(const drift_report&) noexcept {}
};

}  // namespace upsun
