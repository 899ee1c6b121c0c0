#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/socket_base.hpp>

#include <memory>
#include <mutex>
#include <optional>

#include "http/net/socket_watcher.hpp"
#include "util/process_mark.hpp"
#include "util/slot_list.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// Watches sockets wherever Asio does: it waits for each to become readable, and for those that are
/// full to become writable. Such a wait ends also for what was there before it began, so nothing is
/// lost between two. Watchers are notified on the executor, one by one: nothing is deferred.
///
/// While a socket is watched, the set is work to the execution context.
///
/// Thread safety: every member may be called from any thread. Its lock is taken inside those of
/// others, and is never held while a watcher is notified.
class wait_set : public std::enable_shared_from_this<wait_set> {
 public:
  explicit wait_set(const boost::asio::any_io_executor& executor) : executor_(executor) {}
  wait_set(const wait_set&) = delete;
  wait_set& operator=(const wait_set&) = delete;
  ~wait_set();

  /// Where watchers are notified.
  [[nodiscard]] const boost::asio::any_io_executor& get_executor() const noexcept {
    return executor_;
  }
  /// Watches `fd`, and notifies its watcher at once. Neither is kept alive.
  /// \throws boost::system::system_error when the system refuses
  watch_id add(util::native_fd fd, std::weak_ptr<socket_watcher> watcher);
  [[nodiscard]] bool defer(watch_id) noexcept { return false; }
  /// Notifies the socket's watcher once more if the socket is ready for anything.
  void notify_again(watch_id id) { await_writable(id); }
  /// Notifies the socket's watcher when the socket takes bytes.
  void await_writable(watch_id id);
  /// Its watcher is not notified any more, unless that has begun. Before `fd` is closed.
  void remove(watch_id id);
  /// In a forked child, where the sockets are the parent's, too: watches nothing from then on.
  void disown() noexcept;
  /// Whether it was made by this process.
  [[nodiscard]] bool made_here() const noexcept { return made_in_.made_here(); }

 private:
  using stream_socket = boost::asio::generic::stream_protocol::socket;
  using wait_type = boost::asio::socket_base::wait_type;

  struct watched {
    std::optional<stream_socket> socket{};  // Asio's view of a descriptor that is not its own
    std::weak_ptr<socket_watcher> watcher{};
    bool reads = false;  // a wait for it is under way
    bool writes = false;
  };
  using watched_list = util::slot_list<watch_id, watched>;

  void await(watched_list::index at, wait_type what);
  void on_wait_over(watch_id id, wait_type what);
  void forget(watched_list::index at) noexcept;

  const boost::asio::any_io_executor executor_;
  const util::process_mark made_in_;
  std::mutex mutex_;
  watched_list watched_;
};

}  // namespace upsun::http
