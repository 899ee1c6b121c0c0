#pragma once

#include <cstdint>
#include <optional>

#include "http/net/clock.hpp"

namespace upsun::http {

/// Who is notified about a socket.
class socket_watcher {
 public:
  /// The socket became readable or writable, or might have. Read it until it is empty: what is left
  /// is not notified again. \param ended the peer has shut its side, or the socket failed: behind
  /// the last byte there is an end to be read. \return for a response that was completed, how long
  /// its request had waited: `on_deferred` follows. Nothing otherwise.
  virtual std::optional<duration> on_ready(bool ended) = 0;
  /// Follows `defer`, and an `on_ready` that completed a response. May also come when nobody waits
  /// for it any more.
  virtual void on_deferred() = 0;

 protected:
  ~socket_watcher() = default;
};

enum class watch_id : std::uint64_t {};

}  // namespace upsun::http
