#include "http/net/wait_set.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

#include "http/net/context_end.hpp"

namespace asio = boost::asio;

namespace upsun::http {

wait_set::~wait_set() {
  watched_.for_each([&](watched_list::index at, const watched&) { forget(at); });
}

watch_id wait_set::add(util::native_fd fd, std::weak_ptr<socket_watcher> watcher) {
  const std::scoped_lock lock(mutex_);
  const auto at = watched_.insert({.watcher = std::move(watcher)});
  try {
    // Of any family: waits do not ask.
    watched_[at].socket.emplace(executor_, asio::ip::tcp::v4(), fd);
    await(at, stream_socket::wait_read);
    await(at, stream_socket::wait_write);  // which ends at once
  } catch (...) {
    forget(at);
    throw;
  }
  return watched_.id(at);
}

void wait_set::await_writable(watch_id id) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = watched_.find(id); at != watched_.none) await(at, stream_socket::wait_write);
}

void wait_set::remove(watch_id id) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = watched_.find(id); at != watched_.none) forget(at);
}

void wait_set::disown() noexcept {
  const bool shares = waits_with_parent(executor_);
  const std::scoped_lock lock(mutex_);
  watched_.for_each([&](watched_list::index at, const watched&) {
    if (shares) replace_socket(watched_[at].socket->native_handle());
    forget(at);
  });
}

/// Under the lock. Ends the waits, and leaves the descriptor open.
void wait_set::forget(watched_list::index at) noexcept {
  boost::system::error_code ignored;
  if (auto& socket = watched_[at].socket) socket->release(ignored);
  watched_[at] = {};
  watched_.erase(at);
}

/// Under the lock.
void wait_set::await(watched_list::index at, wait_type what) {
  watched& one = watched_[at];
  bool& waits = what == stream_socket::wait_read ? one.reads : one.writes;
  if (waits) return;
  one.socket->async_wait(
      what, [self = shared_from_this(), id = watched_.id(at),
             what](const boost::system::error_code&) { self->on_wait_over(id, what); });
  waits = true;
}

/// Waits again before a response is reported: who gets it may take his time, or throw.
void wait_set::on_wait_over(watch_id id, wait_type what) {
  std::shared_ptr<socket_watcher> watcher;  // released without the lock, which its destructor takes
  {
    const std::scoped_lock lock(mutex_);
    const auto at = watched_.find(id);
    if (at == watched_.none) return;
    (what == stream_socket::wait_read ? watched_[at].reads : watched_[at].writes) = false;
    watcher = watched_[at].watcher.lock();
  }
  if (!watcher) return;  // `remove` follows
  const auto wait_again = [&] {
    const std::scoped_lock lock(mutex_);
    const auto at = watched_.find(id);
    if (at != watched_.none) await(at, stream_socket::wait_read);
  };
  std::optional<duration> waited;
  try {
    waited = watcher->on_ready(true);  // there may be an end: Asio does not say
  } catch (...) {
    wait_again();
    throw;
  }
  wait_again();
  if (waited) watcher->on_deferred();
}

}  // namespace upsun::http
