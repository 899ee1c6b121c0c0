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

#include "http/pool/pool_core.hpp"
#include "util/deadline_wheel.hpp"

namespace upsun::http {

class connection;
class connection_owner;

/// One request on its way through the transport: first in the queue, then on a connection, then
/// done.
///
/// Who may touch what: `stage`, `waiter`, `on`, and the deadline entry belong to the transport's
/// lock; the fields of the exchange proper belong to the connection that carries it, or to whoever
/// took it off one; `aborted` is set once, before either lock is taken, so that neither side misses
/// it.
struct exchange : util::deadline_entry,
                  boost::intrusive::list_base_hook<>,
                  std::enable_shared_from_this<exchange> {
  enum class stage_kind {
    fresh,   ///< not yet with the transport
    moving,  ///< between two others: whoever moves it looks at `aborted` on arrival
    queued,
    active,
    done,
  };

  // Constant once it has started.
  std::shared_ptr<connection_owner> home;  ///< Keeps the transport alive until this has completed.
                                           ///< A ghost's is null, see `pipeline`.
  transport::send_handler handler;
  std::string bytes;  ///< The request as sent: head, then body.
  bool idempotent = true;
  bool observed = false;
  bool may_share = false;  ///< It may stand behind others on its connection.
  time_point admitted{};
  time_point deadline = time_point::max();
  duration attempt_timeout{};
  // What the events of this attempt have in common, when there is an observer.
  std::uint64_t call = 0;
  unsigned attempt = 0;
  std::string_view method{};
  std::string_view path_template{};

  // The transport's.
  stage_kind stage = stage_kind::fresh;
  ticket waiter{};
  std::shared_ptr<connection> on;
  errc due_code = errc::deadline_exceeded;  ///< What it means when the deadline entry falls due.
  bool admitted_open = true;                ///< Before the client was closed.
  bool replayed = false;  ///< A stale connection was replaced already, which is done once.
  bool moved =
      false;  ///< It lost its place in a pipeline, and has connections to itself from then on.

  // The connection's.
  std::size_t written = 0;
  bool offered = false;  ///< Something of it may have been sent: TLS or the socket had it.
  bool reused = false;
  bool behind = false;  ///< It got a place behind others.
  time_point leased{};
  time_point sent{};  ///< Only for an observer.
  time_point first_byte{};

  /// Zero, or the code of the reason why it must end.
  std::atomic<int> aborted{0};

  // So that its end takes no memory: the queues of what is to be done with it, and what the one who
  // ended it left there.
  std::shared_ptr<exchange> next;
  std::shared_ptr<exchange> next_to_abort;
  std::shared_ptr<connection> abort_on;
  error why;
};

using exchange_ptr = std::shared_ptr<exchange>;

}  // namespace upsun::http
