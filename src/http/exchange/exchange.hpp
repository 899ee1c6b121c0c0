#pragma once

#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <upsun/error.hpp>
#include <upsun/transport.hpp>

#include "http/message/io_failure.hpp"
#include "http/net/clock.hpp"
#include "util/deadline_queue.hpp"

namespace upsun::http {

class connection;
class connection_owner;
class pooled_body;

/// A waiter in the pool's queue. Never zero, never used again.
enum class ticket : std::uint64_t {};

/// Which connection a request may have.
enum class demand {
  any,
  fresh,  ///< A newly dialled one, for a request whose reused connection was stale, since an idle
          ///< one may be as stale. It was admitted already, and precedes all others.
  again,  ///< Any, for a request that a server has refused. It was admitted already, and precedes
          ///< those that wait for any.
};

/// One request on its way through the transport: queued, then on a connection, then done.
///
/// Who may touch what: `stage`, `waiter`, `on`, and the deadline entry belong to the transport's
/// lock; the fields of the exchange proper belong to the connection that carries it; `aborted` is
/// set once, before either lock is taken, so that neither side misses it.
struct exchange : util::deadline_entry,
                  boost::intrusive::list_base_hook<>,
                  std::enable_shared_from_this<exchange> {
  enum class stage_kind {
    moving,  ///< Between two others: whoever moves it looks at `aborted` when it arrives.
    queued,
    active,
    done,
  };

  // Constant once it has started.
  std::shared_ptr<connection_owner> home;  ///< Keeps the transport alive until this has completed.
  transport::send_handler handler;
  std::string bytes;  ///< The request as sent: head, then body.
  bool idempotent = true;
  bool observed = false;
  time_point admitted{};
  time_point deadline = time_point::max();
  duration attempt_timeout{};
  std::shared_ptr<request_progress> progress;  ///< Null: nobody asks.
  std::shared_ptr<pooled_body> body;  ///< Who is handed the response's body as it comes; null:
                                      ///< the response has it.
  connection_id avoided{};            ///< Another connection than this, if there is one with room.
  // What the events of this attempt have in common, when there is an observer.
  std::uint64_t call = 0;
  unsigned attempt = 0;
  std::string_view method{};
  std::string_view path_template{};

  // The transport's.
  stage_kind stage = stage_kind::moving;
  ticket waiter{};
  std::shared_ptr<connection> on;
  errc due_code = errc::deadline_exceeded;  ///< The error when the deadline entry expires.
  demand wants = demand::any;               ///< The next time that it waits for a connection.
  bool replayed = false;      ///< A stale connection was replaced already, which is done once.
  std::uint8_t refusals = 0;  ///< So many times a server has refused to process it.
  bool streams = false;       ///< Its head was handed on: what is left is `body`.

  // The connection's.
  std::size_t written = 0;
  bool offered = false;  ///< Some of it may have been sent: TLS or the socket had it.
  bool reused = false;
  bool leased_idle = false;  ///< The connection was idle, if only since its dial.
  time_point leased{};
  time_point sent{};  ///< Only for an observer.
  time_point first_byte{};

  /// Zero, or the code of the reason why it must end.
  std::atomic<int> aborted{0};
};

using exchange_ptr = std::shared_ptr<exchange>;

/// What an exchange leaves of its connection.
enum class release_verdict {
  reusable,      ///< Complete, nothing left over, keep-alive allowed.
  not_reusable,  ///< The response ended the connection.
  failed,        ///< The exchange failed or was cancelled.
  untouched,     ///< Nothing of it was sent: the connection is as it was.
};

/// How many exchanges a connection carries at once.
struct stream_capacity {
  std::size_t streams = 1;  ///< Zero: no more are begun on it.
  std::size_t allowed = 1;  ///< By the server, of which some may still be in use by what was reset.
  std::uint64_t number = 0;  ///< Reports may overtake each other: the one of the highest number
                             ///< holds.
};

/// How an exchange ended on its connection.
struct exchange_outcome {
  exchange_ptr finished{};
  time_point at{};  ///< When the response was complete; else not set.
  std::optional<result<http_response>> response{};  ///< Absent: it failed.
  io_failure failure{};
  upsun::phase failed_in = phase::write;
  bool stale = false;  ///< A connection that had been idle was lost before a byte of the response
                       ///< came: the server may have closed it before the request.
  bool unprocessed = false;  ///< The server said that it has not processed the request.
  bool is_head = false;      ///< It has not ended: this is a response's head, the body follows.
  bool misdirected = false;  ///< Likewise, by 421: another connection may do (RFC 9110 section
                             ///< 15.5.20).
  bool wants_http1 = false;  ///< It has to be sent over HTTP/1.1.
  bool broke_http2 = false;  ///< The first that ended with a connection that broke HTTP/2's rules.
  release_verdict verdict = release_verdict::failed;
  std::optional<std::chrono::seconds> keep_alive{};  ///< The server's `Keep-Alive: timeout=N`.
  std::optional<stream_capacity> capacity{};         ///< The connection's from now on.
};

/// An error of an exchange that ends now, with its timings so far.
[[nodiscard]] error failure_of(const exchange& e, errc code, std::string cause, phase failed_in);

/// How often a request is sent again because a server has refused to process it.
inline constexpr std::uint8_t most_refusals = 3;

/// Whether an exchange can be sent again without being done twice.
[[nodiscard]] bool may_replay(const exchange_outcome& outcome);

}  // namespace upsun::http
