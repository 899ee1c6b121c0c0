#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <optional>

#include "http/net/pacing.hpp"
#include "util/slot_list.hpp"
#include "util/unique_fd.hpp"

namespace upsun::http {

/// Who is told about a socket.
class socket_watcher {
 public:
  /// The socket became readable or writable, or might have. What it offers has to be taken to its
  /// last byte: it is not told again of what was left. \param ended the peer has shut its side, or
  /// the socket failed: behind the last byte there is an end to be read. \return how long an answer
  /// that was completed had been under way: of that, somebody is to be told at a turn. Nothing when
  /// no turn is wanted.
  virtual std::optional<duration> on_edge(bool ended) = 0;
  /// Its turn has come, for which it asked, or which `on_edge` wanted. There may be turns that
  /// nobody wants any more.
  virtual void on_turn() = 0;

 protected:
  ~socket_watcher() = default;
};

enum class watch_id : std::uint64_t {};

/// Watches sockets, each registered once for as long as it lives and edge-triggered. Asio registers
/// a socket anew for each wait, which is a system call; here it waits for the set as a whole, once
/// for all that is ready, or pauses before it looks again. Watchers are told on the executor, by as
/// many threads as are free to.
///
/// While a socket is watched, the set is work to the execution context.
///
/// Memory: only `add` takes some.
///
/// Thread safety: every member may be called from any thread. Its lock is held inside those of
/// others, and never while a watcher is told.
class epoll_set : public std::enable_shared_from_this<epoll_set> {
 public:
  /// \param pace how long to pause before the next look
  /// \throws boost::system::system_error when there is no descriptor left
  explicit epoll_set(const boost::asio::any_io_executor& executor,
                     duration (*pace)(const look_outcome&) noexcept = pause_after);

  [[nodiscard]] const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  /// Watches `fd`, of which the first edge tells at once. The watcher is not kept alive.
  /// \throws std::bad_alloc \throws boost::system::system_error when the system refuses
  watch_id add(int fd, std::weak_ptr<socket_watcher> watcher);
  /// Has its watcher told once those are that were to be told before. What many have to do is then
  /// done by one after the other, while the processor's caches hold what it takes. False, and
  /// nothing comes of it, when nobody else is to be told now, or too many have asked.
  [[nodiscard]] bool ask_for_turn(watch_id id) noexcept;
  /// Its watcher is not told any more, unless that has begun. Before `fd` is closed.
  void remove(watch_id id) noexcept;

 private:
  /// The memory of the one wait that there is at a time, so that waiting cannot fail.
  class wait_memory {
   public:
    void* take(std::size_t size) {
      if (size > sizeof(bytes_)) return ::operator new(size);
      return bytes_;
    }
    void give(void* taken) noexcept {
      if (taken != bytes_) ::operator delete(taken);
    }

   private:
    alignas(std::max_align_t)
        std::byte bytes_[256];  // NOLINT(modernize-avoid-c-arrays): left uninitialised on purpose
  };
  template <class T>
  struct wait_allocator;
  struct on_wait_over;

  struct watched {
    int fd = -1;
    std::weak_ptr<socket_watcher> watcher;
  };
  struct edge {
    watch_id id;
    bool ended;
    bool asked;  // for a turn: it is no edge
  };

  [[nodiscard]] bool append_turn(watch_id id) noexcept;
  void wait() noexcept;
  [[nodiscard]] bool pause(duration length) noexcept;
  void turn_gate(bool open) noexcept;
  void wait_over();
  void harvest() noexcept;
  void tell_each();
  void help_soon() noexcept;
  void help();
  void give_back() noexcept;

  const boost::asio::any_io_executor executor_;
  duration (*const pace_)(const look_outcome&) noexcept;
  std::mutex mutex_;
  util::unique_fd sockets_;                     // the set proper
  boost::asio::posix::stream_descriptor gate_;  // what Asio waits for: a set of nothing but the set
                                                // proper, and not even that during a pause
  boost::asio::steady_timer pause_;
  util::slot_list<watch_id, watched> watched_;
  std::size_t size_ = 0;
  static constexpr std::size_t batch = 16;
  std::array<edge, 3 * batch> edges_;  // a batch, and turns to tell of its answers and to write;
                                       // those from first_ to last_ are still to be told
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  look_outcome last_look_;
  bool waiting_ = false;  // for a socket, or for the end of a pause
  bool gate_is_open_ = false;
  bool help_comes_ = false;
  wait_memory wait_memory_;
};

}  // namespace upsun::http
