#include "http/net/epoll_set.hpp"

#include <sys/epoll.h>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <utility>

#include "http/net/context_end.hpp"

namespace asio = boost::asio;

namespace upsun::http {
namespace {

constexpr std::uint32_t edges_of_a_socket = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t end_of_a_socket = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

[[noreturn]] void refuse(int number) {
  throw boost::system::system_error(number, boost::system::system_category(), "epoll");
}

int make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) refuse(errno);
  return fd;
}

epoll_event event_of(watch_id id) noexcept {
  return {.events = edges_of_a_socket, .data = {.u64 = static_cast<std::uint64_t>(id)}};
}

const asio::io_context* context_of(const asio::any_io_executor& executor) {
  const auto* plain = executor.target<asio::io_context::executor_type>();
  return plain != nullptr ? &asio::query(*plain, asio::execution::context) : nullptr;
}

}  // namespace

epoll_set::epoll_set(const asio::any_io_executor& executor,
                     duration (*pace)(const poll_outcome&) noexcept)
    : executor_(executor),
      context_(context_of(executor)),
      pace_(pace),
      sockets_(make_epoll()),
      wake_up_(executor, make_epoll()),
      pause_(executor) {
  epoll_event event{};
  if (::epoll_ctl(wake_up_.native_handle(), EPOLL_CTL_ADD, sockets_.get(), &event) != 0)
    refuse(errno);
}

watch_id epoll_set::add(int fd, std::weak_ptr<socket_watcher> watcher) {
  const std::scoped_lock lock(mutex_);
  const auto at = watched_.insert({.fd = fd, .watcher = std::move(watcher)});
  const watch_id id = watched_.id(at);
  epoll_event event = event_of(id);
  if (::epoll_ctl(sockets_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    const int reason = errno;
    watched_[at] = {};
    watched_.erase(at);
    refuse(reason);
  }
  ++size_;
  if (first_ == last_) wait();
  return id;
}

void epoll_set::remove(watch_id id) {
  const std::scoped_lock lock(mutex_);
  const auto at = watched_.find(id);
  if (at == watched_.none) return;
  epoll_event ignored{};
  ::epoll_ctl(sockets_.get(), EPOLL_CTL_DEL, watched_[at].fd, &ignored);
  watched_[at] = {};
  watched_.erase(at);
  if (--size_ != 0 || !waiting_) return;
  boost::system::error_code none;
  wake_up_.cancel(none);  // so that run() returns
  pause_.cancel();
}

void epoll_set::notify_again(watch_id id) {
  const std::scoped_lock lock(mutex_);
  rearm(id);
}

void epoll_set::rearm(watch_id id) noexcept {
  epoll_event event = event_of(id);
  if (const auto at = watched_.find(id); at != watched_.none)
    ::epoll_ctl(sockets_.get(), EPOLL_CTL_MOD, watched_[at].fd, &event);
}

void epoll_set::disown() noexcept {
  decltype(watched_) forgotten;  // destroyed without the lock
  const std::scoped_lock lock(mutex_);
  std::swap(watched_, forgotten);
  size_ = first_ = last_ = 0;
  sockets_.reset();
  close_own(wake_up_);
  pause_.cancel();
}

bool epoll_set::defer(watch_id id) {
  const std::scoped_lock lock(mutex_);
  return append_deferred(id, false);
}

bool epoll_set::append_deferred(watch_id id, bool reports) noexcept {
  if (first_ == last_ || last_ == ready_.size()) return false;
  ready_[last_++] = {.id = id, .ended = false, .deferred = true, .reports = reports};
  return true;
}

void epoll_set::wait() {
  if (waiting_ || size_ == 0) return;
  auto over = [self = shared_from_this()](const boost::system::error_code&) {
    self->on_wait_over();
  };
  const duration pause = pace_(std::exchange(last_poll_, {}));
  set_wake_up(pause == duration());
  if (pause == duration()) {
    wake_up_.async_wait(asio::posix::stream_descriptor::wait_read, std::move(over));
  } else {
    pause_.expires_after(pause);
    pause_.async_wait(std::move(over));
  }
  waiting_ = true;  // not before: there may be no memory
}

/// While it is on, each edge wakes a thread that waits in Asio, even when nobody waits for the set.
void epoll_set::set_wake_up(bool on) noexcept {
  if (on == wake_up_is_on_) return;
  wake_up_is_on_ = on;
  epoll_event event{.events = on ? EPOLLIN : 0U, .data = {}};
  ::epoll_ctl(wake_up_.native_handle(), EPOLL_CTL_MOD, sockets_.get(), &event);
}

void epoll_set::on_wait_over() {
  {
    const std::scoped_lock lock(mutex_);
    waiting_ = false;
    poll();
    if (first_ == last_) return wait();
  }
  notify_each();
}

void epoll_set::poll() noexcept {
  std::array<epoll_event, batch> events;
  const int count = ::epoll_wait(sockets_.get(), events.data(), static_cast<int>(events.size()), 0);
  first_ = last_ = 0;
  last_poll_ = {.watched = size_, .full = count == static_cast<int>(events.size())};
  for (int i = 0; i < count; ++i) {
    const auto& [what, data] = events[static_cast<std::size_t>(i)];
    ready_[last_++] = {
        .id = watch_id{data.u64}, .ended = (what & end_of_a_socket) != 0, .deferred = false};
  }
}

/// A watcher may take its time, or throw: before it is notified, another thread has been asked to
/// go on with what is left, or to wait for more.
void epoll_set::notify_each() {
  notification next{};
  std::shared_ptr<socket_watcher> watcher;
  std::optional<duration> waited;  // its watcher completed a response
  bool called_handler = false;     // it may have; which may have stopped the context
  for (;;) {
    // Released without the lock, which its destructor takes.
    std::shared_ptr<socket_watcher> last = std::exchange(watcher, nullptr);
    {
      const std::scoped_lock lock(mutex_);
      if (waited) last_poll_.note_response(*waited);
      if (waited && !append_deferred(next.id, true)) {
        next.deferred = true;  // at once
        watcher = std::move(last);
      } else {
        if (first_ == last_) return;
        const bool writes = ready_[first_].deferred && !ready_[first_].reports;
        if (called_handler && !writes && context_stopped()) return share_the_rest();
        next = ready_[first_++];
        first_ == last_ ? wait() : share_the_rest();
        if (const auto at = watched_.find(next.id); at != watched_.none)
          watcher = watched_[at].watcher.lock();
      }
      waited.reset();
    }
    last.reset();
    if (!watcher) continue;
    try {
      next.deferred ? watcher->on_deferred() : (void)(waited = watcher->on_ready(next.ended));
      called_handler = !waited;
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!shared_) rearm_the_rest();
      throw;
    }
  }
}

bool epoll_set::context_stopped() const { return context_ != nullptr && context_->stopped(); }

void epoll_set::share_the_rest() {
  if (shared_) return;
  asio::post(executor_, [self = shared_from_this()] {
    {
      const std::scoped_lock lock(self->mutex_);
      self->shared_ = false;
    }
    self->notify_each();
  });
  shared_ = true;
}

/// The system will notify again what was not notified.
void epoll_set::rearm_the_rest() {
  for (; first_ != last_; ++first_) rearm(ready_[first_].id);
  wait();
}

}  // namespace upsun::http
