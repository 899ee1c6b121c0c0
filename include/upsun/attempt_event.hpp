#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/export.hpp>

namespace upsun {

/// Why an attempt is followed by another one.
enum class retry_reason : std::uint8_t {
  /// It is not.
  none,
  /// The server was not reached, or the connection was lost.
  connection,
  /// A time limit of the attempt passed.
  timeout,
  /// A status that is retried: 408, 429, 500, 502, 503, 504.
  status,
  /// A 401, after which the access token was renewed.
  token,
};
/// The name of a reason as written above.
UPSUN_EXPORT std::string_view to_string(retry_reason r) noexcept;

/// A step of an attempt, which is one request of a call, or the end of a dial. What it refers to
/// lives only during the notification. It holds no id of the API, no body and no secret, and of the
/// headers the trace alone.
///
/// The steps of one attempt are reported in the order of `kind`, one at a time, also when several
/// threads carry it. Steps of different attempts interleave. Every attempt has `queued` and
/// `completed`, and of the others those it reached. When an idle connection turns out to be closed
/// and the request is sent again on a new one (doc/pool.md), that is the same attempt, whose steps
/// begin again with `queued`.
///
/// `dialled` belongs to a connection and to no call. It is reported when the dial has ended, before
/// the connection is leased. A dial that was abandoned because the client closed is not reported.
struct attempt_event {
  /// The steps, in their order.
  enum class kind : std::uint8_t {
    /// The request asks for a connection, whether or not it has to wait.
    queued,
    /// It has one.
    leased,
    /// A connection was established, or could not be.
    dialled,
    /// The last byte of the request was given to the operating system. Reported when the exchange
    /// has ended.
    sent,
    /// The first byte of the response was read. Reported when the exchange has ended.
    first_byte,
    /// The attempt has ended. Reported by the client, so that `at` is a little later than the
    /// response's last byte.
    completed,
    /// It failed, and another attempt follows after `delay`, for the reason `reason`.
    retried,
    /// It is slow, and another attempt is about to be made beside it.
    hedged,
  };

  /// Which step this is.
  kind what = kind::queued;
  /// When the step happened, which may be earlier than the notification.
  std::chrono::steady_clock::time_point at{};

  /// The number of the call, from 1 in each client. Zero: of no call (`dialled`).
  std::uint64_t call = 0;
  /// The number of the attempt, from 1 in each call. For `retried` and `hedged`: of the attempt
  /// that is followed by another.
  unsigned attempt = 0;
  /// The request's method, such as "GET". Empty for `dialled`.
  std::string_view method{};
  /// The request's path without ids, such as "/projects/{projectId}/integrations/{integrationId}".
  /// Empty for `dialled`.
  std::string_view path_template{};
  /// The host of the base URL, also behind a proxy. A transport of your own may leave it empty.
  std::string_view server_address{};
  /// The port of the base URL.
  std::uint16_t server_port = 0;

  /// The number of the connection, from 1 in each client. Zero: none, or not known.
  std::uint64_t connection = 0;
  /// Whether the connection had served another request before.
  bool reused = false;
  /// The version of HTTP that the connection speaks, "1.1" or "2", as OpenTelemetry's
  /// `network.protocol.version`. Empty: there is no connection, or it is not known.
  std::string_view protocol_version{};

  /// `completed`, `retried`: the status of the response. Zero: no complete response came.
  int status = 0;
  /// `completed`, `retried`, `dialled`: the failure. Null: none.
  const error* failure = nullptr;
  /// `completed`: the times of this attempt, `total` from its first `queued`.
  call_timings timings{};

  /// `retried`: the time until the next attempt. `hedged`: how long this one has taken so far.
  std::chrono::nanoseconds delay{};
  /// `retried`: why.
  retry_reason reason = retry_reason::none;

  /// `completed`, `retried`, `hedged`: the `traceparent` that the call was given by
  /// `call_options::trace`. Empty: none.
  std::string_view traceparent{};
  /// The same: the parent id of the `traceparent` that the attempt sent, of the same trace and
  /// flags, which is to be the id of its span. An attempt that shared another call's request sent
  /// none, and has no `completed`. Zero: the call has no trace.
  std::uint64_t span_id = 0;

  /// `dialled`: the time of the name lookup; next to nothing for a cached result or an address.
  std::chrono::nanoseconds resolve{};
  /// `dialled`: the time of TCP, and of the tunnel through a proxy.
  std::chrono::nanoseconds connect{};
  /// `dialled`: the time of the TLS handshake. Zero: there was none.
  std::chrono::nanoseconds handshake{};
};
/// The name of a kind as written above.
UPSUN_EXPORT std::string_view to_string(attempt_event::kind k) noexcept;

}  // namespace upsun
