#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/export.hpp>

namespace upsun {

/// Why an attempt is followed by another one.
enum class retry_reason : std::uint8_t {
  none,
  connection,  ///< The server was not reached, or the connection was lost.
  timeout,     ///< The attempt took too long.
  status,      ///< The status is one to try again after: 408, 429, 5xx.
  token,       ///< A 401; the access token was renewed.
};
/// The name of a reason as written above.
UPSUN_EXPORT std::string_view to_string(retry_reason r) noexcept;

/// One step of an attempt, which is one request of a call. Holds no id, header, body or secret.
/// What it refers to lives only during the notification.
///
/// The steps of one attempt come in the order of `kind`, one at a time, also when several threads
/// carry it; steps of different attempts come in any order, and at once. Every attempt has `queued`
/// and `completed`, and of the others as many as it reached. When an idle connection turns out to
/// be closed and the request is sent once more on a new one (doc/pool.md), that is the same
/// attempt, and `queued`, `leased` ... come a second time.
///
/// `dialled` belongs to a connection, not to a call, and has no place in that order: it comes when
/// a dial has ended, before the connection is leased. A dial that was abandoned because the client
/// closed has none.
struct attempt_event {
  enum class kind : std::uint8_t {
    queued,      ///< Asks for a connection, whether or not it has to wait.
    leased,      ///< Has one.
    dialled,     ///< A connection was established, or could not be.
    sent,        ///< The last byte of the request was given to the operating system. Comes when the
                 ///< exchange has ended, as does `first_byte`.
    first_byte,  ///< The first byte of the response came.
    completed,  ///< Is over. Sent by the client, so `at` is a little later than the response's last
                ///< byte.
    retried,    ///< Is over and will be followed by another one after `delay`, because of `reason`.
    hedged,     ///< Is slow, so another one is about to be sent beside it.
  };

  kind what = kind::queued;
  std::chrono::steady_clock::time_point
      at{};  ///< When it happened, which may be a moment before it is told.

  std::uint64_t call =
      0;                 ///< Counts the calls of this client from 1. Zero: of no call (`dialled`).
  unsigned attempt = 0;  ///< Counts the attempts of the call from 1. For `retried` and `hedged`:
                         ///< the attempt that is followed.
  std::string_view method{};          ///< "GET". Empty for `dialled`.
  std::string_view path_template{};   ///< "/projects/{projectId}/integrations/{integrationId}".
                                      ///< Empty for `dialled`.
  std::string_view server_address{};  ///< The host of the base URL, also behind a proxy. Empty when
                                      ///< another transport than the client's own tells.
  std::uint16_t server_port = 0;      ///< Its port.

  std::uint64_t connection =
      0;                ///< Counts the connections of this client from 1. Zero: none, or not known.
  bool reused = false;  ///< The connection had served another request before.

  int status = 0;  ///< `completed`, `retried`: of the response. Zero: no complete response came.
  const error* failure = nullptr;  ///< `completed`, `retried`, `dialled`: what came instead of a
                                   ///< response, or of a connection. Else null.
  call_timings timings{};  ///< `completed`: of this attempt; `total` from its first `queued`.

  std::chrono::nanoseconds delay{};  ///< `retried`: how long until the next attempt. `hedged`: how
                                     ///< long this one has taken so far.
  retry_reason reason = retry_reason::none;  ///< `retried`

  std::chrono::nanoseconds
      resolve{};  ///< `dialled`: the name lookup; next to nothing for a known answer or an address.
  std::chrono::nanoseconds connect{};    ///< `dialled`: TCP, a proxy's answer included.
  std::chrono::nanoseconds handshake{};  ///< `dialled`: TLS. Zero when it did not come to it.
};
/// The name of a kind as written above.
UPSUN_EXPORT std::string_view to_string(attempt_event::kind k) noexcept;

}  // namespace upsun
