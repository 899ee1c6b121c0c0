#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "http/net/pacing.hpp"
#include "http/net/socket_watcher.hpp"
#include "util/process_mark.hpp"
#include "util/slot_list.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// Watches sockets, each registered once for as long as it lives and edge-triggered. Asio registers
/// a socket anew for each wait, which is a system call; here it waits for the set as a whole, once
/// for all sockets that are ready, or pauses before it polls again. Watchers are notified on the
/// executor, by as many threads as are free.
///
/// While a socket is watched, the set is work to the execution context.
///
/// Thread safety: every member may be called from any thread. Its lock is taken inside those of
/// others, and is never held while a watcher is notified.
///
/// Several watchers are notified in one step of the context's `run`. When one of them stops an
/// `io_context`, the others are notified when that runs again.
class epoll_set : public std::enable_shared_from_this<epoll_set> {
 public:
  /// \param pace how long to pause before the next poll
  /// \throws boost::system::system_error when there is no descriptor left
  explicit epoll_set(const boost::asio::any_io_executor& executor,
                     duration (*pace)(const poll_outcome&) noexcept = pause_after);

  /// Where watchers are notified.
  [[nodiscard]] const boost::asio::any_io_executor& get_executor() const noexcept {
    return executor_;
  }
  /// Watches `fd`, and notifies its first edge at once. The watcher is not kept alive.
  /// \throws boost::system::system_error when the system refuses
  watch_id add(int fd, std::weak_ptr<socket_watcher> watcher);
  /// Queues `on_deferred` behind the notifications that are already queued. What several
  /// connections have to do is then done back to back, while it is in the processor's caches.
  /// False, and nothing follows, when no notification is queued or too many are.
  [[nodiscard]] bool defer(watch_id id);
  /// Notifies the socket's watcher once more, as for an edge, if the socket is ready for anything.
  void notify_again(watch_id id);
  /// The socket took no more bytes. Nothing to do: the edge at which it does is notified.
  void await_writable(watch_id) noexcept {}
  /// Its watcher is not notified any more, unless that has begun. Before `fd` is closed.
  void remove(watch_id id);
  /// In a forked child, where the set and what it watches are the parent's, too: closes the child's
  /// copies of the set and watches nothing from then on. The watchers close what is theirs.
  void disown() noexcept;
  /// Whether it was made by this process.
  [[nodiscard]] bool made_here() const noexcept { return made_in_.made_here(); }

 private:
  struct watched {
    int fd = -1;
    std::weak_ptr<socket_watcher> watcher;
  };
  struct notification {
    watch_id id;
    bool ended;
    bool deferred;         // on_deferred, not on_ready
    bool reports = false;  // a response: it calls a handler, which a deferred write does not
  };

  [[nodiscard]] bool append_deferred(watch_id id, bool reports) noexcept;
  void rearm(watch_id id) noexcept;
  void wait();
  void set_wake_up(bool on) noexcept;
  void on_wait_over();
  void poll() noexcept;
  void notify_each();
  [[nodiscard]] bool context_stopped() const;
  void share_the_rest();
  void rearm_the_rest();

  const boost::asio::any_io_executor executor_;
  const boost::asio::io_context* const context_;  // null for an executor of another kind
  duration (*const pace_)(const poll_outcome&) noexcept;
  const util::process_mark made_in_;
  std::mutex mutex_;
  util::unique_fd sockets_;                        // the set proper
  boost::asio::posix::stream_descriptor wake_up_;  // what Asio waits for: an epoll set that holds
                                                   // only the set proper, muted during a pause
  boost::asio::steady_timer pause_;
  util::slot_list<watch_id, watched> watched_;
  std::size_t size_ = 0;
  static constexpr std::size_t batch = 16;
  std::array<notification, 3 * batch> ready_;  // a batch, its responses to report, and requests to
                                               // write; first_ to last_ are still to be notified
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  poll_outcome last_poll_;
  bool waiting_ = false;  // for a socket, or for the end of a pause
  bool wake_up_is_on_ = false;
  bool shared_ = false;  // a posted function will go on with what is left
};

}  // namespace upsun::http
