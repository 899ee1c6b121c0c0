#include "http/net/epoll_set.hpp"

#include <sys/epoll.h>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <utility>

namespace asio = boost::asio;

namespace upsun::http {
namespace {

constexpr std::uint32_t edges_of_a_socket = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t end_of_a_socket = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

[[noreturn]] void refuse(int number) {
  if (number == ENOMEM || number == ENOSPC) throw std::bad_alloc();
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

}  // namespace

template <class T>
struct epoll_set::wait_allocator {
  using value_type = T;

  explicit wait_allocator(wait_memory& memory) noexcept : from(&memory) {}
  template <class Other>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators convert
  wait_allocator(const wait_allocator<Other>& other) noexcept : from(other.from) {}

  T* allocate(std::size_t count) { return static_cast<T*>(from->take(count * sizeof(T))); }
  void deallocate(T* taken, std::size_t) noexcept { from->give(taken); }
  template <class Other>
  bool operator==(const wait_allocator<Other>& other) const noexcept {
    return from == other.from;
  }

  wait_memory* from;
};

struct epoll_set::on_wait_over {
  using allocator_type = wait_allocator<std::byte>;

  [[nodiscard]] allocator_type get_allocator() const noexcept {
    return allocator_type(set->wait_memory_);
  }
  void operator()(const boost::system::error_code&) const { set->wait_over(); }

  const std::shared_ptr<epoll_set> set;  // Asio asks one that it moved from for its allocator, when
                                         // a wait that takes memory fails
};

epoll_set::epoll_set(const asio::any_io_executor& executor,
                     duration (*pace)(const look_outcome&) noexcept)
    : executor_(executor),
      pace_(pace),
      sockets_(make_epoll()),
      gate_(executor, make_epoll()),
      pause_(executor) {
  epoll_event event{};
  if (::epoll_ctl(gate_.native_handle(), EPOLL_CTL_ADD, sockets_.get(), &event) != 0) refuse(errno);
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

void epoll_set::remove(watch_id id) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto at = watched_.find(id);
  if (at == watched_.none) return;
  epoll_event ignored{};
  ::epoll_ctl(sockets_.get(), EPOLL_CTL_DEL, watched_[at].fd, &ignored);
  watched_[at] = {};
  watched_.erase(at);
  if (--size_ != 0 || !waiting_) return;
  boost::system::error_code none;
  gate_.cancel(none);  // so that run() returns
  pause_.cancel();
}

bool epoll_set::ask_for_turn(watch_id id) noexcept {
  const std::scoped_lock lock(mutex_);
  return append_turn(id);
}

bool epoll_set::append_turn(watch_id id) noexcept {
  if (first_ == last_ || last_ == edges_.size()) return false;
  edges_[last_++] = {.id = id, .ended = false, .asked = true};
  return true;
}

void epoll_set::wait() noexcept {
  if (waiting_ || size_ == 0) return;
  waiting_ = true;
  if (const duration length = pace_(std::exchange(last_look_, {}));
      length > duration() && pause(length))
    return;
  turn_gate(true);
  gate_.async_wait(asio::posix::stream_descriptor::wait_read, on_wait_over{shared_from_this()});
}

/// False when memory runs out: Asio keeps a list of timers.
bool epoll_set::pause(duration length) noexcept {
  try {
    pause_.expires_after(length);
    pause_.async_wait(on_wait_over{shared_from_this()});
    turn_gate(false);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

/// Through an open gate each edge wakes a thread that waits in Asio, even when nobody waits for the
/// set.
void epoll_set::turn_gate(bool open) noexcept {
  if (open == gate_is_open_) return;
  gate_is_open_ = open;
  epoll_event event{.events = open ? EPOLLIN : 0U, .data = {}};
  ::epoll_ctl(gate_.native_handle(), EPOLL_CTL_MOD, sockets_.get(), &event);
}

void epoll_set::wait_over() {
  {
    const std::scoped_lock lock(mutex_);
    waiting_ = false;
    harvest();
    if (first_ == last_) return wait();
  }
  tell_each();
}

void epoll_set::harvest() noexcept {
  std::array<epoll_event, batch> events;
  const int count = ::epoll_wait(sockets_.get(), events.data(), static_cast<int>(events.size()), 0);
  first_ = last_ = 0;
  last_look_ = {.watched = size_, .full = count == static_cast<int>(events.size())};
  for (int i = 0; i < count; ++i) {
    const auto& [what, data] = events[static_cast<std::size_t>(i)];
    edges_[last_++] = {
        .id = watch_id{data.u64}, .ended = (what & end_of_a_socket) != 0, .asked = false};
  }
}

/// A watcher may take its time, or throw: before it is told, somebody else has been asked to go on
/// with what is left, or to wait for more.
void epoll_set::tell_each() {
  edge next{};
  std::shared_ptr<socket_watcher> watcher;
  std::optional<duration> answer_took;  // its watcher wants a turn
  for (;;) {
    std::shared_ptr<socket_watcher> last =
        std::exchange(watcher, nullptr);  // let go without the lock, which its end takes
    {
      const std::scoped_lock lock(mutex_);
      if (answer_took) last_look_.note_answer(*answer_took);
      if (answer_took && !append_turn(next.id)) {
        next.asked = true;  // at once
        watcher = std::move(last);
      } else {
        if (first_ == last_) return;
        next = edges_[first_++];
        first_ == last_ ? wait() : help_soon();
        if (const auto at = watched_.find(next.id); at != watched_.none)
          watcher = watched_[at].watcher.lock();
      }
      answer_took.reset();
    }
    last.reset();
    if (!watcher) continue;
    try {
      next.asked ? watcher->on_turn() : (void)(answer_took = watcher->on_edge(next.ended));
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!help_comes_) give_back();
      throw;
    }
  }
}

/// Without memory nobody helps.
void epoll_set::help_soon() noexcept {
  if (help_comes_) return;
  try {
    asio::post(executor_, [self = shared_from_this()] { self->help(); });
    help_comes_ = true;
  } catch (const std::bad_alloc&) {
  }
}

void epoll_set::help() {
  {
    const std::scoped_lock lock(mutex_);
    help_comes_ = false;
  }
  tell_each();
}

/// Has the system tell once more what was not told.
void epoll_set::give_back() noexcept {
  for (; first_ != last_; ++first_) {
    const watch_id id = edges_[first_].id;
    epoll_event event = event_of(id);
    if (const auto at = watched_.find(id); at != watched_.none)
      ::epoll_ctl(sockets_.get(), EPOLL_CTL_MOD, watched_[at].fd, &event);
  }
  wait();
}

}  // namespace upsun::http
